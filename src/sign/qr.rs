//! QR codes of whole pixels.

use std::fmt;

use qrcodegen::{QrCode, QrCodeEcc};

use super::canvas::{Area, Canvas, Tint};

/// White modules around the code that readers need (ISO/IEC 18004 §6.3.8).
pub const QUIET_MODULES: i32 = 4;

/// Least pixels of one module: at 124 pixels per inch 0.6 mm, which telephones read from a hand's length and more.
pub const MIN_MODULE_PIXELS: i32 = 3;

/// A code with its quiet zone.
pub struct Qr {
    code: QrCode,
    module: i32,
}

impl Qr {
    /// The code for `text`, as large as fits into `room` pixels with its quiet zone.
    pub fn new(text: &str, room: i32) -> Result<Self, QrError> {
        let too_long = || QrError { length: text.len() };
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| too_long())?;
        let module = room / (code.size() + 2 * QUIET_MODULES);
        if module < MIN_MODULE_PIXELS { Err(too_long()) } else { Ok(Self { code, module }) }
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

    #[test]
    fn an_address_in_the_shop_gets_modules_of_four_pixels_and_a_quiet_zone() {
        let qr = Qr::new("http://192.168.1.10:8080/notice/pl", 164).unwrap();
        assert_eq!((qr.pixels(), qr.quiet()), (148, 16));
        let mut bitmap = Canvas::new(148, 148);
        qr.draw(&mut bitmap, 0, 0);
        let is_quiet = |x: i32, y: i32| x < 16 || y < 16 || x >= 132 || y >= 132;
        for (x, y) in (0..148).flat_map(|y| (0..148).map(move |x| (x, y))) {
            assert!(!(is_quiet(x, y) && bitmap.is_ink(x, y)), "ink in the quiet zone at {x},{y}");
        }
        assert!(bitmap.is_ink(16, 16) && bitmap.is_ink(131, 16) && bitmap.is_ink(16, 131), "the three finders");
    }

    #[test]
    fn an_address_too_long_for_readable_modules_is_refused() {
        let error = Qr::new(&format!("http://{}/notice/pl", "a".repeat(400)), 164).err().expect("too long").to_string();
        assert!(error.contains("417 bytes") && error.contains("public-url"), "{error}");
    }
}
