//! Recognises devices by what they say on topics that carry no pictures, names or plates.
//!
//! Every profile may say by which topics its family is recognised. Only these are listened to, and none of them if it could bring
//! a topic that any profile refuses for the sake of privacy. Pure: topics and payloads are handed in, filters come out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::binding::{Binding, OptionValue};
use super::catalog::Catalogue;
use super::decode::Decoded;
use super::options::{self, Settled};
use super::profile::Profile;
use super::recognise::{Proposal, Recognised, proposals};
use super::template::{Asked, Fillings, Pattern, Template, is_topic_text};
use crate::domain::activity::{ActivityKind, SensorClass};

/// Most sensors that are proposed: a shop has dozens, a wrong broker has thousands.
pub const FOUND_MAX: usize = 256;

/// Most filters that are listened to at a time: a few for each family and for each server found.
const LISTENED_MAX: usize = 1024;

/// A sensor that may be configured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// Name of its profile.
    pub profile: String,
    /// Its family in words.
    pub title: String,
    /// Its topic.
    pub topic: String,
    /// Its options.
    pub options: BTreeMap<String, OptionValue>,
    /// What it can serve.
    pub activity: ActivityKind,
    /// What kind of sensor it is.
    pub class: SensorClass,
    /// What the technician should know.
    pub note: Option<String>,
    /// Messages that said something.
    pub heard: u64,
    /// Messages that were refused, by reason.
    pub refused: BTreeMap<&'static str, u64>,
}

/// What was left alone, and why.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Spared {
    /// A device of this family is here: it also has topics that carry pictures, names, plates or passwords.
    Private {
        /// Name of the profile.
        profile: String,
        /// What is never subscribed.
        filter: String,
    },
    /// A filter that could bring such topics was not listened to.
    NotListened {
        /// Name of the profile that asked for it; none if a technician did.
        profile: Option<String>,
        /// The filter.
        filter: String,
        /// What it could have brought.
        because: String,
    },
    /// What a technician asked for is no topic filter.
    NoFilter {
        /// What it is.
        filter: String,
    },
    /// A message came on such a topic all the same and was dropped unread.
    Dropped {
        /// What is never subscribed; the topic itself may hold a name.
        filter: String,
    },
    /// More sensors than are proposed.
    TooMany,
}

/// Who is here.
pub struct Discovery {
    profiles: Vec<Arc<Profile>>,
    listening: Vec<Listening>,
    /// What a technician pointed at.
    pointed: Vec<(String, Pattern)>,
    private: Vec<Private>,
    known: BTreeSet<(String, String)>,
    found: Vec<(Found, Binding)>,
    spared: BTreeSet<Spared>,
}

/// One topic pattern by which a family is recognised.
struct Listening {
    profile: usize,
    entry: usize,
    pattern: Pattern,
    filter: String,
    /// Places of the topic: filled from the sensor's topic, or captured (`None`).
    places: Vec<(String, Option<String>)>,
}

/// What must never be listened to.
struct Private {
    pattern: Pattern,
    filter: String,
}

impl Discovery {
    /// Prepares to recognise the families of `catalogue`.
    #[must_use]
    pub fn new(catalogue: &Catalogue) -> Self {
        let profiles: Vec<_> = catalogue.names().into_iter().filter_map(|name| catalogue.get(name).cloned()).collect();
        let mut discovery = Self {
            listening: Vec::new(),
            pointed: Vec::new(),
            private: Vec::new(),
            known: BTreeSet::new(),
            found: Vec::new(),
            spared: BTreeSet::new(),
            profiles,
        };
        discovery.private = discovery.profiles.iter().flat_map(|profile| of_any_device(profile)).collect();
        for profile in 0..discovery.profiles.len() {
            discovery.listen(profile, &Fillings::new());
        }
        discovery
    }

    /// Listens to one more filter, for devices whose topics are free: there, families are recognised by the shape of a message.
    /// Gives whether it may be listened to.
    pub fn point(&mut self, filter: &str) -> bool {
        if !is_filter(filter) {
            self.spared.insert(Spared::NoFilter { filter: filter.to_owned() });
            return false;
        }
        let asked = Asked::of(filter);
        if asked.iter().any(|asked| asked.level == "#") {
            let (filter, because) = (filter.to_owned(), "any topic; name the levels, or write + for each".to_owned());
            self.spared.insert(Spared::NotListened { profile: None, filter, because });
            return false;
        }
        if let Some(private) = self.private.iter().find(|private| private.pattern.is_asked_for(&asked)) {
            let (filter, because) = (filter.to_owned(), private.filter.clone());
            self.spared.insert(Spared::NotListened { profile: None, filter, because });
            return false;
        }
        self.pointed.push((filter.to_owned(), Pattern::of(filter)));
        true
    }

    /// The filters to listen to; more may follow from what is heard.
    #[must_use]
    pub fn filters(&self) -> Vec<String> {
        let pointed = self.pointed.iter().map(|(filter, _)| filter);
        self.listening.iter().map(|listening| &listening.filter).chain(pointed).cloned().collect()
    }

    /// Takes in a message. Gives the filters that are to be listened to from now on, beside those before.
    pub fn hear(&mut self, topic: &str, payload: &[u8], replayed: bool) -> Vec<String> {
        if let Some(private) = self.private.iter().find(|private| private.pattern.matches(topic)) {
            self.spared.insert(Spared::Dropped { filter: private.filter.clone() });
            return Vec::new();
        }
        let before = self.listening.len();
        for n in 0..before {
            self.recognise(n, topic, payload);
        }
        if self.pointed.iter().any(|(_, pattern)| pattern.matches(topic)) {
            self.recognise_by_shape(topic, payload);
        }
        for (found, binding) in self.found.iter_mut().filter(|(_, binding)| binding.matches(topic)) {
            match binding.decode(topic, payload, replayed) {
                Decoded::Readings(_) => found.heard += 1,
                Decoded::Nothing => {}
                Decoded::Refused(refusal) => *found.refused.entry(refusal.word()).or_default() += 1,
            }
        }
        self.listening[before..].iter().map(|listening| listening.filter.clone()).collect()
    }

    /// What was found, in the order of profiles and topics, and what was left alone.
    #[must_use]
    pub fn finish(self) -> (Vec<Found>, Vec<Spared>) {
        let mut found: Vec<_> = self.found.into_iter().map(|(found, _)| found).collect();
        found.sort_by(|a, b| (&a.profile, &a.topic, &a.options).cmp(&(&b.profile, &b.topic, &b.options)));
        (found, self.spared.into_iter().collect())
    }

    fn recognise(&mut self, listening: usize, topic: &str, payload: &[u8]) {
        let Listening { profile, entry, pattern, places, .. } = &self.listening[listening];
        let mut captured = Vec::new();
        if !pattern.capture(topic, |text| captured.push(text.to_owned())) {
            return;
        }
        let (profile, entry) = (*profile, *entry);
        let mut captured = captured.into_iter();
        let filled = |(name, value): &(String, Option<String>)| {
            Some((name.clone(), vec![value.clone().or_else(|| captured.next())?]))
        };
        let Some(fillings) = places.iter().map(filled).collect::<Option<Fillings>>() else { return };
        self.ask(profile, entry, &fillings, payload);
    }

    fn recognise_by_shape(&mut self, topic: &str, payload: &[u8]) {
        let fillings = options::derived(topic);
        for profile in 0..self.profiles.len() {
            for entry in 0..self.profiles[profile].discover.len() {
                if self.profiles[profile].discover[entry].listen.is_own_topic() {
                    self.ask(profile, entry, &fillings, payload);
                }
            }
        }
    }

    /// Asks one entry of a profile what a message is.
    fn ask(&mut self, profile: usize, entry: usize, fillings: &Fillings, payload: &[u8]) {
        let family = Arc::clone(&self.profiles[profile]);
        let discover = &family.discover[entry];
        let Some(sensor) = discover.topic.fill(fillings).into_iter().next().map(super::template::Filled::into_text)
        else {
            return;
        };
        if !is_topic_text(&sensor) {
            return;
        }
        for recognised in proposals(discover, fillings, payload) {
            self.meet(profile, &sensor);
            if let Recognised::Sensor(proposal) = recognised {
                self.propose(&family, &sensor, proposal);
            }
        }
    }

    /// A sensor or server of the family is here: its own topics can be listened to, and its private ones are known.
    fn meet(&mut self, profile: usize, topic: &str) {
        let family = Arc::clone(&self.profiles[profile]);
        if self.known.len() >= FOUND_MAX * 2 || !self.known.insert((family.name.clone(), topic.to_owned())) {
            return;
        }
        self.listen(profile, &options::derived(topic));
    }

    fn propose(&mut self, family: &Arc<Profile>, topic: &str, proposal: Proposal) {
        let same = |(found, _): &(Found, Binding)| {
            found.profile == family.name && found.topic == topic && found.options == proposal.options
        };
        if self.found.iter().any(same) {
            return;
        }
        if self.found.len() >= FOUND_MAX {
            self.spared.insert(Spared::TooMany);
            return;
        }
        let Ok(binding) = Binding::new(family, topic, &proposal.options) else { return };
        for private in private(&binding) {
            self.spared.insert(Spared::Private { profile: family.name.clone(), filter: private.filter.clone() });
            if !self.private.iter().any(|known| known.filter == private.filter) {
                self.private.push(private);
            }
        }
        let Proposal { options, activity, class, note } = proposal;
        let found = Found {
            profile: family.name.clone(),
            title: family.title.clone(),
            topic: topic.to_owned(),
            options,
            activity,
            class,
            note,
            heard: 0,
            refused: BTreeMap::new(),
        };
        self.found.push((found, binding));
    }

    /// Listens to those topics of a family that `fillings` make known: none at first, then those of a topic that was met.
    fn listen(&mut self, profile: usize, fillings: &Fillings) {
        let family = Arc::clone(&self.profiles[profile]);
        for (entry, discover) in family.discover.iter().enumerate().filter(|(_, d)| !d.listen.is_own_topic()) {
            let waits = discover.listen.places().any(|place| options::DERIVED.contains(&place));
            if waits == fillings.is_empty() {
                continue;
            }
            for filled in discover.listen.fill(fillings) {
                let (pattern, filter) = (filled.pattern(), filled.filter());
                let asked = asked(&discover.listen, fillings);
                self.add(Listening { profile, entry, pattern, filter, places: filled.places }, &asked);
            }
        }
    }

    fn add(&mut self, listening: Listening, asked: &[Asked]) {
        if let Some(private) = self.private.iter().find(|private| private.pattern.is_asked_for(asked)) {
            self.spared.insert(Spared::NotListened {
                profile: Some(self.profiles[listening.profile].name.clone()),
                filter: listening.filter,
                because: private.filter.clone(),
            });
            return;
        }
        if self.listening.len() < LISTENED_MAX {
            self.listening.push(listening);
        }
    }
}

/// The levels of a filter, each with whether it is a word of the family's protocol or a name.
fn asked(listen: &Template, fillings: &Fillings) -> Vec<Asked> {
    let mut asked = Vec::new();
    for level in listen.to_string().split('/') {
        let template = Template::parse(level).ok();
        let word = template.as_ref().is_none_or(|template| template.places().next().is_none());
        let filled = template.and_then(|template| template.fill(fillings).into_iter().next());
        let text = filled.map_or_else(|| level.to_owned(), |filled| filled.filter());
        asked.extend(text.split('/').map(|level| Asked { level: level.to_owned(), word }));
    }
    asked
}

/// Whether a broker takes `filter`: it closes the connection on one that it does not (MQTT 3.1.1 §4.7.1).
fn is_filter(filter: &str) -> bool {
    let levels = filter.split('/').count();
    filter.split('/').enumerate().all(|(n, level)| match level {
        "+" => true,
        "#" => n + 1 == levels,
        text => text.is_empty() || is_topic_text(text),
    }) && !filter.is_empty()
}

/// What must never be listened to of any device of a family, whatever it is called: of the example's topic only the first level,
/// which is the family's own, is kept.
fn of_any_device(profile: &Profile) -> Vec<Private> {
    let Some(example) = &profile.example else { return Vec::new() };
    let Ok(mut settled) = Settled::new(profile, &example.topic, &example.options) else { return Vec::new() };
    let (first, rest) = example.topic.split_once('/').unwrap_or((&example.topic, ""));
    let open = rest.split('/').filter(|level| !level.is_empty()).map(|_| "+");
    let topic: Vec<&str> = std::iter::once(first).chain(open).collect();
    settled.fillings.extend(options::derived(&topic.join("/")));
    let filled = profile.reject.iter().flat_map(|template| template.fill(&settled.fillings));
    filled.map(|filled| Private { pattern: filled.rejection(), filter: filled.filter() }).collect()
}

fn private(binding: &Binding) -> Vec<Private> {
    binding
        .rejections()
        .map(|(filter, pattern)| Private { filter: filter.to_owned(), pattern: pattern.clone() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BRIDGE: &str = r#"title = "Bridge"
topic = "t"
subscribe = ["{topic}"]
reject = ["{parent}/secret/+", "{parent}/*_face_*"]
payload-limit = 100
[example]
topic = "b/door"
[[rule]]
topic = "{topic}"
retain = "state"
payload = "json"
readings = '{contact: {open: .open}}'
[[discover]]
listen = "{base}/bridge/state"
payload = "text"
topic = "{base}"
found = 'select(. == "up") | {}'
[[discover]]
listen = "{topic}/device/{device}"
payload = "json"
topic = "{topic}/device/{device}"
found = 'select(.open != null) | {options: {}, activity: "presence", class: "beam", note: "a door"}'
"#;

    fn discovery(profiles: &[(&str, &str)]) -> Discovery {
        let mut catalogue = Catalogue::empty();
        for (name, text) in profiles {
            catalogue.add(name, text).unwrap();
        }
        Discovery::new(&catalogue)
    }

    #[test]
    fn what_a_server_speaks_for_is_heard_once_the_server_is_known() {
        let mut discovery = discovery(&[("bridge.toml", BRIDGE)]);
        assert_eq!(discovery.filters(), ["+/bridge/state"]);
        assert_eq!(discovery.hear("b/device/1", br#"{"open":true}"#, false), [] as [&str; 0]);
        assert_eq!(discovery.hear("b/bridge/state", b"down", false), [] as [&str; 0]);
        assert_eq!(discovery.hear("b/bridge/state", b"up", true), ["b/device/+"]);
        assert_eq!(discovery.hear("b/bridge/state", b"up", true), [] as [&str; 0], "once is enough");
        discovery.hear("b/device/1", br#"{"open":true}"#, false);
        discovery.hear("b/device/1", b"{", false);
        discovery.hear("b/device/2", br#"{"color":1}"#, false);
        let (found, spared) = discovery.finish();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].topic.as_str(), found[0].note.as_deref()), ("b/device/1", Some("a door")));
        assert_eq!((found[0].heard, found[0].refused.get("malformed")), (1, Some(&1)));
        assert!(spared.contains(&Spared::Private { profile: "bridge".into(), filter: "b/device/*_face_*".into() }));
    }

    #[test]
    fn what_could_bring_pictures_or_names_is_not_listened_to() {
        let greedy =
            BRIDGE.replace("{base}/bridge/state", "{base}/secret/{thing}").replace("\"{base}\"", "\"{base}/x\"");
        let discovery = discovery(&[("bridge.toml", BRIDGE), ("greedy.toml", &greedy)]);
        assert_eq!(discovery.filters(), ["+/bridge/state"]);
        let (_, spared) = discovery.finish();
        let not_listened = Spared::NotListened {
            profile: Some("greedy".into()),
            filter: "+/secret/+".into(),
            because: "b/secret/+".into(),
        };
        assert_eq!(spared, [not_listened]);
    }

    #[test]
    fn a_private_topic_that_comes_all_the_same_is_dropped_unread_and_unnamed() {
        let mut discovery = discovery(&[("bridge.toml", BRIDGE)]);
        discovery.hear("b/alice_face_1", br#"{"open":true}"#, false);
        let (found, spared) = discovery.finish();
        assert!(found.is_empty());
        assert_eq!(spared, [Spared::Dropped { filter: "b/*_face_*".into() }]);
    }

    #[test]
    fn a_device_with_a_free_topic_is_recognised_where_a_technician_points() {
        let free = BRIDGE.replace("{base}/bridge/state", "{topic}").replace("\"{base}\"", "\"{topic}\"").replace(
            "'select(. == \"up\") | {}'",
            "'select(. == \"up\") | {options: {}, activity: \"presence\", class: \"beam\"}'",
        );
        let mut discovery = discovery(&[("free.toml", &free)]);
        assert_eq!(discovery.filters(), [] as [&str; 0]);
        discovery.hear("hall/x", b"up", false);
        assert!(discovery.point("hall/+"));
        assert_eq!(discovery.filters(), ["hall/+"]);
        assert!(!discovery.point("b/#"), "it could bring private topics");
        assert!(!discovery.point("hall/#"), "and so could this");
        assert!(!discovery.point("hall+"), "the broker would close the connection");
        discovery.hear("hall/x", b"up", false);
        assert_eq!(discovery.finish().0[0].topic, "hall/x");
    }

    #[test]
    fn sensors_beyond_the_limit_are_not_kept() {
        let free = BRIDGE
            .replace("{base}/bridge/state", "{base}/bridge/{any}")
            .replace("\"{base}\"", "\"{base}/door\"")
            .replace("'select(. == \"up\") | {}'", "'{options: {}, activity: \"presence\", class: \"beam\"}'");
        let mut discovery = discovery(&[("free.toml", &free)]);
        for n in 0..FOUND_MAX + 10 {
            discovery.hear(&format!("b{n}/bridge/x"), b"1", false);
        }
        assert!(discovery.filters().len() <= LISTENED_MAX);
        let (found, spared) = discovery.finish();
        assert_eq!(found.len(), FOUND_MAX);
        assert!(spared.contains(&Spared::TooMany));
    }
}
