//! JPEG (ITU-T T.81), as what draws e-paper decodes it.
//!
//! Three components without subsampling, one scan, baseline, the standard Huffman tables, no restart markers:
//! - OpenEPaperLink (cdd1cfa9, `ESP32_AP-Flasher/src/makeimage.cpp`) decodes with TJpg_Decoder (71bfc260, TJpgDec R0.03,
//!   `src/tjpgd.c:1012-1103`): baseline; one or three components; luma sampled 1x1, 2x1 or 2x2, chroma 1x1; Huffman
//!   tables 0/0 and 1/1 only.
//! - Inkplate (ba4a93ac, `src/libs/TJpeg/tjpgd.c:947`) has TJpgDec R0.01c, which refuses a single component.
//! - TRMNL and ESPHome have JPEGDEC 1.8.4 (`src/jpeg.inl`): baseline; of a progressive file it draws only the means.
//!
//! Written here because a sign is mostly areas of one tint. Such a block is one number, so a notice takes a fraction of
//! the time that a general encoder takes (measured: 7.5 ms of 800x480 with jpeg-encoder 0.7).

mod dct;
pub(in crate::sign) mod huffman;

use super::code::rgb;
use crate::sign::canvas::{Canvas, Tint};
use dct::{Block, SIDE};
use huffman::{Bits, Codes, STANDARD};

/// By what every coefficient is divided. The same for fine as for coarse ones: usual tables save at the fine ones, and
/// letters live on these. With 8, a file is as long as one of quality 90 and errs half as much; flat areas are exact.
pub(in crate::sign) const QUANTIZER: u8 = 8;

/// The picture as JPEG.
#[must_use]
pub fn file(canvas: &Canvas) -> Vec<u8> {
    let mut scan = Scan::new(head(canvas));
    let rows: Vec<&[Tint]> = canvas.rows().collect();
    for eight in rows.chunks(SIDE) {
        for x in (0..canvas.width() as usize).step_by(SIDE) {
            scan.block(&tints(eight, x));
        }
    }
    let mut bytes = scan.bits.finish();
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// Everything before the scan.
fn head(canvas: &Canvas) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    let mut segment = |marker: u8, parts: &[&[u8]]| {
        let length = 2 + parts.iter().map(|part| part.len()).sum::<usize>() as u16;
        bytes.extend([0xff, marker]);
        bytes.extend(length.to_be_bytes());
        bytes.extend(parts.concat());
    };
    segment(0xe0, &[b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"]);
    segment(0xdb, &[&[0], &[QUANTIZER; SIDE * SIDE]]);
    let [width, height] = [canvas.width(), canvas.height()].map(|side| (side as u16).to_be_bytes());
    segment(0xc0, &[&[8], &height, &width, &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]]);
    for table in &STANDARD {
        segment(0xc4, &[&[table.place], &table.counts, table.values]);
    }
    segment(0xda, &[&[3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0]]);
    bytes
}

/// Numbers of tints.
type Tints = [[u8; SIDE]; SIDE];

/// The block whose left edge is column `x`; beyond the picture's edges its last column and row go on.
fn tints(rows: &[&[Tint]], x: usize) -> Tints {
    std::array::from_fn(|y| {
        let row = rows[y.min(rows.len() - 1)];
        match row[x..].first_chunk::<SIDE>() {
            // Written out, so that it is one step.
            Some(t) => [t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]].map(|tint| tint as u8),
            None => std::array::from_fn(|i| row[(x + i).min(row.len() - 1)] as u8),
        }
    })
}

/// Whether all are the first.
fn is_even(tints: &Tints) -> bool {
    let words = tints.map(u64::from_ne_bytes);
    words[0] == words[0].rotate_left(8) && words.iter().all(|word| *word == words[0])
}

/// The picture's blocks as they are written.
struct Scan {
    bits: Bits,
    codes: [Codes; 4],
    light: [[u8; 3]; 9],
    before: [i32; 3],
}

impl Scan {
    fn new(head: Vec<u8>) -> Self {
        use Tint::{Blue, DarkGrey, Green, Ink, LightGrey, Orange, Paper, Red, Yellow};
        let mut light = [[0; 3]; 9];
        for tint in [Ink, Paper, Red, Yellow, Green, Blue, Orange, DarkGrey, LightGrey] {
            light[tint as usize] = components(rgb(tint));
        }
        Self { bits: Bits::after(head), codes: STANDARD.each_ref().map(Codes::of), light, before: [0; 3] }
    }

    fn block(&mut self, tints: &Tints) {
        let is_even = is_even(tints);
        for component in 0..3 {
            let level = |tint: u8| i32::from(self.light[usize::from(tint)][component]) - 128;
            let first = level(tints[0][0]);
            if is_even || tints.as_flattened().iter().all(|tint| level(*tint) == first) {
                self.mean(component, first * SIDE as i32 / i32::from(QUANTIZER));
                self.bits.code(&self.codes[table_of(component) + 1], END_OF_BLOCK);
            } else {
                let levels = std::array::from_fn(|i| level(tints[i / SIDE][i % SIDE]) as f32);
                self.coefficients(component, &dct::quantized(&levels));
            }
        }
    }

    /// A block's first coefficient, as the difference to the one before. Of a block of one level it is eight times the level.
    fn mean(&mut self, component: usize, mean: i32) {
        let difference = mean - self.before[component];
        self.before[component] = mean;
        self.bits.value(&self.codes[table_of(component)], 0, difference);
    }

    fn coefficients(&mut self, component: usize, block: &Block) {
        self.mean(component, block[0]);
        let codes = &self.codes[table_of(component) + 1];
        // A bit for each coefficient that is not zero: to go from one to the next is faster than to ask each.
        let mut left = block.iter().rev().fold(0u64, |there, value| there << 1 | u64::from(*value != 0)) & !1;
        let mut before = 0;
        while left != 0 {
            let at = left.trailing_zeros();
            let mut zeros = at - before - 1;
            while zeros > 15 {
                self.bits.code(codes, SIXTEEN_ZEROS);
                zeros -= 16;
            }
            self.bits.value(codes, zeros as u8, block[at as usize]);
            left &= left - 1;
            before = at;
        }
        if before < 63 {
            self.bits.code(codes, END_OF_BLOCK);
        }
    }
}

const END_OF_BLOCK: u8 = 0;
const SIXTEEN_ZEROS: u8 = 0xf0;

/// The place in [`STANDARD`] of a component's first table: luma has its own, chroma share theirs.
fn table_of(component: usize) -> usize {
    if component == 0 { 0 } else { 2 }
}

/// Luma and chroma (JFIF 1.02, "colour space"), in thousandths, rounded.
fn components([red, green, blue]: [u8; 3]) -> [u8; 3] {
    let weighed = |weights: [i32; 3], middle: i32| {
        let sum = weights[0] * i32::from(red) + weights[1] * i32::from(green) + weights[2] * i32::from(blue);
        ((sum + 5000).div_euclid(10_000) + middle).clamp(0, 255) as u8
    };
    [weighed([2990, 5870, 1140], 0), weighed([-1687, -3313, 5000], 128), weighed([5000, -4187, -813], 128)]
}
