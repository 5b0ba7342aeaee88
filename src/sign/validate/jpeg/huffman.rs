//! Reads what is written with Huffman codes (ITU-T T.81, F.2.2).

use super::super::super::encode::jpeg::huffman::Table;
use super::super::super::picture::PictureError;
use super::super::broken;

/// A table for reading.
pub(super) struct Codes {
    /// For each length from 1 to 16: the first code of it, one more than the last, and the place of the first in `values`.
    lengths: [(u32, u32, usize); 16],
    values: &'static [u8],
}

impl Codes {
    pub(super) fn of(table: &Table) -> Self {
        let (mut code, mut place) = (0, 0);
        let lengths = table.counts.map(|count| {
            let length = (code, code + u32::from(count), place);
            code = (code + u32::from(count)) << 1;
            place += usize::from(count);
            length
        });
        Self { lengths, values: table.values }
    }
}

/// The bits of a scan. A marker within is refused.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, held: 0, count: 0 }
    }

    /// The next value that a code stands for.
    pub(super) fn value(&mut self, codes: &Codes) -> Result<u8, PictureError> {
        self.fill()?;
        for (length, (first, end, place)) in (1..).zip(codes.lengths) {
            if length > self.count {
                return Err(broken("its scan is cut off"));
            }
            let code = (self.held >> (self.count - length)) as u32 & ((1 << length) - 1);
            if code < end {
                self.count -= length;
                return Ok(codes.values[place + (code - first) as usize]);
            }
        }
        Err(broken("its scan has a code that stands for nothing"))
    }

    /// The next number of `length` bits, at most 16; one that begins with 0 is negative.
    pub(super) fn number(&mut self, length: u32) -> Result<i32, PictureError> {
        self.fill()?;
        let left = self.count.checked_sub(length).ok_or_else(|| broken("its scan is cut off"))?;
        self.count = left;
        let bits = (self.held >> left) as i32 & ((1 << length) - 1);
        let negative = length > 0 && bits >> (length - 1) == 0;
        Ok(if negative { bits + 1 - (1 << length) } else { bits })
    }

    /// Checks that nothing is left but ones up to the end of a byte.
    pub(super) fn ends(mut self) -> Result<(), PictureError> {
        self.fill()?;
        let ones = (1 << self.count) - 1;
        if self.count < 8 && self.held & ones == ones {
            Ok(())
        } else {
            Err(broken("its scan goes on behind the last block"))
        }
    }

    /// Holds at least 32 bits, as long as there are any.
    fn fill(&mut self) -> Result<(), PictureError> {
        while self.count <= 32 {
            let Some((byte, rest)) = self.bytes.split_first() else { return Ok(()) };
            self.bytes = match (byte, rest.split_first()) {
                (0xff, Some((0, rest))) => rest,
                (0xff, _) => return Err(broken("its scan has a marker")),
                _ => rest,
            };
            self.held = self.held << 8 | u64::from(*byte);
            self.count += 8;
        }
        Ok(())
    }
}
