//! The keys of the log: each serves one day, names its successor and is forgotten, so that a thief of the present key cannot sign the
//! past anew.

use std::fmt;

use ring::signature::{Ed25519KeyPair, KeyPair as _};

use super::checkpoint::Checkpoint;
use super::note::{self, Verifier};

/// Bytes that a key is made of.
pub const SEED_BYTES: usize = 32;

/// What a key is made of: random bytes, handed in. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Seed(pub [u8; SEED_BYTES]);

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// The key that signs.
#[derive(Debug)]
pub struct Key {
    pair: Ed25519KeyPair,
    verifier: Verifier,
}

impl Key {
    /// The key made of `seed`, under `name`; nothing if that is no good name of a key ([`note::is_name`]).
    #[must_use]
    pub fn new(name: &str, seed: &Seed) -> Option<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed.0).expect("a seed has the length of a seed");
        let public = pair.public_key().as_ref().try_into().expect("a public key has 32 bytes");
        Verifier::new(name, public).map(|verifier| Self { pair, verifier })
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The signed note of `checkpoint`.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        note::sign(&checkpoint.to_string(), &self.verifier, &self.pair)
    }
}
