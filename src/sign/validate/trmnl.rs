//! What only TRMNL firmware asks of a picture (trmnl-firmware 74f7b18 of 2026-08-21, version 1.8.14).
//!
//! How its boards draw a PNG (`src/display.cpp:1015-1416` and `1603-1718`):
//! - Boards in black and white draw one bit of greyscale as it is, and two or four bits as four greys with a full refresh.
//!   One bit with a palette they draw inverted.
//! - The board in black, white, yellow and red (`BOARD_TRMNL_4CLR`, line 1117) draws every depth with or without a palette,
//!   each pixel as the nearest of the four; pure colours always as themselves (`GetBWYRPixel`, line 915).
//! - The Spectra 6 board (`BOARD_SEEED_RETERMINAL_E1002`, line 1015) does the same with its six (`GetSpectraPixel`, line 994).
//! - The board in black, white and red (`BOARD_XIAO_EPAPER_DISPLAY_3CLR`) has no code for red. One bit of greyscale it draws
//!   in black and white (line 1254); more is split into the planes of a grey panel, where white comes out black.
//! - Large boards draw one, two and four bits of greyscale as they are (line 1329).

use crate::sign::canvas::{Canvas, Tint};
use crate::sign::panel::Ink;
use crate::sign::picture::PictureError;

/// Largest body that is drawn as PNG at 800x480: the firmware compares with "less than 90 000" (`include/config.h:52`,
/// `src/display.cpp:1767`), since 1.6.1.
pub const MOST_BYTES_SMALL: usize = 89_999;

/// The same for large boards, which have more memory (`include/config.h:50`).
pub const MOST_BYTES_LARGE: usize = 749_999;

/// Rows that the firmware looks at to tell two levels from four (`src/display.cpp:1448`).
const ROWS_LOOKED_AT: usize = 431;

/// Checks the length of a PNG. All small boards have 800x480 pixels, and no large one has: the size tells them apart. The
/// limit goes for other clients too, none of which takes less by its own.
pub(super) fn fits(bytes: usize, canvas: &Canvas) -> Result<(), PictureError> {
    let small = [(800, 480), (480, 800)].contains(&(canvas.width(), canvas.height()));
    let most = if small { MOST_BYTES_SMALL } else { MOST_BYTES_LARGE };
    if bytes > most { Err(PictureError::TooBig { bytes, most }) } else { Ok(()) }
}

/// Whether TRMNL firmware draws pictures of this ink right. The board in black, white and red does only as "bw"; there is no
/// board for the others.
#[must_use]
pub fn draws(ink: Ink) -> bool {
    match ink {
        Ink::BlackWhite | Ink::BlackWhiteYellowRed | Ink::Grey4 | Ink::Grey16 | Ink::Spectra6 => true,
        Ink::BlackWhiteRed | Ink::BlackWhiteYellow | Ink::Acep7 => false,
    }
}

/// Whether the firmware would take two bits of greyscale for black and white, and draw some grey as white: it does if its
/// upper rows have exactly two levels, and then draws level 0 black and all others white (`src/display.cpp:1266-1283`).
pub(in crate::sign) fn hides_greys(canvas: &Canvas) -> bool {
    let mut upper = [false; LEVELS.len()];
    let mut grey = false;
    for (y, row) in canvas.rows().enumerate() {
        for (level, seen) in LEVELS.iter().zip(&mut upper) {
            let here = row.contains(level);
            grey |= here && matches!(level, Tint::DarkGrey | Tint::LightGrey);
            *seen |= here && y < ROWS_LOOKED_AT;
        }
    }
    grey && upper.iter().filter(|seen| **seen).count() == 2
}

const LEVELS: [Tint; 4] = [Tint::Ink, Tint::DarkGrey, Tint::LightGrey, Tint::Paper];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::canvas::Area;

    fn with(tints: &[(Tint, i32)]) -> Canvas {
        let mut canvas = Canvas::new(800, 480);
        for (tint, y) in tints {
            canvas.set(5, *y, *tint);
        }
        canvas
    }

    #[test]
    fn greys_are_hidden_where_the_upper_rows_have_two_levels() {
        use Tint::{DarkGrey, Ink, LightGrey};
        assert!(!hides_greys(&with(&[(Ink, 0), (Ink, 479)])), "black and white are two levels, and no grey is lost");
        assert!(hides_greys(&with(&[(Ink, 0), (LightGrey, 431)])), "the grey is below the rows that are looked at");
        assert!(!hides_greys(&with(&[(Ink, 0), (LightGrey, 430)])), "three levels are drawn as four");
        assert!(hides_greys(&with(&[(DarkGrey, 0)])), "grey and white are two levels");
        let mut grey = Canvas::new(800, 480);
        grey.fill(Area { x: 0, y: 0, width: 800, height: 480 }, DarkGrey);
        assert!(!hides_greys(&grey), "one level is drawn as four");
    }

    #[test]
    fn small_and_large_boards_have_their_own_limits() {
        let (small, large) = (Canvas::new(800, 480), Canvas::new(1872, 1404));
        assert_eq!(fits(89_999, &small), Ok(()));
        assert_eq!(fits(90_000, &small), Err(PictureError::TooBig { bytes: 90_000, most: 89_999 }));
        assert_eq!(fits(749_999, &large), Ok(()));
        assert!(fits(750_000, &large).is_err());
    }
}
