//! A Merkle tree over lines, hashed as RFC 6962 §2.1 says, kept as the few hashes that appending needs.

use std::fmt;

use ring::digest::{Context, SHA256};

/// SHA-256.
pub type Hash = [u8; 32];

/// Hash of one line, without a line end.
#[must_use]
pub fn leaf(line: &[u8]) -> Hash {
    sha256(&[&[0], line])
}

/// Hash of two neighbours.
#[must_use]
pub fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

pub(super) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// The right edge of a tree: the root of each full subtree, from the largest, one for each bit of the size.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The tree of `size` leaves whose full subtrees have these roots; nothing if they are not as many as that takes.
    #[must_use]
    pub fn new(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        (size.count_ones() as usize == hashes.len()).then_some(Self { size, hashes })
    }

    /// Number of leaves.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the full subtrees, from the largest.
    #[must_use]
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// Appends one line.
    pub fn push(&mut self, line: &[u8]) {
        self.push_subtree(0, leaf(line)).expect("a single leaf fits everywhere");
    }

    /// Appends a full subtree of 2^`level` leaves. It fits only where the size is a multiple of that.
    pub fn push_subtree(&mut self, level: u32, hash: Hash) -> Result<(), Misplaced> {
        let leaves = 1u64.checked_shl(level).filter(|leaves| self.size.is_multiple_of(*leaves));
        let grown = leaves.and_then(|leaves| self.size.checked_add(leaves));
        let grown = grown.ok_or(Misplaced { size: self.size, level })?;
        let mut hash = hash;
        for _ in 0..(self.size >> level).trailing_ones() {
            let left = self.hashes.pop().expect("there is a hash for each bit of the size");
            hash = node(&left, &hash);
        }
        self.hashes.push(hash);
        self.size = grown;
        Ok(())
    }

    /// Root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let edge = self.hashes.iter().rev().copied().reduce(|right, left| node(&left, &right));
        edge.unwrap_or_else(|| sha256(&[]))
    }
}

/// A subtree that does not fit where the tree ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Misplaced {
    /// Leaves before it.
    pub size: u64,
    /// It would have 2^`level` leaves.
    pub level: u32,
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a subtree of 2^{} leaves cannot begin at leaf {}", self.level, self.size)
    }
}

impl std::error::Error for Misplaced {}

/// The largest full subtrees that cover the leaves `from..to`, from the left: where each begins, and its level.
pub fn cover(from: u64, to: u64) -> impl Iterator<Item = (u64, u32)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let left = to.checked_sub(at).filter(|left| *left > 0)?;
        let level = at.trailing_zeros().min(left.ilog2());
        let begin = at;
        at += 1 << level;
        Some((begin, level))
    })
}

/// Roots of the subtrees of [`cover`] over leaves that begin at `from`.
#[must_use]
pub fn covering(from: u64, leaves: &[Hash]) -> Vec<Hash> {
    let of = |(begin, level): (u64, u32)| {
        let first = (begin - from) as usize;
        root(&leaves[first..first + (1 << level)])
    };
    cover(from, from + leaves.len() as u64).map(of).collect()
}

/// Root over these leaves.
#[must_use]
pub fn root(leaves: &[Hash]) -> Hash {
    let mut tree = Frontier::default();
    for hash in leaves {
        tree.push_subtree(0, *hash).expect("a single leaf fits everywhere");
    }
    tree.root()
}
