//! QR codes of whole pixels.

use std::fmt;
use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

use super::canvas::{Area, Canvas, Tint};
use super::panel::Panel;

/// White modules around the code that readers need (ISO/IEC 18004 §6.3.8).
pub const QUIET_MODULES: i32 = 4;

/// Fewest pixels of one module: below, e-paper's ghosts blur it.
const MODULE_PIXELS_MIN: i32 = 3;

/// Millimetres of one module that a telephone reads from a metre: it has about three pixels for each there.
const MODULE_MM: f32 = 0.8;

/// Millimetres of one module that it still reads from an arm's length, where there is no room for more.
const MODULE_MM_MIN: f32 = 0.55;

/// A code with its quiet zone.
pub struct Qr {
    code: QrCode,
    module: i32,
}

impl Qr {
    /// The code for `text` on `panel`: as large as fits into `room` pixels with its quiet zone, and larger if that is not read from a metre, as
    /// long as it fits into `most`.
    pub fn new(text: &str, panel: &Panel, room: i32, most: i32) -> Result<Self, QrError> {
        let too_long = || QrError { length: text.len() };
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| too_long())?;
        let side = code.size() + 2 * QUIET_MODULES;
        let good = ((panel.ppi as f32 * MODULE_MM / 25.4).ceil() as i32).max(MODULE_PIXELS_MIN);
        let least = ((panel.ppi as f32 * MODULE_MM_MIN / 25.4).ceil() as i32).max(MODULE_PIXELS_MIN);
        let module = (room / side).max(good).min(most / side);
        if module < least { Err(too_long()) } else { Ok(Self { code, module }) }
    }

    /// Pixels on each side, quiet zone included.
    #[must_use]
    pub fn pixels(&self) -> i32 {
        (self.code.size() + 2 * QUIET_MODULES) * self.module
    }

    /// Pixels of the quiet zone on each side.
    #[must_use]
    pub fn quiet(&self) -> i32 {
        QUIET_MODULES * self.module
    }

    /// Draws it with its quiet zone's corner at `x`, `y`.
    pub fn draw(&self, on: &mut Canvas, x: i32, y: i32) {
        on.fill(Area { x, y, width: self.pixels(), height: self.pixels() }, Tint::Paper);
        let (left, top, module) = (x + self.quiet(), y + self.quiet(), self.module);
        for row in 0..self.code.size() {
            for column in (0..self.code.size()).filter(|column| self.code.get_module(*column, row)) {
                let dot = Area { x: left + column * module, y: top + row * module, width: module, height: module };
                on.fill(dot, Tint::Ink);
            }
        }
    }
}

/// The code for any `text` as an SVG of its own, quiet zone included, for a page on a screen; nothing if it is too long for a code.
#[must_use]
pub fn svg(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size() + 2 * QUIET_MODULES;
    let mut path = String::new();
    for row in 0..code.size() {
        for column in (0..code.size()).filter(|column| code.get_module(*column, row)) {
            let (x, y) = (column + QUIET_MODULES, row + QUIET_MODULES);
            write!(path, "M{x} {y}h1v1h-1z").expect("writing to a string does not fail");
        }
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

/// The address is too long for a code that telephones can read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QrError {
    length: usize,
}

impl fmt::Display for QrError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the address of the notice has {} bytes, too many for a readable QR code; shorten signage.public-url",
            self.length
        )
    }
}

impl std::error::Error for QrError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// An address of the page, as `Facts::code_url` writes it.
    const ADDRESS: &str = "HTTP://192.168.1.10:8080/NOTICE/PL";
    /// The same with a code to pause with.
    const PAUSE: &str = "HTTP://192.168.1.10:8080/N/ABCDEFGHIJ";

    #[test]
    fn a_code_to_pause_with_costs_no_module() {
        let side = |text| QrCode::encode_text(text, QrCodeEcc::Medium).unwrap().size();
        assert_eq!((side(ADDRESS), side(PAUSE)), (25, 25));
    }

    #[test]
    fn an_address_in_the_shop_gets_modules_that_are_read_from_a_metre_and_a_quiet_zone() {
        let qr = Qr::new(ADDRESS, &Panel::TRMNL, 168, 400).unwrap();
        assert_eq!((qr.pixels(), qr.quiet()), (33 * 5, 20));
        let mut bitmap = Canvas::new(165, 165);
        qr.draw(&mut bitmap, 0, 0);
        let is_quiet = |x: i32, y: i32| x < 20 || y < 20 || x >= 145 || y >= 145;
        for (x, y) in (0..165).flat_map(|y| (0..165).map(move |x| (x, y))) {
            assert!(!(is_quiet(x, y) && bitmap.is_ink(x, y)), "ink in the quiet zone at {x},{y}");
        }
        assert!(bitmap.is_ink(20, 20) && bitmap.is_ink(144, 20) && bitmap.is_ink(20, 144), "the three finders");
    }

    #[test]
    fn a_module_has_eight_tenths_of_a_millimetre_where_there_is_room_and_never_too_few() {
        for (width, height) in Panel::SIZES {
            let panel = Panel::new(width, height, crate::sign::panel::Ink::BlackWhite);
            let module = |most| Qr::new(ADDRESS, &panel, 0, most).map(|qr| qr.module as f32 * 25.4 / panel.ppi as f32);
            assert!(module(10_000).unwrap() >= MODULE_MM, "{panel}");
            assert!(module(99).map_or(true, |mm| mm >= MODULE_MM_MIN), "{panel}");
        }
    }

    #[test]
    fn an_address_too_long_for_readable_modules_is_refused() {
        let long = format!("http://{}/notice/pl", "a".repeat(400));
        let error = Qr::new(&long, &Panel::TRMNL, 164, 164).err().expect("too long").to_string();
        assert!(error.contains("417 bytes") && error.contains("public-url"), "{error}");
    }
}
