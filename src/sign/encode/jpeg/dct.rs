//! From 8x8 levels to coefficients (ITU-T T.81, A.3.3 and A.3.4).

use super::QUANTIZER;

/// Pixels on the side of a block.
pub(super) const SIDE: usize = 8;

/// Coefficients as they are written: divided, rounded, from coarse to fine.
pub(super) type Block = [i32; SIDE * SIDE];

/// Where in a block, row by row, each coefficient comes from as they are written (ITU-T T.81, figure A.6).
#[rustfmt::skip]
const ZIGZAG: [usize; SIDE * SIDE] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// Half the cosines of 1 to 7 sixteenths of a half turn. As numbers, so that every machine draws the same bytes.
const C: [f32; SIDE] =
    [0.5, 0.490_392_63, 0.461_939_77, 0.415_734_8, 0.353_553_4, 0.277_785_12, 0.191_341_71, 0.097_545_16];

/// The coefficients of a block of levels from -128 to 127.
pub(super) fn quantized(levels: &[f32; SIDE * SIDE]) -> Block {
    let coefficients = columns(&columns(levels));
    ZIGZAG.map(|place| {
        let divided = coefficients[place] / f32::from(QUANTIZER);
        (divided + 0.5_f32.copysign(divided)) as i32
    })
}

/// Transforms every column and lays it down as a row, so that the second time makes both right.
fn columns(block: &[f32; SIDE * SIDE]) -> [f32; SIDE * SIDE] {
    let mut rows = [0.0; SIDE * SIDE];
    for (x, row) in rows.chunks_exact_mut(SIDE).enumerate() {
        let at = |y: usize| block[y * SIDE + x];
        row.copy_from_slice(&transformed([at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7)]));
    }
    rows
}

/// Each coefficient is the sum of the levels, weighed with cosines. Those of even frequency weigh the two halves alike, those
/// of odd frequency with opposite sign, so that four products do for eight levels.
fn transformed(v: [f32; SIDE]) -> [f32; SIDE] {
    let [s0, s1, s2, s3] = [v[0] + v[7], v[1] + v[6], v[2] + v[5], v[3] + v[4]];
    let [d0, d1, d2, d3] = [v[0] - v[7], v[1] - v[6], v[2] - v[5], v[3] - v[4]];
    let (outer, inner) = (s0 + s3, s1 + s2);
    [
        (outer + inner) * C[4],
        d0 * C[1] + d1 * C[3] + d2 * C[5] + d3 * C[7],
        (s0 - s3) * C[2] + (s1 - s2) * C[6],
        d0 * C[3] - d1 * C[7] - d2 * C[1] - d3 * C[5],
        (outer - inner) * C[4],
        d0 * C[5] - d1 * C[1] + d2 * C[7] + d3 * C[3],
        (s0 - s3) * C[6] - (s1 - s2) * C[2],
        d0 * C[7] - d1 * C[5] + d2 * C[3] - d3 * C[1],
    ]
}
