//! The bytes that a driver hands to the panel: rows from the top, each in whole bytes, most significant bits left, what
//! is left of a row's last byte white.
//!
//! | inks | bits per pixel | codes | as in |
//! |---|---|---|---|
//! | bw | 1 | 0 black, 1 white | GxEPD2 `GxEPD2_3C.h:192-196`, bb_epaper `bb_epaper.h:316-317` |
//! | bwr, bwy | 1 and 1 | the black plane, then the colour plane; 0 is ink in both | GxEPD2 `GxEPD2_3C.h` |
//! | bwry | 2 | 0 black, 1 white, 2 yellow, 3 red | GxEPD2 `GxEPD2_4C.h:553-559` |
//! | grey4 | 2 | 0 black … 3 white | trmnl-firmware `src/display.cpp:1246-1301` |
//! | grey16 | 4 | 0 black … 15 white | FastEPD, `BB_MODE_4BPP` |
//! | spectra6 | 4 | 0 black, 1 white, 2 yellow, 3 red, 5 blue, 6 green | GxEPD2 `GxEPD2_730c_GDEP073E01.cpp:766-773` |
//! | acep7 | 4 | 0 black, 1 white, 2 green, 3 blue, 4 red, 5 yellow, 6 orange | GxEPD2 `GxEPD2_7C.h:516-522` |
//!
//! GxEPD2 at de82887, bb_epaper at 71f6e70, trmnl-firmware at 74f7b18.

use super::code::Codes;
use crate::sign::canvas::{Canvas, Tint};
use crate::sign::panel::Ink;

/// The panel's bytes.
#[must_use]
pub fn bytes(canvas: &Canvas, ink: Ink) -> Vec<u8> {
    match ink {
        Ink::BlackWhiteRed => planes(canvas, Tint::Red),
        Ink::BlackWhiteYellow => planes(canvas, Tint::Yellow),
        Ink::BlackWhite | Ink::BlackWhiteYellowRed | Ink::Grey4 | Ink::Grey16 | Ink::Spectra6 | Ink::Acep7 => {
            Codes::of(ink).pack(canvas)
        }
    }
}

fn planes(canvas: &Canvas, colour: Tint) -> Vec<u8> {
    [Codes::plane(Tint::Ink).pack(canvas), Codes::plane(colour).pack(canvas)].concat()
}
