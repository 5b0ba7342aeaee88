//! What signs show and how well that is known.

use std::fmt;

use super::id::ActivityId;
use super::time::Wall;

/// SHA-256 over panel size and pixels: two pictures are the same notice iff their pixels are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoticeHash(pub [u8; 32]);

impl NoticeHash {
    /// First 16 hexadecimal digits: enough to name a picture in URLs and logs.
    #[must_use]
    pub fn short(&self) -> String {
        self.to_string()[..16].to_owned()
    }
}

impl fmt::Display for NoticeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for NoticeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

/// What a sign is to say.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SignState {
    /// These activities are, or are about to be, going on (sorted, not empty).
    Active(Vec<ActivityId>),
    /// Nothing is counted until the given time; after it the reader shall assume that we count.
    Inactive {
        /// End of validity printed on the sign.
        valid_until: Wall,
    },
    /// Stopped on a visitor's request.
    Paused {
        /// End of validity printed on the sign.
        valid_until: Wall,
        /// What nobody can pause and goes on beside it (sorted).
        beside: Vec<ActivityId>,
    },
    /// Not known; the reader shall assume that we count.
    Unknown,
}

impl SignState {
    /// The word of the API: `active`, `paused`, `inactive` or `unknown`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Active(_) => "active",
            Self::Inactive { .. } => "inactive",
            Self::Paused { .. } => "paused",
            Self::Unknown => "unknown",
        }
    }

    /// End of validity, where the picture carries one.
    #[must_use]
    pub fn valid_until(&self) -> Option<Wall> {
        match self {
            Self::Inactive { valid_until } | Self::Paused { valid_until, .. } => Some(*valid_until),
            Self::Active(_) | Self::Unknown => None,
        }
    }

    /// Whether a reader of this picture is told that `activity` goes on.
    #[must_use]
    pub fn names(&self, activity: &ActivityId) -> bool {
        matches!(self, Self::Active(named) | Self::Paused { beside: named, .. } if named.contains(activity))
    }
}

/// How well it is known that a sign shows a notice; ordered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Evidence {
    /// Nothing is known.
    None,
    /// The sign was told of the picture.
    Offered,
    /// The whole picture was sent to it.
    Fetched,
    /// It came back, as it does after showing the picture, or said that it shows it.
    Confirmed,
    /// A member of staff saw it.
    Sighted,
}

impl Evidence {
    /// The word of the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Offered => "offered",
            Self::Fetched => "fetched",
            Self::Confirmed => "confirmed",
            Self::Sighted => "sighted",
        }
    }
}
