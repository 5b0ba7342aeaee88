//! Topics with places to fill, as profiles write them, and the concrete patterns that come of them.
//!
//! `{name}` is filled from the sensor's topic and options; in the topic of a rule, a name that is neither captures one level,
//! and `{name...}` captures the whole rest, because names of Zigbee2MQTT devices contain `/`.

use std::collections::BTreeMap;
use std::fmt;

/// Values for the places of a template; a list yields one topic per value, an empty list yields none.
pub(super) type Fillings = BTreeMap<String, Vec<String>>;

/// A topic with places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Template(Vec<Part>);

/// A part of a topic with places.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Part {
    /// As it stands.
    Text(String),
    /// `{name}`
    Place(String),
    /// `{name...}`
    Tail(String),
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Place(name) => write!(f, "{{{name}}}"),
            Part::Tail(name) => write!(f, "{{{name}...}}"),
        })
    }
}

impl Template {
    /// Reads `text`; the error is a sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("\"{text}\" has a {{ without its }}"))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(place(name).ok_or_else(|| format!("{{{name}}} in \"{text}\" is no name of a place"))?);
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        if rest.contains('}') || parts.is_empty() {
            return Err(format!("\"{text}\" is no topic"));
        }
        Ok(Self(parts))
    }

    /// Its parts, in order.
    pub(super) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Names of its places, in order.
    pub(super) fn places(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Place(name) | Part::Tail(name) => Some(name.as_str()),
        })
    }

    /// Whether it is the sensor's own topic and nothing else.
    pub(super) fn is_own_topic(&self) -> bool {
        matches!(self.0.as_slice(), [Part::Place(name)] if name == "topic")
    }

    /// Whether a tail stands in it.
    pub(super) fn has_tail(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Tail(_)))
    }

    /// Every text that filling yields, each with the values that were used; places without filling stay as captures.
    pub(super) fn fill(&self, fillings: &Fillings) -> Vec<Filled> {
        let mut all = vec![Filled::default()];
        for part in &self.0 {
            all = match part {
                Part::Text(text) => all.into_iter().map(|filled| filled.with_text(text)).collect(),
                Part::Tail(name) => all.into_iter().map(|filled| filled.with_capture(name, TAIL)).collect(),
                Part::Place(name) => match fillings.get(name) {
                    None => all.into_iter().map(|filled| filled.with_capture(name, CAPTURE)).collect(),
                    Some(values) => {
                        all.iter().flat_map(|f| values.iter().map(|value| f.clone().with_value(name, value))).collect()
                    }
                },
            };
        }
        all
    }
}

fn place(name: &str) -> Option<Part> {
    let plain = |name: &str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    };
    match name.strip_suffix("...") {
        Some(tail) => plain(tail).then(|| Part::Tail(tail.to_owned())),
        None => plain(name).then(|| Part::Place(name.to_owned())),
    }
}

/// Stand-ins for captures while a template is filled: [`is_topic_text`] keeps control characters out of every value.
const CAPTURE: char = '\u{1}';
const TAIL: char = '\u{2}';

/// One way to fill a template.
#[derive(Clone, Default, Debug)]
pub(super) struct Filled {
    text: String,
    /// Name of each place with its value; `None` where it captures.
    pub(super) places: Vec<(String, Option<String>)>,
}

impl Filled {
    fn with_text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    fn with_value(mut self, name: &str, value: &str) -> Self {
        self.text.push_str(value);
        self.places.push((name.to_owned(), Some(value.to_owned())));
        self
    }

    fn with_capture(mut self, name: &str, mark: char) -> Self {
        self.text.push(mark);
        self.places.push((name.to_owned(), None));
        self
    }

    /// The text; only for templates that capture nothing.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The pattern.
    pub(super) fn pattern(&self) -> Pattern {
        Pattern::of(&self.text)
    }

    /// The pattern, in which a `*` stands for any part of one level: what must not be read may hide within a name.
    pub(super) fn rejection(&self) -> Pattern {
        Pattern::parse(&self.text, true)
    }

    /// The MQTT filter: every level that captures is a `+`.
    pub(super) fn filter(&self) -> String {
        let wild = |level: &str| level.contains([CAPTURE, TAIL]);
        let levels = self.text.split('/').map(|level| if wild(level) { "+" } else { level });
        levels.collect::<Vec<_>>().join("/")
    }
}

/// Whether `text` may stand in a topic: not empty, no wildcard, no control character (MQTT 3.1.1 §4.7).
pub(super) fn is_topic_text(text: &str) -> bool {
    !text.is_empty() && text.len() <= TOPIC_MAX_BYTES && !text.chars().any(|c| c.is_control() || c == '+' || c == '#')
}

/// Longest topic accepted from a configuration, in bytes: brokers limit topics to some kilobytes, devices to a few hundred.
pub(super) const TOPIC_MAX_BYTES: usize = 512;

/// What topics are compared with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Pattern(Vec<Level>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Level {
    Exact(String),
    Any,
    Capture,
    /// A captured part between two texts.
    Within(String, String),
    /// Texts in this order, with anything between them.
    Glob(Vec<String>),
    /// The rest, at least one level.
    Tail,
    /// `#`: the rest, the parent included.
    Rest,
}

impl Pattern {
    /// Reads an MQTT filter or a filled template.
    pub(super) fn of(filter: &str) -> Self {
        Self::parse(filter, false)
    }

    fn parse(filter: &str, globs: bool) -> Self {
        let level = |level: &str| match (level, level.split_once(CAPTURE)) {
            ("+", _) => Level::Any,
            ("#", _) => Level::Rest,
            ("\u{1}", _) => Level::Capture,
            ("\u{2}", _) => Level::Tail,
            (_, Some((before, after))) => Level::Within(before.to_owned(), after.to_owned()),
            (text, None) if globs && text.contains('*') => Level::Glob(text.split('*').map(str::to_owned).collect()),
            (text, None) => Level::Exact(text.to_owned()),
        };
        Self(filter.split('/').map(level).collect())
    }

    /// Whether who listens to `asked` asks for what this pattern describes. Where the pattern leaves a name open, a word of the
    /// asker's own protocol is no answer: `+/sensors/+/state` does not ask for `server/+/pictures/#`, although a camera
    /// could be called "sensors".
    pub(super) fn is_asked_for(&self, asked: &[Asked]) -> bool {
        asked_for(&self.0, asked)
    }

    /// Whether `topic` fits.
    pub(super) fn matches(&self, topic: &str) -> bool {
        self.capture(topic, |_| {})
    }

    /// Whether `topic` fits; `captured` is told each captured part, in order, as far as it fits.
    pub(super) fn capture<'t>(&self, topic: &'t str, mut captured: impl FnMut(&'t str)) -> bool {
        let mut rest = Some(topic);
        for level in &self.0 {
            if *level == Level::Rest {
                return true;
            }
            let Some(text) = rest else { return false };
            if *level == Level::Tail {
                captured(text);
                return true;
            }
            let (here, after) = text.split_once('/').map_or((text, None), |(here, after)| (here, Some(after)));
            match level {
                Level::Exact(exact) if exact != here => return false,
                Level::Glob(texts) if !glob(texts, here) => return false,
                Level::Capture => captured(here),
                Level::Within(before, after) => match within(before, after, here) {
                    Some(part) => captured(part),
                    None => return false,
                },
                Level::Exact(_) | Level::Any | Level::Glob(_) | Level::Tail | Level::Rest => {}
            }
            rest = after;
        }
        rest.is_none()
    }
}

/// The part of `text` between `before` and `after`, at least one character.
fn within<'t>(before: &str, after: &str, text: &'t str) -> Option<&'t str> {
    text.strip_prefix(before)?.strip_suffix(after).filter(|part| !part.is_empty())
}

fn glob(texts: &[String], level: &str) -> bool {
    let Some((first, rest)) = texts.split_first() else { return level.is_empty() };
    let Some(mut left) = level.strip_prefix(first.as_str()) else { return false };
    let Some((last, between)) = rest.split_last() else { return left.is_empty() };
    for text in between {
        let Some(at) = left.find(text.as_str()) else { return false };
        left = &left[at + text.len()..];
    }
    left.ends_with(last.as_str())
}

/// One level of a filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Asked {
    /// `+`, `#` or a text.
    pub(super) level: String,
    /// Whether it is a fixed word, not a name that somebody gave.
    pub(super) word: bool,
}

impl Asked {
    /// The levels of a filter that somebody wrote: every text in it may be a name.
    pub(super) fn of(filter: &str) -> Vec<Self> {
        filter.split('/').map(|level| Self { level: level.to_owned(), word: false }).collect()
    }
}

fn asked_for(pattern: &[Level], asked: &[Asked]) -> bool {
    match (pattern.split_first(), asked.split_first()) {
        (_, Some((Asked { level, .. }, _))) if level == "#" => true,
        (Some((Level::Rest, _)), _) => asked.iter().all(|asked| !asked.word),
        (Some((Level::Tail, _)), Some(_)) => asked.iter().all(|asked| !asked.word),
        (None, None) => true,
        (None, Some(_)) | (Some(_), None) => false,
        (Some((described, pattern)), Some((Asked { level, word }, asked))) => {
            let fits = match described {
                Level::Any | Level::Capture | Level::Rest | Level::Tail => !word,
                Level::Exact(text) => level == "+" || level == text,
                Level::Glob(texts) => level == "+" || glob(texts, level),
                Level::Within(before, after) => level == "+" || within(before, after, level).is_some(),
            };
            fits && asked_for(pattern, asked)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_within_a_level_captures_what_stands_there() {
        let pattern = Template::parse("{topic}/Device1Scenario{n}").unwrap().fill(&fillings(&[("topic", &["axis"])]));
        let mut captured = Vec::new();
        assert!(pattern[0].pattern().capture("axis/Device1Scenario12", |part| captured.push(part)));
        assert_eq!(captured, ["12"]);
        for other in ["axis/Device1Scenario", "axis/Device2Scenario1", "axis/Device1Scenario1/x"] {
            assert!(!pattern[0].pattern().matches(other), "{other}");
        }
        assert_eq!(pattern[0].filter(), "axis/+");
    }

    #[test]
    fn a_star_in_a_rejection_stands_for_any_part_of_a_level() {
        let rejection = Template::parse("v/+/*_face_*/state").unwrap().fill(&Fillings::new())[0].rejection();
        for (topic, fits) in [
            ("v/binary_sensor/porch_face_detected_a/state", true),
            ("v/binary_sensor/_face_/state", true),
            ("v/binary_sensor/porch_object_detected/state", false),
            ("v/binary_sensor/porch_face/state", false),
            ("v/x/a_face_b/c/state", false),
        ] {
            assert_eq!(rejection.matches(topic), fits, "{topic}");
        }
    }

    #[test]
    fn who_listens_asks_for_what_could_come_except_by_a_strange_name() {
        for (filter, private, asked) in [
            ("+/+", "frigate/events", true),
            ("frigate/+/PERSON", "frigate/events", false),
            ("+/BINARY_SENSOR/+/STATE", "v/BINARY_SENSOR/*_face_*/STATE", true),
            ("v/BINARY_SENSOR/DOOR_OPEN/STATE", "v/BINARY_SENSOR/*_face_*/STATE", false),
            ("v/BINARY_SENSOR/A_face_B/STATE", "v/BINARY_SENSOR/*_face_*/STATE", true),
            ("+/SENSOR/+/STATE", "v/BINARY_SENSOR/*_face_*/STATE", false),
            ("+/SENSORS/+/STATE", "frigate/+/CLASSIFICATION/+", false),
            ("+/+/EVENT/CONNECTION", "amcrest/vision/#", false),
            ("amcrest/+/+", "amcrest/vision/#", true),
            ("a/#", "a/b/c", true),
            ("a/b", "a/#", true),
            ("a/b/c", "a/+", false),
            ("+/X", "+/Y", false),
        ] {
            // Capitals are words of a protocol, the rest is names.
            let word = |level: &str| level.chars().any(char::is_uppercase);
            let levels = filter.split('/').map(|level| Asked { level: level.to_owned(), word: word(level) });
            let levels: Vec<_> = levels.collect();
            assert_eq!(Pattern::parse(private, true).is_asked_for(&levels), asked, "{filter} {private}");
        }
    }

    fn fillings(pairs: &[(&str, &[&str])]) -> Fillings {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), v.iter().map(|s| (*s).to_owned()).collect())).collect()
    }

    #[test]
    fn a_list_yields_one_topic_per_value_and_an_empty_list_none() {
        let template = Template::parse("{topic}/sensor/{entity}/state").unwrap();
        let texts = |entities: &[&str]| {
            let filled = template.fill(&fillings(&[("topic", &["a/b"]), ("entity", entities)]));
            filled.into_iter().map(Filled::into_text).collect::<Vec<_>>()
        };
        assert_eq!(texts(&["x", "y"]), ["a/b/sensor/x/state", "a/b/sensor/y/state"]);
        assert!(texts(&[]).is_empty());
    }

    #[test]
    fn a_tail_takes_a_name_with_slashes_whole() {
        let template = Template::parse("{base}/{device...}").unwrap();
        let pattern = template.fill(&fillings(&[("base", &["zb6"])]))[0].pattern();
        let mut captured = Vec::new();
        assert!(pattern.capture("zb6/h6/T1", |part| captured.push(part)));
        assert_eq!(captured, ["h6/T1"]);
        assert!(!pattern.matches("zb6"));
        assert!(!pattern.matches("zb7/h6"));
    }

    #[test]
    fn filters_match_as_mqtt_says() {
        for (filter, topic, fits) in [
            ("a/+/c", "a/b/c", true),
            ("a/+/c", "a/b/d", false),
            ("a/+", "a", false),
            ("a/#", "a", true),
            ("a/#", "a/b/c", true),
            ("a", "a/", false),
            ("a//b", "a//b", true),
            ("", "", true),
        ] {
            assert_eq!(Pattern::of(filter).matches(topic), fits, "{filter} {topic}");
        }
    }

    #[test]
    fn broken_templates_are_told() {
        for text in ["", "a/{", "a/{}", "a/{B}", "a/x}", "{a b}"] {
            assert!(Template::parse(text).is_err(), "{text}");
        }
    }
}
