//! Proofs over a tree: that a line is in it (RFC 6962 §2.1.1), and that an earlier tree is its beginning (§2.1.2). They are checked as
//! RFC 9162 §2.1.3.2 and §2.1.4.2 say.

use super::tree::{Hash, node, root};

/// Hashes that lead from leaf `index` to the root over `leaves`, from below; nothing if there is no such leaf.
#[must_use]
pub fn inclusion(leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    let index = usize::try_from(index).ok().filter(|index| *index < leaves.len())?;
    let mut path = Vec::new();
    let (mut leaves, mut index) = (leaves, index);
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if index < left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether `path` shows that `leaf` stands at `index` in the tree of `size` leaves with this root.
#[must_use]
pub fn includes(root: &Hash, size: u64, leaf: &Hash, index: u64, path: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(beside, &hash);
            // A right edge goes up until it is a right child.
            let up = if at & 1 == 1 { 0 } else { at.trailing_zeros() };
            (at, last) = (shifted(at, up), shifted(last, up));
        } else {
            hash = node(&hash, beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Hashes that show that the first `old` of these leaves are the beginning of all of them; nothing if they are not so many, or none.
#[must_use]
pub fn consistency(leaves: &[Hash], old: u64) -> Option<Vec<Hash>> {
    let old = usize::try_from(old).ok().filter(|old| (1..=leaves.len()).contains(old))?;
    let mut path = Vec::new();
    let (mut leaves, mut old, mut is_whole) = (leaves, old, true);
    while old < leaves.len() {
        let (left, right) = leaves.split_at(split(leaves.len()));
        if old <= left.len() {
            path.push(root(right));
            leaves = left;
        } else {
            path.push(root(left));
            old -= left.len();
            leaves = right;
            is_whole = false;
        }
    }
    if !is_whole {
        path.push(root(leaves));
    }
    path.reverse();
    Some(path)
}

/// A tree as a checkpoint tells it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    /// Number of leaves.
    pub size: u64,
    /// Root.
    pub root: Hash,
}

/// Whether `path` shows that `old` is the beginning of `new`.
#[must_use]
pub fn extends(old: &Head, new: &Head, path: &[Hash]) -> bool {
    if old.size == 0 || old.size > new.size {
        return false;
    }
    if old.size == new.size {
        return path.is_empty() && old.root == new.root;
    }
    let full = old.size.is_power_of_two().then_some(old.root);
    let mut path = full.iter().chain(path).copied();
    let Some(first) = path.next() else { return false };
    let up = (old.size - 1).trailing_ones();
    let (mut at, mut last) = (shifted(old.size - 1, up), shifted(new.size - 1, up));
    let (mut of_old, mut of_new) = (first, first);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            (of_old, of_new) = (node(&beside, &of_old), node(&beside, &of_new));
            let up = if at & 1 == 1 || at == 0 { 0 } else { at.trailing_zeros() };
            (at, last) = (shifted(at, up), shifted(last, up));
        } else {
            of_new = node(&of_new, &beside);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    last == 0 && of_old == old.root && of_new == new.root
}

/// The largest power of two below `leaves`, of which there are at least two.
fn split(leaves: usize) -> usize {
    1 << (leaves - 1).ilog2()
}

fn shifted(value: u64, by: u32) -> u64 {
    value.checked_shr(by).unwrap_or(0)
}
