//! No-break spaces where a good typesetter puts them, by the custom of each language.

use crate::domain::text::Language;

const NO_BREAK_SPACE: char = '\u{a0}';

/// One-letter words, small, that do not stand at the end of a line. From each language's own rules of typesetting, such as
/// ČSN 01 6910 for Czech; the others of the EU part such words freely.
const HELD_WORDS: &[(&str, &str)] = &[
    ("pl", "aiouwz"),
    ("uk", "авзійоуєя"),
    ("bg", "авиосуя"),
    ("cs", "aikosuvz"),
    ("hr", "aikosu"),
    ("sk", "aikosuvz"),
    ("sl", "ahkosvz"),
];

/// Languages that set a space before two-part marks and inside quotation marks (for French: Imprimerie nationale, *Lexique*).
const SPACED_MARKS: &[&str] = &["fr"];

/// Before these the space does not break, in a language with spaced marks.
const MARKS: [char; 5] = [';', ':', '!', '?', '»'];

/// Signs behind a number that are read with it, as units are.
const UNIT_SIGNS: [char; 4] = ['%', '‰', '°', '€'];

/// What may stand before a word and does not belong to it.
const OPENING: [char; 8] = ['(', '[', '"', '„', '“', '‚', '‘', '«'];

/// Sets `text` so that what is read together stays on one line: a one-letter word and the next, a number and its unit, a word
/// and the mark behind it. Setting it again changes nothing.
pub(super) fn typeset(language: Language, text: &str) -> String {
    let held = HELD_WORDS.iter().find(|(code, _)| *code == language.code()).map_or("", |(_, words)| words);
    let spaced = SPACED_MARKS.contains(&language.code());
    let text = if spaced { space_colons(text) } else { text.to_owned() };
    let mut out = String::with_capacity(text.len() + 8);
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        out.push_str(word);
        let Some(next) = words.peek() else { break };
        let stays = is_held(word, held) || is_measure(word, next) || (spaced && is_marked(word, next));
        out.push(if stays { NO_BREAK_SPACE } else { ' ' });
    }
    out
}

fn is_held(word: &str, held: &str) -> bool {
    let mut letters = last_word(word).trim_start_matches(OPENING).chars().flat_map(char::to_lowercase);
    letters.next().is_some_and(|letter| held.contains(letter)) && letters.next().is_none()
}

fn is_measure(word: &str, next: &str) -> bool {
    let number = last_word(word);
    let is_number = !number.is_empty() && number.len() <= 4 && number.bytes().all(|b| b.is_ascii_digit());
    is_number && next.starts_with(|c: char| c.is_alphabetic() || UNIT_SIGNS.contains(&c))
}

fn is_marked(word: &str, next: &str) -> bool {
    word.ends_with('«') || next.starts_with(MARKS)
}

/// What follows the last no-break space: a word that already holds on to another is judged by itself.
fn last_word(word: &str) -> &str {
    word.rsplit(NO_BREAK_SPACE).next().unwrap_or(word)
}

/// Puts the space before colons and semicolons, which come from headings as well as from sentences. Those inside a word, a time
/// or an address are left alone.
fn space_colons(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_word = letters.peek().is_none_or(|next| next.is_whitespace());
        let stands_alone = |before: char| !before.is_whitespace() && !is_colon(before);
        if is_colon(letter) && ends_word && (out.is_empty() || out.ends_with(stands_alone)) {
            out.push(NO_BREAK_SPACE);
        }
        out.push(letter);
    }
    out
}

fn is_colon(letter: char) -> bool {
    matches!(letter, ':' | ';')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What `text` becomes, with "_" for each no-break space.
    fn set(code: &str, text: &str) -> String {
        typeset(Language::parse(code).unwrap(), text).replace(NO_BREAK_SPACE, "_")
    }

    #[test]
    fn one_letter_words_hold_on_to_the_next() {
        for (code, text, expected) in [
            ("pl", "kot w worku i o 15 minut", "kot w_worku i_o_15_minut"),
            ("pl", "W sklepie (i obok) u nas z kodem", "W_sklepie (i_obok) u_nas z_kodem"),
            ("cs", "v obchodě k pokladně a s kódem", "v_obchodě k_pokladně a_s_kódem"),
            ("sk", "v obchode, z kamery, u obsluhy", "v_obchode, z_kamery, u_obsluhy"),
            ("hr", "osoblje i kamera u trgovini", "osoblje i_kamera u_trgovini"),
            ("sl", "v trgovini z osebjem", "v_trgovini z_osebjem"),
            ("uk", "у магазині й з камери", "у_магазині й_з_камери"),
            ("bg", "в магазина и с камера", "в_магазина и_с_камера"),
        ] {
            assert_eq!(set(code, text), expected, "{code}");
        }
    }

    #[test]
    fn languages_without_that_custom_part_one_letter_words() {
        for (code, text) in
            [("en", "a cat"), ("it", "a casa e fuori"), ("es", "ir a casa y volver"), ("sv", "i butiken")]
        {
            assert_eq!(set(code, text), text);
        }
    }

    #[test]
    fn a_number_and_its_unit_stay_together_in_every_language() {
        for code in ["pl", "en", "de", "uk", "fr", "fi"] {
            assert_eq!(set(code, "13 xy, 50 % 12345 xy 7 8"), "13_xy, 50_% 12345 xy 7 8");
        }
    }

    #[test]
    fn french_marks_stand_after_a_space_that_does_not_break() {
        for (text, expected) in [
            ("Zone : entrée", "Zone_: entrée"),
            ("Zone: entrée; caisse", "Zone_: entrée_; caisse"),
            ("; réclamation", "_; réclamation"),
            ("Non ? Si ! « Oui » dit-il", "Non_? Si_! «_Oui_» dit-il"),
            ("à 18:30, http://a.example:80/?q=1;x", "à 18:30, http://a.example:80/?q=1;x"),
            ("Yahoo! SA", "Yahoo! SA"),
        ] {
            assert_eq!(set("fr", text), expected);
        }
        assert_eq!(set("en", "Zone : entrance"), "Zone : entrance");
    }

    proptest! {
        #[test]
        fn only_spaces_change_and_only_once(
            code in proptest::sample::select(vec!["pl", "en", "fr", "cs", "uk"]),
            text in "[a-zи0-9 \u{a0}:;!?«»(%]{0,40}",
        ) {
            let language = Language::parse(code).unwrap();
            let once = typeset(language, &text);
            let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&once), letters(&text));
            prop_assert_eq!(typeset(language, &once), once);
        }
    }
}
