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

/// Half the cosines of 0 to 7 sixteenths of a half turn. As text, so that every machine draws the same bytes; the first
/// one stands for the coefficient that is weighed by the root of a half.
const HALF_COSINES: [f32; SIDE] =
    [0.353_553_4, 0.490_392_63, 0.461_939_77, 0.415_734_8, 0.353_553_4, 0.277_785_12, 0.191_341_71, 0.097_545_16];

/// Weights of the first four levels for each coefficient; those of the last four mirror them, with the sign changed
/// for odd coefficients.
const WEIGHTS: [[f32; SIDE / 2]; SIDE] = weights();

/// The coefficients of a block of levels from -128 to 127.
pub(super) fn quantized(mut levels: [f32; SIDE * SIDE]) -> Block {
    for row in 0..SIDE {
        transform(&mut levels, row * SIDE, 1);
    }
    for column in 0..SIDE {
        transform(&mut levels, column, SIDE);
    }
    ZIGZAG.map(|place| {
        let divided = levels[place] / f32::from(QUANTIZER);
        (divided + 0.5_f32.copysign(divided)) as i32
    })
}

/// One row or column: eight numbers from `start` on, `step` apart.
fn transform(levels: &mut [f32; SIDE * SIDE], start: usize, step: usize) {
    let at = |i: usize| start + i * step;
    let mut sums = [0.0; SIDE / 2];
    let mut differences = [0.0; SIDE / 2];
    for i in 0..SIDE / 2 {
        let (near, far) = (levels[at(i)], levels[at(SIDE - 1 - i)]);
        sums[i] = near + far;
        differences[i] = near - far;
    }
    for (i, weights) in WEIGHTS.iter().enumerate() {
        let halves = if i % 2 == 0 { &sums } else { &differences };
        levels[at(i)] = weights.iter().zip(halves).map(|(weight, half)| weight * half).sum();
    }
}

const fn weights() -> [[f32; SIDE / 2]; SIDE] {
    let mut weights = [[HALF_COSINES[0]; SIDE / 2]; SIDE];
    let mut frequency = 1;
    while frequency < SIDE {
        let mut x = 0;
        while x < SIDE / 2 {
            // A cosine repeats after 32 sixteenths, is even, and changes its sign between a quarter and three.
            let angle = (2 * x + 1) * frequency % 32;
            let folded = if angle > 16 { 32 - angle } else { angle };
            weights[frequency][x] = if folded > 8 { -HALF_COSINES[16 - folded] } else { HALF_COSINES[folded] };
            x += 1;
        }
        frequency += 1;
    }
    weights
}
