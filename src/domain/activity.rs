//! Processing activities and the kinds of sensor that serve them.

use std::fmt;

/// What an activity does (GDPR Art. 30 calls it a processing activity).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ActivityKind {
    /// How many people pass in and out.
    PeopleCounting,
    /// Whether, or how many, people are in a zone.
    Presence,
    /// A security recorder; the daemon only tells customers about it.
    Cctv,
}

/// Kind of sensor; the duties of the notice follow from it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SensorClass {
    /// Light beam, mat, turnstile, PIR: cannot see a person.
    Beam,
    /// Time of flight, radar or thermal of low resolution: no picture leaves it.
    Tof,
    /// Camera that counts inside itself; personal data for milliseconds.
    EdgeCamera,
    /// Camera whose pictures are recorded somewhere.
    Cctv,
}

/// Whether counting waits for the notice.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum InterlockMode {
    /// No notice, no counting.
    Enforce,
    /// Count anyway and mark every figure as un-noticed; only for [`SensorClass::Beam`].
    Observe,
}

/// Legal basis of an activity (GDPR Art. 6(1)).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LegalBasis {
    /// Art. 6(1)(f).
    LegitimateInterest,
    /// Art. 6(1)(c).
    LegalObligation,
    /// Art. 6(1)(e).
    PublicTask,
}

macro_rules! words {
    ($name:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $name {
            /// Every value with the word that the configuration uses for it.
            pub const WORDS: &[(&str, Self)] = &[$(($word, Self::$variant)),+];

            /// The word used for it in the configuration, the API and reports.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words!(ActivityKind { PeopleCounting => "people-counting", Presence => "presence", Cctv => "cctv" });
words!(SensorClass { Beam => "beam", Tof => "tof", EdgeCamera => "edge-camera", Cctv => "cctv" });
words!(InterlockMode { Enforce => "enforce", Observe => "observe" });
words!(LegalBasis {
    LegitimateInterest => "legitimate-interest",
    LegalObligation => "legal-obligation",
    PublicTask => "public-task",
});
