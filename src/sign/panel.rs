//! Panels: pixels and inks of a sign.

use std::fmt;

/// What a sign can show.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Panel {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Its inks.
    pub ink: Ink,
}

/// Inks of a panel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ink {
    /// Black and white, one bit per pixel.
    BlackWhite,
}

impl Panel {
    /// Every panel that pictures can be made for, as the configuration writes it.
    pub const SUPPORTED: &[&str] = &["800x480-bw"];

    /// The 7.5-inch class of panels: TRMNL OG, Waveshare 7.5 V2, reTerminal E1001.
    pub const TRMNL: Self = Self { width: 800, height: 480, ink: Ink::BlackWhite };

    /// Reads one of [`Panel::SUPPORTED`].
    pub fn parse(text: &str) -> Result<Self, PanelError> {
        match text {
            "800x480-bw" => Ok(Self::TRMNL),
            other => Err(PanelError { found: other.to_owned() }),
        }
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ink = match self.ink {
            Ink::BlackWhite => "bw",
        };
        write!(f, "{}x{}-{ink}", self.width, self.height)
    }
}

/// A panel that no picture can be made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PanelError {
    found: String,
}

impl fmt::Display for PanelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "\"{}\" is no panel that pictures can be made for; valid is \"{}\"",
            self.found,
            Panel::SUPPORTED.join("\", \"")
        )
    }
}

impl std::error::Error for PanelError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_supported_panel_is_read_and_written_alike() {
        for text in Panel::SUPPORTED {
            assert_eq!(Panel::parse(text).unwrap().to_string(), *text);
        }
    }

    #[test]
    fn an_unknown_panel_is_refused_with_the_valid_ones() {
        let error = Panel::parse("800x480").unwrap_err().to_string();
        assert!(error.contains("\"800x480\" is no panel") && error.contains("\"800x480-bw\""), "{error}");
    }
}
