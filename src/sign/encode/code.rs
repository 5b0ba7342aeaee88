//! Tints as numbers: which number a panel, and a palette, has for each of them.

use crate::sign::canvas::{Canvas, Tint};
use crate::sign::panel::Ink;

/// Kinds of [`Tint`].
const TINTS: usize = 9;

/// A number for each tint, and how many bits it takes.
pub(super) struct Codes {
    /// Bits per pixel: 1, 2, 4 or 8.
    pub(super) bits: u32,
    of: [u8; TINTS],
}

impl Codes {
    /// The panel's own numbers (see [`super::raw`]). Red and yellow panels of two planes have none: there, the colour is 2.
    pub(super) fn of(ink: Ink) -> Self {
        use Tint::{Blue, DarkGrey, Green, LightGrey, Orange, Paper, Red, Yellow};
        match ink {
            Ink::BlackWhite => Self::listed(1, &[(Paper, 1)]),
            Ink::BlackWhiteRed => Self::listed(2, &[(Paper, 1), (Red, 2)]),
            Ink::BlackWhiteYellow => Self::listed(2, &[(Paper, 1), (Yellow, 2)]),
            Ink::BlackWhiteYellowRed => Self::listed(2, &[(Paper, 1), (Yellow, 2), (Red, 3)]),
            Ink::Grey4 => Self::listed(2, &[(DarkGrey, 1), (LightGrey, 2), (Paper, 3)]),
            Ink::Grey16 => Self::listed(4, &[(DarkGrey, 5), (LightGrey, 10), (Paper, 15)]),
            Ink::Spectra6 => Self::listed(4, &[(Paper, 1), (Yellow, 2), (Red, 3), (Blue, 5), (Green, 6)]),
            Ink::Acep7 => Self::listed(4, &[(Paper, 1), (Green, 2), (Blue, 3), (Red, 4), (Yellow, 5), (Orange, 6)]),
        }
    }

    /// 0 for exactly these tints, 1 for all others: one plane of a panel that has several.
    pub(super) fn plane(inked: Tint) -> Self {
        let mut of = [1; TINTS];
        of[inked as usize] = 0;
        Self { bits: 1, of }
    }

    /// Black is 0 in every panel. So is a tint that the panel lacks, which no picture for it has.
    fn listed(bits: u32, codes: &[(Tint, u8)]) -> Self {
        let mut of = [0; TINTS];
        for (tint, code) in codes {
            of[*tint as usize] = *code;
        }
        Self { bits, of }
    }

    /// The number of `tint`.
    pub(super) fn code(&self, tint: Tint) -> u8 {
        self.of[tint as usize]
    }

    /// The same numbers in that many bits, enough for all of them.
    pub(super) fn in_bits(self, bits: u32) -> Self {
        Self { bits, ..self }
    }

    /// Rows from the top, each in whole bytes, most significant bits left, the rest of the last byte paper.
    pub(super) fn pack(&self, canvas: &Canvas) -> Vec<u8> {
        let row = (canvas.width() * self.bits).div_ceil(8) as usize;
        let mut packed = Vec::with_capacity(row * canvas.height() as usize);
        canvas.rows().for_each(|tints| self.pack_row(tints, &mut packed));
        packed
    }

    /// One row of them, behind `packed`.
    pub(super) fn pack_row(&self, tints: &[Tint], packed: &mut Vec<u8>) {
        let per_byte = (8 / self.bits) as usize;
        let whole = tints.chunks_exact(per_byte);
        let rest = whole.remainder();
        packed.extend(whole.map(|tints| self.byte(tints.iter())));
        if !rest.is_empty() {
            packed.push(self.byte(rest.iter().chain(&[Tint::Paper; 8]).take(per_byte)));
        }
    }

    fn byte<'a>(&self, tints: impl Iterator<Item = &'a Tint>) -> u8 {
        tints.fold(0, |byte, tint| byte << self.bits | u32::from(self.code(*tint))) as u8
    }
}

/// Red, green and blue of a tint on a screen: the pure colours, which every client takes for the ink of that name.
pub(super) fn rgb(tint: Tint) -> [u8; 3] {
    match tint {
        Tint::Ink => [0, 0, 0],
        Tint::Paper => [255, 255, 255],
        Tint::Red => [255, 0, 0],
        Tint::Yellow => [255, 255, 0],
        Tint::Green => [0, 255, 0],
        Tint::Blue => [0, 0, 255],
        Tint::Orange => [255, 165, 0],
        Tint::DarkGrey => [85, 85, 85],
        Tint::LightGrey => [170, 170, 170],
    }
}

/// The colour of each number of this ink, from 0 on. A number that no tint has is white.
pub(super) fn palette(ink: Ink) -> Vec<[u8; 3]> {
    let codes = Codes::of(ink);
    let last = ink.tints().iter().map(|tint| codes.code(*tint)).max().unwrap_or(0);
    let tint = |code| ink.tints().iter().find(|tint| codes.code(**tint) == code).copied().unwrap_or(Tint::Paper);
    (0..=last).map(|code| rgb(tint(code))).collect()
}
