//! The scan of a JPEG, block by block, against the picture.

use super::super::super::canvas::{Canvas, Tint};
use super::super::super::encode::jpeg::huffman::STANDARD;
use super::super::super::picture::PictureError;
use super::super::broken;
use super::huffman::{Bits, Codes};
use super::idct::{Basis, Block};
use super::{QUANTIZER, ZIGZAG};

/// By how much luma and chroma of a pixel may differ from those of its tint. Below half of the distance between the two
/// nearest tints, yellow and orange, whose luma is 53 apart: who takes the nearest tint gets the picture as it was.
const TOLERANCE: f32 = 26.0;

/// Pixels on the side of a block.
const SIDE: usize = 8;

/// Checks that `bytes` are the blocks of the picture, and no more.
pub(super) fn check(bytes: &[u8], canvas: &Canvas) -> Result<(), PictureError> {
    let mut scan = Scan { bits: Bits::of(bytes), codes: STANDARD.each_ref().map(Codes::of), means: [0; 3] };
    let basis = Basis::new();
    let rows: Vec<&[Tint]> = canvas.rows().collect();
    for (down, eight) in rows.chunks(SIDE).enumerate() {
        for x in (0..canvas.width() as usize).step_by(SIDE) {
            for component in 0..3 {
                let (block, is_flat) = scan.block(component)?;
                let levels = if is_flat { [block[0] / 8.0; 64] } else { basis.levels(&block) };
                compare(&levels, component, eight, x, down * SIDE)?;
            }
        }
    }
    scan.bits.ends()
}

struct Scan<'a> {
    bits: Bits<'a>,
    codes: [Codes; 4],
    means: [i32; 3],
}

impl Scan<'_> {
    /// The next block's coefficients, and whether all but the first are zero.
    fn block(&mut self, component: usize) -> Result<(Block, bool), PictureError> {
        let tables = &self.codes[if component == 0 { 0..2 } else { 2..4 }];
        let length = self.bits.value(&tables[0])?;
        self.means[component] += self.bits.number(u32::from(length))?;
        let mut block = [0.0; 64];
        block[0] = (self.means[component] * i32::from(QUANTIZER)) as f32;
        let mut place = 0;
        while place < 63 {
            let value = self.bits.value(&tables[1])?;
            let (zeros, length) = (usize::from(value >> 4), u32::from(value & 15));
            match (zeros, length) {
                (0, 0) => return Ok((block, place == 0)),
                (15, 0) => place += 16,
                _ => {
                    place += zeros + 1;
                    let value = self.bits.number(length)? * i32::from(QUANTIZER);
                    let at = ZIGZAG.get(place).ok_or_else(|| broken("a block of it has too many coefficients"))?;
                    block[*at] = value as f32;
                }
            }
        }
        if place == 63 { Ok((block, false)) } else { Err(broken("a block of it has too many coefficients")) }
    }
}

fn compare(levels: &Block, component: usize, rows: &[&[Tint]], x: usize, y: usize) -> Result<(), PictureError> {
    for (down, (line, row)) in levels.chunks_exact(SIDE).zip(rows).enumerate() {
        for (right, (level, tint)) in line.iter().zip(&row[x..]).enumerate() {
            if (level + 128.0 - LIGHT[*tint as usize][component]).abs() > TOLERANCE {
                return Err(PictureError::Pixel { format: "JPEG", x: x + right, y: y + down, wanted: *tint });
            }
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
