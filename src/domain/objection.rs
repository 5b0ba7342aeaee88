//! What a visitor is told who objects to being counted. Nobody asks who that is.

use std::time::Duration;

use super::text::Language;
use super::time::Wall;

/// Longest pause: a sign that dies under its "paused" holds counting back in its zones until that runs out.
pub const PAUSE_MAX: Duration = Duration::from_secs(2 * 3600);

/// Start of the name under which the store keeps how often a zone was paused on a day; day and zone follow, with a slash between.
pub const PAUSES: &str = "pauses/";

/// The parts of the page with the button, in one language. What is true at the moment goes between them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PausePage {
    /// Language of all texts.
    pub language: Language,
    /// The document up to its heading.
    pub top: String,
    /// Links to the other languages, relative to the address of the page.
    pub links: String,
    /// The full notice and the end of the document.
    pub rest: String,
    /// The question and the form; between the two halves stands the code.
    pub form: [String; 2],
    /// That counting is paused; between the two halves stands the time of day.
    pub paused: [String; 2],
    /// That no further pause can be had now, and whom to tell.
    pub limit: String,
    /// That the code has run out.
    pub expired: String,
    /// That nothing is counted anyway.
    pub nothing: String,
}

/// The answer to an objection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// Counting is paused where the visitor stands, at least until then.
    Paused {
        /// End of the pause.
        until: Wall,
    },
    /// The zone has been paused as often as the shop allows within an hour.
    Limit {
        /// End of the pause that still lasts, if one does.
        until: Option<Wall>,
    },
    /// Nothing is counted there that a visitor could object to, or nothing at all for the time being.
    Nothing,
}

impl Answer {
    /// What is true of two zones together: the sooner end, and a limit if either has reached it.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, answer) | (answer, Self::Nothing) => answer,
            (Self::Paused { until: a }, Self::Paused { until: b }) => Self::Paused { until: a.min(b) },
            (one, other) => Self::Limit { until: one.until().zip(other.until()).map(|(a, b)| a.min(b)) },
        }
    }

    fn until(self) -> Option<Wall> {
        match self {
            Self::Paused { until } => Some(until),
            Self::Limit { until } => until,
            Self::Nothing => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_zones_only_what_holds_in_both_is_promised() {
        let (soon, late) = (Answer::Paused { until: Wall(1) }, Answer::Paused { until: Wall(2) });
        assert_eq!((late.and(soon), late.and(Answer::Nothing)), (soon, late));
        assert_eq!(late.and(Answer::Limit { until: None }), Answer::Limit { until: None });
        assert_eq!(Answer::Limit { until: Some(Wall(3)) }.and(soon), Answer::Limit { until: Some(Wall(1)) });
    }
}
