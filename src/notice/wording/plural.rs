//! Which form of a noun goes with a number.

use icu_locale_core::LanguageIdentifier;
use icu_locale_core::subtags::Language as Subtag;
use icu_plurals::{PluralCategory, PluralRules};
use serde::Deserialize;

use crate::domain::text::Language;

/// The greatest number for which a wording has to have the right form: CLDR's rules look at hundreds at most, but for millions.
const COUNT_MAX: u64 = 1_000;

const CATEGORIES: [PluralCategory; 6] = [
    PluralCategory::Zero,
    PluralCategory::One,
    PluralCategory::Two,
    PluralCategory::Few,
    PluralCategory::Many,
    PluralCategory::Other,
];

/// The cardinal rules of one language: Unicode CLDR, "Language Plural Rules"
/// (unicode.org/reports/tr35/tr35-numbers.html#Language_Plural_Rules). A language that CLDR does not know has only `other`.
pub(super) struct Plurals(PluralRules);

impl Plurals {
    pub(super) fn of(language: Language) -> Self {
        let subtag = Subtag::try_from_str(language.code()).unwrap_or(Subtag::UNKNOWN);
        let locale = LanguageIdentifier { language: subtag, ..LanguageIdentifier::UNKNOWN };
        Self(PluralRules::try_new_cardinal((&locale).into()).expect("the rules of all languages are compiled in"))
    }

    fn category(&self, n: u64) -> PluralCategory {
        self.0.category_for(n)
    }

    /// The forms that a counted noun has in this language, in CLDR's order: those that whole numbers need, and `other`.
    pub(super) fn forms(&self) -> Vec<&'static str> {
        let is_needed = |category: &PluralCategory| {
            *category == PluralCategory::Other || (0..=COUNT_MAX).any(|n| self.category(n) == *category)
        };
        CATEGORIES.into_iter().filter(is_needed).map(word).collect()
    }

    /// The least numbers that `form` stands for, three at most. A form for one number only may say it as a word ("hourly").
    pub(super) fn first_numbers(&self, form: &str) -> Vec<u64> {
        (1..=COUNT_MAX).filter(|n| word(self.category(*n)) == form).take(3).collect()
    }
}

/// The forms of one counted noun, by CLDR's category.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(super) struct Forms {
    zero: Option<String>,
    one: Option<String>,
    two: Option<String>,
    few: Option<String>,
    many: Option<String>,
    other: String,
}

impl Forms {
    /// The form that goes with `n`.
    pub(super) fn get(&self, plurals: &Plurals, n: u64) -> &str {
        let form = match plurals.category(n) {
            PluralCategory::Zero => &self.zero,
            PluralCategory::One => &self.one,
            PluralCategory::Two => &self.two,
            PluralCategory::Few => &self.few,
            PluralCategory::Many => &self.many,
            PluralCategory::Other => &None,
        };
        form.as_ref().unwrap_or(&self.other)
    }
}

fn word(category: PluralCategory) -> &'static str {
    match category {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: &str) -> Plurals {
        Plurals::of(Language::parse(code).unwrap())
    }

    /// Languages of the European Union and Ukrainian, and the forms that whole numbers need there besides `other`.
    const FORMS: &[(&str, &[&str])] = &[
        ("bg da de el en es et fi fr hu it nl pt sv", &["one"]),
        ("cs hr ro sk", &["one", "few"]),
        ("ga mt", &["one", "two", "few", "many"]),
        ("lt", &["one", "few"]),
        ("lv", &["zero", "one"]),
        ("pl uk", &["one", "few", "many"]),
        ("sl", &["one", "two", "few"]),
    ];

    #[test]
    fn every_language_has_the_forms_that_its_grammar_has() {
        let told: usize = FORMS.iter().map(|(codes, _)| codes.split(' ').count()).sum();
        assert_eq!(told, 25);
        for (codes, forms) in FORMS {
            for code in codes.split(' ') {
                assert_eq!(of(code).forms(), [*forms, &["other"]].concat(), "{code}");
            }
        }
    }

    /// Numbers whose form a learner's grammar of the language gives, and the ones where a wrong rule shows.
    const NUMBERS: &[(&str, &str, &[u64])] = &[
        ("pl", "few", &[2, 3, 4, 22, 24, 102, 1_000 - 8]),
        ("pl", "many", &[5, 12, 13, 14, 21, 112, 1_000]),
        ("uk", "one", &[1, 21, 101]),
        ("uk", "many", &[5, 11, 12, 14, 111]),
        ("hr", "one", &[1, 21, 131]),
        ("hr", "other", &[5, 11, 12, 20]),
        ("cs", "few", &[2, 3, 4]),
        ("cs", "other", &[5, 22, 102]),
        ("sk", "few", &[2, 4]),
        ("sl", "one", &[1, 101, 201]),
        ("sl", "two", &[2, 102]),
        ("sl", "few", &[3, 4, 103]),
        ("sl", "other", &[5, 11, 12, 21]),
        ("lt", "one", &[1, 21, 101]),
        ("lt", "few", &[2, 9, 22, 29]),
        ("lt", "other", &[10, 11, 13, 20, 111]),
        ("lv", "zero", &[10, 11, 13, 19, 20, 30, 111]),
        ("lv", "one", &[1, 21, 101]),
        ("lv", "other", &[2, 9, 22]),
        ("ro", "few", &[2, 13, 19, 101, 119]),
        ("ro", "other", &[20, 21, 30, 100, 120]),
        ("ga", "few", &[3, 6]),
        ("ga", "many", &[7, 10]),
        ("ga", "other", &[11, 20, 102]),
        ("mt", "two", &[2]),
        ("mt", "few", &[3, 10, 103]),
        ("mt", "many", &[11, 13, 19, 111]),
        ("mt", "other", &[20, 100, 102]),
        ("fr", "one", &[1]),
        ("fr", "other", &[2, 21, 101]),
        ("da", "other", &[2, 21]),
    ];

    #[test]
    fn numbers_take_the_form_of_their_language() {
        for (code, form, numbers) in NUMBERS {
            for n in *numbers {
                assert_eq!(word(of(code).category(*n)), *form, "{n} in {code}");
            }
        }
    }

    #[test]
    fn a_form_stands_for_one_number_or_for_several() {
        assert_eq!((of("pl").first_numbers("one"), of("ga").first_numbers("two")), (vec![1], vec![2]));
        assert_eq!(
            (of("uk").first_numbers("one"), of("sl").first_numbers("two")),
            (vec![1, 21, 31], vec![2, 102, 202])
        );
        assert_eq!(of("pl").first_numbers("other"), [0; 0], "it stands for no whole number at all");
    }

    #[test]
    fn a_language_that_nobody_knows_counts_in_one_form() {
        assert_eq!(of("qq").forms(), ["other"]);
    }
}
