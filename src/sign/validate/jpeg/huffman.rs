//! Reads what is written with Huffman codes (ITU-T T.81, F.2.2).

use std::fmt;

use crate::sign::encode::jpeg::huffman::Table;

/// Bits that a table is looked up by; longer codes are rare.
const SHORT: u32 = 11;

/// Most bits of a code and of the number behind it.
const MOST: u32 = 32;

/// A table for reading.
pub(super) struct Codes {
    /// Value and length by the next bits, where a code is no longer than these; else a length of 0.
    short: [(u8, u8); 1 << SHORT],
    /// For each length from 1 to 16: one more than its last code, and what to add to a code for its place in `values`.
    lengths: [(u32, i32); 16],
    values: &'static [u8],
}

impl Codes {
    pub(super) fn of(table: &Table) -> Self {
        let (mut code, mut place) = (0, 0);
        let mut short = [(0, 0); 1 << SHORT];
        let lengths = std::array::from_fn(|i| {
            let (length, count) = (i as u32 + 1, u32::from(table.counts[i]));
            if length <= SHORT {
                for (code, value) in (code..).zip(&table.values[place..place + count as usize]) {
                    let from = (code << (SHORT - length)) as usize;
                    short[from..from + (1 << (SHORT - length))].fill((*value, length as u8));
                }
            }
            let found = (code + count, place as i32 - code as i32);
            code = (code + count) << 1;
            place += count as usize;
            found
        });
        Self { short, lengths, values: table.values }
    }
}

/// The bits of a scan. A marker within is refused.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// The next bits, most significant first; zeros behind them.
    held: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, held: 0, count: 0 }
    }

    /// The next value that a code stands for.
    pub(super) fn value(&mut self, codes: &Codes) -> Result<u8, Fault> {
        if self.count < MOST {
            self.fill()?;
        }
        let (value, length) = codes.short[self.next(SHORT) as usize];
        if length > 0 {
            self.take(u32::from(length))?;
            return Ok(value);
        }
        let found = (1..).zip(&codes.lengths).find(|(length, (end, _))| self.next(*length) < *end);
        let (length, (_, offset)) = found.ok_or(Fault::NoCode)?;
        let place = self.next(length) as i32 + offset;
        self.take(length)?;
        Ok(codes.values[place as usize])
    }

    /// The number of `length` bits, at most 16, behind the value that was read last; one that begins with 0 is negative.
    pub(super) fn number(&mut self, length: u32) -> Result<i32, Fault> {
        if length == 0 {
            return Ok(0);
        }
        let bits = self.next(length) as i32;
        self.take(length)?;
        Ok(if bits >> (length - 1) == 0 { bits + 1 - (1 << length) } else { bits })
    }

    /// Checks that nothing is left but ones up to the end of a byte.
    pub(super) fn ends(mut self) -> Result<(), Fault> {
        self.fill()?;
        if self.count < 8 && self.held.leading_ones() == self.count { Ok(()) } else { Err(Fault::GoesOn) }
    }

    fn next(&self, length: u32) -> u32 {
        (self.held >> (u64::BITS - length)) as u32
    }

    fn take(&mut self, length: u32) -> Result<(), Fault> {
        self.count = self.count.checked_sub(length).ok_or(Fault::CutOff)?;
        self.held <<= length;
        Ok(())
    }

    /// Holds at least [`MOST`] bits, as long as there are any.
    fn fill(&mut self) -> Result<(), Fault> {
        while self.count <= u64::BITS - 8 {
            let Some((byte, rest)) = self.bytes.split_first() else { return Ok(()) };
            self.bytes = match (byte, rest.split_first()) {
                (0xff, Some((0, rest))) => rest,
                (0xff, _) => return Err(Fault::Marker),
                _ => rest,
            };
            self.held |= u64::from(*byte) << (u64::BITS - 8 - self.count);
            self.count += 8;
        }
        Ok(())
    }
}

/// What is wrong with a scan. Small, because every coefficient comes with one or without.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Fault {
    /// It ends before its last block.
    CutOff,
    /// It does not end with its last block.
    GoesOn,
    /// There is a marker in it.
    Marker,
    /// There is a code in it that stands for nothing.
    NoCode,
    /// A block of it has more than 64 coefficients.
    TooMany,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CutOff => "its scan is cut off",
            Self::GoesOn => "its scan goes on behind the last block",
            Self::Marker => "its scan has a marker",
            Self::NoCode => "its scan has a code that stands for nothing",
            Self::TooMany => "a block of it has too many coefficients",
        })
    }
}
