//! Sheets that shops print on.

use std::fmt;

/// A sheet, upright (ISO 216).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Paper {
    /// 210 by 297 millimetres.
    #[default]
    A4,
    /// 297 by 420 millimetres.
    A3,
}

impl Paper {
    /// Millimetres from left to right.
    #[must_use]
    pub fn width(self) -> f64 {
        match self {
            Self::A4 => 210.0,
            Self::A3 => 297.0,
        }
    }

    /// Millimetres from top to bottom.
    #[must_use]
    pub fn height(self) -> f64 {
        match self {
            Self::A4 => 297.0,
            Self::A3 => 420.0,
        }
    }
}

impl fmt::Display for Paper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::A4 => "A4",
            Self::A3 => "A3",
        })
    }
}
