//! Trees and proofs: equal to Certificate Transparency's published example, and to the recursive definitions of RFC 6962 §2.1.

use proptest::prelude::*;

use crate::ledger::entry::from_hex;
use crate::ledger::proof::{Head, consistency, extends, includes, inclusion};
use crate::ledger::tree::{Frontier, Hash, Misplaced, cover, covering, leaf, node, root, sha256};

/// The leaves of the reference tree of certificate-transparency (`merkletree/merkle_tree_test.cc`), and the root over the first one, the
/// first two, and so on.
const REFERENCE: [(&[u8], &str); 8] = [
    (b"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    (b"\x00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    (b"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    (b"\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    (b"\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    (b"\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    (b"\x50\x51\x52\x53\x54\x55\x56\x57", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
];

fn hash(hex: &str) -> Hash {
    from_hex(hex).unwrap()
}

fn reference() -> Vec<Hash> {
    REFERENCE.iter().map(|(line, _)| leaf(line)).collect()
}

#[test]
fn roots_are_those_of_the_reference_tree() {
    let mut tree = Frontier::default();
    assert_eq!(tree.root(), hash("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    for (line, expected) in REFERENCE {
        tree.push(line);
        assert_eq!(tree.root(), hash(expected), "{} leaves", tree.size());
    }
}

#[test]
fn proofs_are_those_of_the_reference_tree() {
    let hashes = |texts: &[&str]| texts.iter().map(|text| hash(text)).collect::<Vec<_>>();
    let leaves = reference();
    let path = hashes(&[
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    assert_eq!(inclusion(&leaves, 0), Some(path));
    let path = hashes(&[
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    assert_eq!(consistency(&leaves, 6), Some(path));
}

/// RFC 6962 §2.1, word for word.
fn naive_root(lines: &[Vec<u8>]) -> Hash {
    match lines {
        [] => sha256(&[]),
        [line] => sha256(&[&[0], line]),
        lines => {
            let (left, right) = lines.split_at(naive_split(lines.len()));
            sha256(&[&[1], &naive_root(left), &naive_root(right)])
        }
    }
}

fn naive_split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// RFC 6962 §2.1.1.
fn naive_path(m: usize, lines: &[Vec<u8>]) -> Vec<Hash> {
    if lines.len() == 1 {
        return vec![];
    }
    let (left, right) = lines.split_at(naive_split(lines.len()));
    let (mut path, beside) = if m < left.len() {
        (naive_path(m, left), naive_root(right))
    } else {
        (naive_path(m - left.len(), right), naive_root(left))
    };
    path.push(beside);
    path
}

/// RFC 6962 §2.1.2, SUBPROOF(m, D, b).
fn naive_subproof(m: usize, lines: &[Vec<u8>], whole: bool) -> Vec<Hash> {
    if m == lines.len() {
        return if whole { vec![] } else { vec![naive_root(lines)] };
    }
    let (left, right) = lines.split_at(naive_split(lines.len()));
    let (mut path, beside) = if m <= left.len() {
        (naive_subproof(m, left, whole), naive_root(right))
    } else {
        (naive_subproof(m - left.len(), right, false), naive_root(left))
    };
    path.push(beside);
    path
}

fn some_lines(most: usize) -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 1..most)
}

fn leaves(lines: &[Vec<u8>]) -> Vec<Hash> {
    lines.iter().map(|line| leaf(line)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn trees_and_proofs_are_what_their_definitions_say(lines in some_lines(70), a in any::<usize>(), b in any::<usize>()) {
        let hashes = leaves(&lines);
        let size = lines.len();
        let (index, old) = (a % size, b % size + 1);
        let whole = naive_root(&lines);
        prop_assert_eq!(root(&hashes), whole);

        let path = inclusion(&hashes, index as u64).unwrap();
        prop_assert_eq!(&path, &naive_path(index, &lines));
        prop_assert!(includes(&whole, size as u64, &hashes[index], index as u64, &path));

        let path = consistency(&hashes, old as u64).unwrap();
        prop_assert_eq!(&path, &naive_subproof(old, &lines, true));
        let heads = [Head { size: old as u64, root: naive_root(&lines[..old]) }, Head { size: size as u64, root: whole }];
        prop_assert!(extends(&heads[0], &heads[1], &path));
    }

    #[test]
    fn a_proof_that_is_changed_anywhere_proves_nothing(
        lines in some_lines(40), a in any::<usize>(), b in any::<usize>(), bit in 0usize..256, drop in any::<bool>()
    ) {
        let hashes = leaves(&lines);
        let size = lines.len() as u64;
        let (index, old) = (a as u64 % size, b as u64 % size + 1);
        let whole = root(&hashes);
        let spoil = |path: &[Hash]| {
            let mut path = path.to_vec();
            let at = a % path.len();
            if drop { path.remove(at); } else { path[at][bit / 8] ^= 1 << (bit % 8); }
            path
        };
        let path = inclusion(&hashes, index).unwrap();
        let own = hashes[index as usize];
        if !path.is_empty() {
            prop_assert!(!includes(&whole, size, &own, index, &spoil(&path)));
        }
        prop_assert!(!includes(&whole, size, &leaf(b"another line"), index, &path));
        prop_assert!(!includes(&whole, size, &own, size, &path));
        let mut longer = path;
        longer.push(whole);
        prop_assert!(!includes(&whole, size, &own, index, &longer));

        let path = consistency(&hashes, old).unwrap();
        let (was, is) = (Head { size: old, root: root(&hashes[..old as usize]) }, Head { size, root: whole });
        if !path.is_empty() {
            prop_assert!(!extends(&was, &is, &spoil(&path)));
        }
        let another = leaf(b"another");
        for was in [Head { root: another, ..was }, Head { size: size + 1, ..was }, Head { size: 0, ..was }] {
            prop_assert!(!extends(&was, &is, &path), "{:?}", was);
        }
        let is = Head { root: another, ..is };
        prop_assert!(!extends(&was, &is, &path));
    }

    #[test]
    fn a_tree_put_together_from_subtrees_is_the_same_tree(lines in some_lines(100), cuts in prop::collection::vec(0usize..100, 0..4)) {
        let hashes = leaves(&lines);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(lines.len())).chain([0, lines.len()]).collect();
        cuts.sort_unstable();
        let mut tree = Frontier::default();
        for span in cuts.windows(2) {
            let roots = covering(span[0] as u64, &hashes[span[0]..span[1]]);
            for ((begin, level), root) in cover(span[0] as u64, span[1] as u64).zip(roots) {
                prop_assert_eq!(begin, tree.size());
                tree.push_subtree(level, root).unwrap();
            }
            prop_assert_eq!(tree.root(), naive_root(&lines[..span[1]]));
        }
        let again = Frontier::new(tree.size(), tree.hashes().to_vec()).unwrap();
        prop_assert_eq!(again, tree);
    }
}

#[test]
fn a_subtree_fits_only_where_its_size_divides_what_is_before_it() {
    let mut tree = Frontier::default();
    tree.push(b"x");
    assert_eq!(tree.push_subtree(1, leaf(b"y")), Err(Misplaced { size: 1, level: 1 }));
    assert_eq!(tree.push_subtree(64, leaf(b"y")), Err(Misplaced { size: 1, level: 64 }));
    tree.push(b"y");
    tree.push_subtree(1, node(&leaf(b"z"), &leaf(b"w"))).unwrap();
    assert_eq!(tree.size(), 4);
    assert_eq!(Frontier::new(3, vec![leaf(b"x")]), None);
}

#[test]
fn what_is_not_in_the_tree_has_no_proof() {
    let leaves = reference();
    assert_eq!(inclusion(&leaves, 8), None);
    assert_eq!(consistency(&leaves, 9), None);
    assert_eq!(consistency(&leaves, 0), None);
    assert_eq!(consistency(&leaves, 8), Some(vec![]));
}
