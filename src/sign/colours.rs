//! Which tints tell a state. Colour only repeats what form already says: not everybody sees it, and most panels have none.

use crate::notice::copy::Tone;

use super::canvas::Tint;
use super::panel::Ink;

/// The tints of a band.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Colours {
    /// What the words stand on.
    pub(super) ground: Tint,
    /// The words.
    pub(super) words: Tint,
    /// What the pictogram stands on.
    pub(super) field: Tint,
    /// The pictogram.
    pub(super) pictogram: Tint,
    /// Rules, and every second stripe.
    pub(super) rule: Tint,
    /// The stripes between.
    pub(super) between: Tint,
}

impl Colours {
    /// The tints for `tone` on a panel with these inks.
    pub(super) fn new(ink: Ink, tone: Tone) -> Self {
        let first = |wanted: &[Tint], or: Tint| wanted.iter().copied().find(|tint| ink.has(*tint)).unwrap_or(or);
        let white = Self {
            ground: Tint::Paper,
            words: Tint::Ink,
            field: Tint::Paper,
            pictogram: Tint::Ink,
            rule: Tint::Ink,
            between: Tint::Paper,
        };
        match tone {
            Tone::Active => {
                let ground = first(&[Tint::Red], Tint::Ink);
                let rule = if ground == Tint::Ink { first(&[Tint::Yellow], ground) } else { ground };
                Self { ground, words: Tint::Paper, field: ground, pictogram: Tint::Paper, rule, between: rule }
            }
            Tone::Inactive => Self { rule: first(&[Tint::Green], Tint::Ink), ..white },
            Tone::Paused => {
                let field = first(&[Tint::Yellow, Tint::LightGrey], Tint::Ink);
                let pictogram = if field == Tint::Ink { Tint::Paper } else { Tint::Ink };
                Self { field, pictogram, ..white }
            }
            Tone::Unknown => Self { between: first(&[Tint::Yellow, Tint::Red, Tint::LightGrey], Tint::Paper), ..white },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TONES: [Tone; 4] = [Tone::Active, Tone::Inactive, Tone::Paused, Tone::Unknown];

    #[test]
    fn a_panel_is_asked_for_no_tint_that_it_does_not_have() {
        for ((_, ink), tone) in Ink::NAMES.into_iter().flat_map(|ink| TONES.map(|tone| (ink, tone))) {
            let colours = Colours::new(ink, tone);
            let Colours { ground, words, field, pictogram, rule, between } = colours;
            for tint in [ground, words, field, pictogram, rule, between] {
                assert!(ink.has(tint), "{tint:?} for {tone:?} on {ink:?}");
            }
            assert!(ground != words && field != pictogram, "{colours:?}");
        }
    }

    #[test]
    fn words_are_black_or_white_on_every_panel() {
        for ((_, ink), tone) in Ink::NAMES.into_iter().flat_map(|ink| TONES.map(|tone| (ink, tone))) {
            assert!([Tint::Ink, Tint::Paper].contains(&Colours::new(ink, tone).words));
        }
    }
}
