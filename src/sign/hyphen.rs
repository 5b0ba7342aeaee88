//! Where a word may be parted.

use hypher::Lang;

use crate::domain::text::Language;

/// Fewest letters before and after a hyphen: two look like a misprint from a distance.
const EDGE: usize = 3;

/// Marks behind which addresses and compounds part without a hyphen.
const MARKS: &str = "/.@-_–&+\u{a0}";

/// A place where a word may be parted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cut {
    /// Letters before it.
    pub(super) before: usize,
    /// Whether a hyphen is written there.
    pub(super) hyphen: bool,
}

/// Syllables of `word` by the patterns of `language` that leave three letters on either side; none for names of mail and web, nor for languages
/// without patterns (Irish, Latvian, Maltese, Romanian).
pub(super) fn syllables(word: &str, language: Language) -> Vec<Cut> {
    let code = language.code().as_bytes();
    let Some(patterns) = code.first_chunk::<2>().and_then(|code| Lang::from_iso(*code)) else { return Vec::new() };
    if word.contains(['@', '/', '_', '\u{a0}']) || word.chars().any(|letter| letter.is_ascii_digit()) {
        return Vec::new();
    }
    let mut cuts = Vec::new();
    let mut at = 0;
    for run in word.split_inclusive(|letter: char| !letter.is_alphabetic()) {
        let letters = run.trim_end_matches(|letter: char| !letter.is_alphabetic());
        cuts.extend(within(letters, patterns).map(|before| Cut { before: at + before, hyphen: true }));
        at += run.chars().count();
    }
    cuts
}

/// Letters before each break of a run of letters.
fn within(letters: &str, patterns: Lang) -> impl Iterator<Item = usize> {
    let length = letters.chars().count();
    let mut at = 0;
    // Names, acronyms and headlines stay whole; only German writes every noun with a capital.
    let capitals = letters.chars().filter(|letter| letter.is_uppercase()).count();
    let stays_whole = capitals > usize::from(patterns == Lang::German);
    let breaks: Vec<usize> = hypher::hyphenate(letters, patterns)
        .map(|syllable| {
            at += syllable.chars().count();
            at
        })
        .collect();
    breaks.into_iter().filter(move |at| !stays_whole && *at >= EDGE && at + EDGE <= length)
}

/// Places behind the marks of addresses and compounds.
pub(super) fn marks(word: &str) -> Vec<Cut> {
    let is_mark = |(_, letter): &(usize, char)| MARKS.contains(*letter);
    let length = word.chars().count();
    let behind = word.chars().enumerate().filter(is_mark).map(|(at, _)| Cut { before: at + 1, hyphen: false });
    behind.filter(|cut| cut.before < length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(word: &str, code: &str) -> String {
        let cuts = syllables(word, Language::parse(code).unwrap());
        let hyphen = |index: usize| cuts.iter().find(|cut| cut.before == index).map(|_| '-');
        word.chars().enumerate().flat_map(|(index, letter)| hyphen(index).into_iter().chain([letter])).collect()
    }

    #[test]
    fn words_part_between_syllables_of_their_own_language() {
        assert_eq!(parted("Datenschutzbeauftragter", "de"), "Daten-schutz-be-auf-trag-ter");
        assert_eq!(parted("powiedz", "pl"), "powiedz");
        assert_eq!(parted("przechowywanie", "pl"), "prze-cho-wy-wa-nie");
        assert_eq!(parted("tietosuojavastaava", "fi"), "tie-to-suo-ja-vas-taava");
    }

    #[test]
    fn addresses_acronyms_and_languages_without_patterns_have_no_syllables() {
        for (word, code) in [
            ("inspektor@example.pl", "pl"),
            ("RODO", "pl"),
            ("LICZYMY", "pl"),
            ("informazzjoni", "mt"),
            ("B2B-Kunden", "de"),
        ] {
            assert_eq!(syllables(word, Language::parse(code).unwrap()), [], "{word}");
        }
    }

    #[test]
    fn addresses_part_behind_their_marks_and_never_at_their_end() {
        let cuts: Vec<usize> = marks("iod@sklep-zielony.pl/").iter().map(|cut| cut.before).collect();
        assert_eq!(cuts, [4, 10, 18]);
    }
}
