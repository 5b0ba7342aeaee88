//! The scan of a JPEG, block by block, against the picture.

use super::super::broken;
use super::huffman::{Bits, Codes, Fault};
use super::idct::{Basis, Coefficients};
use super::{QUANTIZER, ZIGZAG};
use crate::sign::canvas::{Canvas, Tint};
use crate::sign::encode::jpeg::huffman::STANDARD;
use crate::sign::picture::PictureError;

/// By how much luma and chroma of a pixel may differ from those of its tint. Less than half of the distance between the
/// nearest two tints, yellow and orange, whose luma is 53 apart, so that who takes the nearest tint gets the picture as it
/// was; and more than noise of all tints, the worst that a picture can be, comes to (14).
const TOLERANCE: f32 = 20.0;

/// Pixels on the side of a block.
const SIDE: usize = 8;

/// Checks that `bytes` are the blocks of the picture, and no more.
pub(super) fn check(bytes: &[u8], canvas: &Canvas) -> Result<(), PictureError> {
    let mut scan = Scan {
        bits: Bits::of(bytes),
        codes: STANDARD.each_ref().map(Codes::of),
        means: [0; 3],
        block: Coefficients::default(),
    };
    let basis = Basis::new();
    let rows: Vec<&[Tint]> = canvas.rows().collect();
    for (down, eight) in rows.chunks(SIDE).enumerate() {
        for x in (0..canvas.width() as usize).step_by(SIDE) {
            let mut possible = ALL;
            for component in 0..3 {
                if scan.is_flat(component).map_err(broken)? {
                    possible &= near(scan.block.first() / 8.0, component);
                } else {
                    let levels = basis.levels(&scan.block);
                    every_pixel(eight, x, down, |at, tint| near_enough(levels[at / SIDE][at % SIDE], tint, component))?;
                }
            }
            every_pixel(eight, x, down, |_, tint| possible >> tint as u8 & 1 == 1)?;
        }
    }
    scan.bits.ends().map_err(broken)
}

struct Scan<'a> {
    bits: Bits<'a>,
    codes: [Codes; 4],
    means: [i32; 3],
    /// Coefficients of the block that was read last.
    block: Coefficients,
}

impl Scan<'_> {
    /// Reads a block, and tells whether it is of one level.
    fn is_flat(&mut self, component: usize) -> Result<bool, Fault> {
        let table = if component == 0 { 0 } else { 2 };
        let length = self.bits.value(&self.codes[table])?;
        self.means[component] += self.bits.number(u32::from(length))?;
        self.block.start((self.means[component] * i32::from(QUANTIZER)) as f32);
        let next = self.bits.value(&self.codes[table + 1])?;
        self.coefficients(table + 1, next)?;
        Ok(next == END_OF_BLOCK)
    }

    /// Reads all coefficients but the first, the code before the first of which was `next`.
    fn coefficients(&mut self, table: usize, mut next: u8) -> Result<(), Fault> {
        let mut place = 0;
        while next != END_OF_BLOCK {
            let (zeros, length) = (usize::from(next >> 4), u32::from(next & 15));
            place += zeros + 1;
            let at = *ZIGZAG.get(place).ok_or(Fault::TooMany)?;
            // Without a length it is sixteen zeros, of which this place has the last.
            self.block.set(at, (self.bits.number(length)? * i32::from(QUANTIZER)) as f32);
            if place == ZIGZAG.len() - 1 {
                return Ok(());
            }
            next = self.bits.value(&self.codes[table])?;
        }
        Ok(())
    }
}

const END_OF_BLOCK: u8 = 0;

/// A bit for each tint.
const ALL: u16 = (1 << LIGHT.len()) - 1;

/// The tints that a block of one level can be.
fn near(level: f32, component: usize) -> u16 {
    let near = |light: &[f32; 3]| (level + 128.0 - light[component]).abs() <= TOLERANCE;
    LIGHT.iter().rev().fold(0, |tints, light| tints << 1 | u16::from(near(light)))
}

fn near_enough(level: f32, tint: Tint, component: usize) -> bool {
    (level + 128.0 - LIGHT[tint as usize][component]).abs() <= TOLERANCE
}

/// Asks for every pixel of a block that lies in the picture, by its place in the block and its tint.
fn every_pixel(
    rows: &[&[Tint]],
    left: usize,
    block: usize,
    is_right: impl Fn(usize, Tint) -> bool,
) -> Result<(), PictureError> {
    for (y, row) in rows.iter().enumerate() {
        let tints = &row[left..row.len().min(left + SIDE)];
        if let Some(x) = (0..tints.len()).find(|x| !is_right(y * SIDE + x, tints[*x])) {
            return Err(PictureError::Pixel { format: "JPEG", x: left + x, y: block * SIDE + y, wanted: tints[x] });
        }
    }
    Ok(())
}

/// Luma and both chroma of each [`Tint`] in its order (JFIF 1.02), from black over white to the lighter grey.
const LIGHT: [[f32; 3]; 9] = [
    [0.0, 128.0, 128.0],
    [255.0, 128.0, 128.0],
    [76.2, 85.0, 255.0],
    [225.9, 0.5, 148.7],
    [149.7, 43.5, 21.2],
    [29.1, 255.0, 107.3],
    [173.1, 30.3, 186.4],
    [85.0, 128.0, 128.0],
    [170.0, 128.0, 128.0],
];
