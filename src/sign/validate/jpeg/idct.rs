//! From coefficients to 8x8 levels (ITU-T T.81, A.3.3).

use std::f32::consts::{FRAC_1_SQRT_2, PI};

/// Coefficients row by row, or levels.
pub(super) type Block = [f32; 64];

/// The weight of each coefficient for each level of a row or column.
pub(super) struct Basis([[f32; 8]; 8]);

impl Basis {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|level| {
            std::array::from_fn(|frequency| {
                let weight = if frequency == 0 { FRAC_1_SQRT_2 } else { 1.0 };
                weight / 2.0 * ((2 * level + 1) as f32 * frequency as f32 * PI / 16.0).cos()
            })
        }))
    }

    /// The levels of a block.
    pub(super) fn levels(&self, block: &Block) -> Block {
        let mut columns = [0.0; 64];
        for (row, line) in block.chunks_exact(8).enumerate() {
            // Most rows of fine coefficients are nothing but zeros.
            if line.iter().any(|value| *value != 0.0) {
                for (column, weights) in self.0.iter().enumerate() {
                    columns[row * 8 + column] = weights.iter().zip(line).map(|(weight, value)| weight * value).sum();
                }
            }
        }
        let mut levels = [0.0; 64];
        for (line, weights) in levels.chunks_exact_mut(8).zip(&self.0) {
            for (weight, values) in weights.iter().zip(columns.chunks_exact(8)) {
                line.iter_mut().zip(values).for_each(|(level, value)| *level += weight * value);
            }
        }
        levels
    }
}
