//! Panels: pixels and inks of a sign, how fine they are, and how it hangs.

use std::fmt;

use super::canvas::Tint;

/// Most pixels on a side. The largest e-paper readers have 2480; a picture of this size takes 6.5 MB while it is drawn.
pub const SIDE_MAX: u32 = 2560;

/// Fewest pixels on the longer and on the shorter side: below, not even the shortest notice with its code fits at a legible size.
pub const SIDES_MIN: (u32, u32) = (264, 122);

/// Pixels per inch of a panel that nothing is known of: the 7.5-inch class.
const USUAL_PPI: u32 = 124;

/// What a sign can show.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Panel {
    /// Pixels from left to right, of the panel itself.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
    /// Its inks.
    pub ink: Ink,
    /// Pixels per inch; the smallest legible type hangs on it.
    pub ppi: u32,
    /// How it hangs.
    pub rotation: Rotation,
}

/// Inks of a panel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Ink {
    /// Black and white, one bit per pixel.
    BlackWhite,
    /// Black, white and red.
    BlackWhiteRed,
    /// Black, white and yellow.
    BlackWhiteYellow,
    /// Black, white, yellow and red.
    BlackWhiteYellowRed,
    /// Four levels from black to white.
    Grey4,
    /// Sixteen levels from black to white.
    Grey16,
    /// Black, white, yellow, red, blue and green (E Ink Spectra 6).
    Spectra6,
    /// Black, white, green, blue, red, yellow and orange (E Ink Gallery, ACeP).
    Acep7,
}

/// By how much a panel hangs turned, clockwise.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Rotation {
    /// As it was made.
    #[default]
    Upright,
    /// By 90 degrees: its left edge is on top.
    Right,
    /// By 180 degrees.
    Half,
    /// By 270 degrees: its right edge is on top.
    Left,
}

impl Rotation {
    /// Degrees as the configuration writes them, and what they mean.
    pub const DEGREES: [(i64, Self); 4] = [(0, Self::Upright), (90, Self::Right), (180, Self::Half), (270, Self::Left)];
}

/// Sizes that are sold, with the pixels per inch of the commonest panel of that size (signage facts §5; vendors' data sheets).
const KNOWN: [(u32, u32, u32); 21] = [
    (264, 176, 117),
    (296, 128, 112),
    (384, 168, 144),
    (400, 300, 119),
    (600, 448, 132),
    (640, 384, 100),
    (648, 480, 138),
    (800, 480, 124),
    (800, 600, 167),
    (960, 540, 212),
    (960, 640, 99),
    (960, 680, 88),
    (960, 768, 101),
    (1024, 758, 212),
    (1072, 1448, 300),
    (1200, 825, 150),
    (1280, 720, 282),
    (1600, 1200, 150),
    (1754, 1240, 150),
    (1872, 1404, 227),
    (1920, 1080, 92),
];

impl Ink {
    /// Every ink with its name, as the configuration writes it.
    pub const NAMES: [(&str, Self); 8] = [
        ("bw", Self::BlackWhite),
        ("bwr", Self::BlackWhiteRed),
        ("bwy", Self::BlackWhiteYellow),
        ("bwry", Self::BlackWhiteYellowRed),
        ("grey4", Self::Grey4),
        ("grey16", Self::Grey16),
        ("spectra6", Self::Spectra6),
        ("acep7", Self::Acep7),
    ];

    /// Its name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, ink)| *ink == self).map_or("", |(name, _)| name)
    }

    /// Tints that it can show. A picture for it has no other.
    #[must_use]
    pub fn tints(self) -> &'static [Tint] {
        use Tint::{Blue, DarkGrey, Green, Ink, LightGrey, Orange, Paper, Red, Yellow};
        match self {
            Self::BlackWhite => &[Ink, Paper],
            Self::BlackWhiteRed => &[Ink, Paper, Red],
            Self::BlackWhiteYellow => &[Ink, Paper, Yellow],
            Self::BlackWhiteYellowRed => &[Ink, Paper, Yellow, Red],
            Self::Grey4 | Self::Grey16 => &[Ink, DarkGrey, LightGrey, Paper],
            Self::Spectra6 => &[Ink, Paper, Yellow, Red, Blue, Green],
            Self::Acep7 => &[Ink, Paper, Green, Blue, Red, Yellow, Orange],
        }
    }

    /// Whether it has this tint.
    #[must_use]
    pub fn has(self, tint: Tint) -> bool {
        self.tints().contains(&tint)
    }
}

impl Panel {
    /// Sizes that a contact sheet shows and tests hold, as width and height in pixels.
    pub const SIZES: [(u32, u32); 9] = [
        (296, 128),
        (400, 300),
        (648, 480),
        (800, 480),
        (960, 540),
        (960, 680),
        (1200, 825),
        (1600, 1200),
        (1872, 1404),
    ];

    /// The 7.5-inch class of panels: TRMNL OG, Waveshare 7.5 V2, reTerminal E1001.
    pub const TRMNL: Self =
        Self { width: 800, height: 480, ink: Ink::BlackWhite, ppi: USUAL_PPI, rotation: Rotation::Upright };

    /// A panel of this size as it is usually sold, upright.
    #[must_use]
    pub fn new(width: u32, height: u32, ink: Ink) -> Self {
        let sides = (width.max(height), width.min(height));
        let known = KNOWN.iter().find(|(w, h, _)| (*w.max(h), *w.min(h)) == sides);
        Self { width, height, ink, ppi: known.map_or(USUAL_PPI, |(.., ppi)| *ppi), rotation: Rotation::Upright }
    }

    /// Reads "800x480-bw": width, height, inks.
    pub fn parse(text: &str) -> Result<Self, PanelError> {
        let wrong = || PanelError { found: text.to_owned() };
        let (size, ink) = text.split_once('-').ok_or_else(wrong)?;
        let (width, height) = size.split_once('x').ok_or_else(wrong)?;
        let ink = Ink::NAMES.iter().find(|(name, _)| *name == ink).ok_or_else(wrong)?.1;
        let pixels = |text: &str| text.parse::<u32>().ok().filter(|n| !text.starts_with('+') && *n <= SIDE_MAX);
        let (width, height) = (pixels(width).ok_or_else(wrong)?, pixels(height).ok_or_else(wrong)?);
        let (longer, shorter) = (width.max(height), width.min(height));
        if longer < SIDES_MIN.0 || shorter < SIDES_MIN.1 {
            return Err(wrong());
        }
        Ok(Self::new(width, height, ink))
    }

    /// The same panel with a diagonal of `inches`.
    #[must_use]
    pub fn with_diagonal(self, inches: f64) -> Self {
        let pixels = f64::from(self.width).hypot(f64::from(self.height));
        Self { ppi: (pixels / inches).round() as u32, ..self }
    }

    /// Width and height of what a person sees, with the panel as it hangs.
    #[must_use]
    pub fn page(&self) -> (u32, u32) {
        match self.rotation {
            Rotation::Upright | Rotation::Half => (self.width, self.height),
            Rotation::Right | Rotation::Left => (self.height, self.width),
        }
    }

    /// Pixels of `mm` millimetres.
    #[must_use]
    pub fn pixels(&self, mm: f32) -> i32 {
        (mm * self.ppi as f32 / 25.4).round() as i32
    }
}

impl fmt::Display for Panel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}-{}", self.width, self.height, self.ink.name())
    }
}

/// A panel that no picture can be made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PanelError {
    found: String,
}

impl fmt::Display for PanelError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inks: Vec<&str> = Ink::NAMES.iter().map(|(name, _)| *name).collect();
        write!(
            f,
            "\"{}\" is no panel that pictures can be made for; write width, height and inks as \"800x480-bw\": at least {}x{} and \
             at most {SIDE_MAX} pixels on a side, inks one of {}",
            self.found,
            SIDES_MIN.0,
            SIDES_MIN.1,
            inks.join(", ")
        )
    }
}

impl std::error::Error for PanelError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_size_with_every_ink_is_read_and_written_alike() {
        for (width, height) in Panel::SIZES {
            for (name, ink) in Ink::NAMES {
                let text = format!("{width}x{height}-{name}");
                let panel = Panel::parse(&text).unwrap();
                assert_eq!((panel, panel.to_string()), (Panel::new(width, height, ink), text));
            }
        }
    }

    #[test]
    fn an_unknown_panel_is_refused_with_the_valid_form() {
        for wrong in ["800x480", "800x480-rgb", "x480-bw", "9000x480-bw", "80x48-bw", "+800x480-bw", "", "800x-1-bw"] {
            let error = Panel::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(&format!("\"{wrong}\" is no panel")) && error.contains("800x480-bw"), "{error}");
        }
    }

    #[test]
    fn fineness_is_that_of_the_panel_sold_unless_its_diagonal_is_said() {
        assert_eq!(Panel::parse("800x480-bw").unwrap().ppi, 124);
        assert_eq!(Panel::parse("480x800-bw").unwrap().ppi, 124);
        assert_eq!(Panel::parse("800x480-bw").unwrap().with_diagonal(4.26).ppi, 219);
        assert_eq!(Panel::TRMNL.pixels(25.4), 124);
    }

    #[test]
    fn a_panel_on_its_side_shows_a_page_that_is_higher_than_wide() {
        let panel = Panel { rotation: Rotation::Right, ..Panel::TRMNL };
        assert_eq!(panel.page(), (480, 800));
        assert_eq!(Panel { rotation: Rotation::Half, ..panel }.page(), (800, 480));
    }
}
