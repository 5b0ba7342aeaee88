//! From coefficients to 8x8 levels (ITU-T T.81, A.3.3).

use std::f32::consts::{FRAC_1_SQRT_2, PI};

/// Levels, row by row.
pub(super) type Block = [[f32; 8]; 8];

/// For each frequency its weight for the first four of eight levels. For the last four it has the same from the end, with
/// the sign changed if the frequency is odd.
pub(super) struct Basis([[f32; 4]; 8]);

impl Basis {
    pub(super) fn new() -> Self {
        Self(std::array::from_fn(|frequency| {
            std::array::from_fn(|level| {
                let weight = if frequency == 0 { FRAC_1_SQRT_2 } else { 1.0 };
                weight / 2.0 * ((2 * level + 1) as f32 * frequency as f32 * PI / 16.0).cos()
            })
        }))
    }

    /// The levels of a block.
    pub(super) fn levels(&self, block: &Coefficients) -> Block {
        // Sums of the even frequencies, then of the odd.
        let mut halves = [[[0.0; 8]; 4]; 2];
        for (y, weights) in self.0.iter().enumerate() {
            if block.there >> (8 * y) & 0xff != 0 {
                let row = self.row(&block.values[y], (block.there >> (8 * y)) as u8);
                halves[y % 2].iter_mut().zip(weights).for_each(|(sums, weight)| add(sums, *weight, &row));
            }
        }
        let [even, odd] = halves;
        let mut levels = [[0.0; 8]; 8];
        for i in 0..4 {
            (levels[i], levels[7 - i]) = (even[i], even[i]);
            add(&mut levels[i], 1.0, &odd[i]);
            add(&mut levels[7 - i], -1.0, &odd[i]);
        }
        levels
    }

    /// The same of one row, of whose values a bit says that they are there.
    fn row(&self, values: &[f32; 8], mut there: u8) -> [f32; 8] {
        let mut halves = [[0.0; 4]; 2];
        while there != 0 {
            let x = there.trailing_zeros() as usize;
            let (half, weights, v) = (&mut halves[x % 2], &self.0[x], values[x]);
            *half = [
                half[0] + v * weights[0],
                half[1] + v * weights[1],
                half[2] + v * weights[2],
                half[3] + v * weights[3],
            ];
            there &= there - 1;
        }
        let [e, o] = halves;
        [e[0] + o[0], e[1] + o[1], e[2] + o[2], e[3] + o[3], e[3] - o[3], e[2] - o[2], e[1] - o[1], e[0] - o[0]]
    }
}

/// The coefficients of a block. Most are zero: only those that are there are looked at.
#[derive(Default)]
pub(super) struct Coefficients {
    values: Block,
    /// A bit for each, row by row from the least significant.
    there: u64,
}

impl Coefficients {
    /// Of a block of one level: eight times the level.
    pub(super) fn first(&self) -> f32 {
        self.values[0][0]
    }

    /// Forgets all but the first.
    pub(super) fn start(&mut self, first: f32) {
        self.values[0][0] = first;
        self.there = 1;
    }

    /// Sets one by its place, row by row.
    pub(super) fn set(&mut self, place: usize, value: f32) {
        self.values[place / 8][place % 8] = value;
        self.there |= 1 << place;
    }
}

/// Written out, because a compiler that is told to keep code small makes no use of wide registers for a loop.
fn add(s: &mut [f32; 8], weight: f32, v: &[f32; 8]) {
    *s = [
        s[0] + weight * v[0],
        s[1] + weight * v[1],
        s[2] + weight * v[2],
        s[3] + weight * v[3],
        s[4] + weight * v[4],
        s[5] + weight * v[5],
        s[6] + weight * v[6],
        s[7] + weight * v[7],
    ];
}
