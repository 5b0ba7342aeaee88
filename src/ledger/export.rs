//! The file that leaves the box: everything that a third person needs to check the log, in one piece of JSON.

use std::fmt;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::tree::Hash;

/// The form of the file that this program writes and reads.
pub const FORMAT: &str = "noticed-evidence-1";

/// Longest file that is read, in bytes: a year has 2 MB, and pictures of every notice as many again.
pub const EXPORT_MAX_BYTES: u64 = 64 * 1024 * 1024;

/// The file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Export {
    /// [`FORMAT`].
    pub format: String,
    /// Name of the shop in the log.
    pub shop: String,
    /// The first key of the log, alone; each checkpoint names the one that comes after.
    pub keys: Vec<String>,
    /// Spans of which only hashes are left, in their order.
    #[serde(deserialize_with = "objects")]
    pub folded: Vec<Folded>,
    /// All other entries, in their order.
    pub entries: Vec<String>,
    /// The last signed head of each key, in their order.
    pub checkpoints: Vec<String>,
    /// Pictures that entries speak of.
    #[serde(deserialize_with = "objects")]
    pub notices: Vec<Picture>,
}

/// A span of entries of which only hashes are left.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folded {
    /// Its first entry.
    pub from: u64,
    /// The first entry after it.
    pub to: u64,
    /// Roots of the largest full subtrees that cover it, from the left, in base64.
    pub hashes: Vec<String>,
}

/// What a sign showed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// The notice's identity, in hexadecimal digits: the hash of its pixels.
    pub hash: String,
    /// The panel that it was drawn for.
    pub panel: String,
    /// The picture as PNG, in base64.
    pub png: String,
}

impl Folded {
    /// A span with these roots.
    #[must_use]
    pub fn new(from: u64, to: u64, hashes: &[Hash]) -> Self {
        Self { from, to, hashes: hashes.iter().map(|hash| STANDARD.encode(hash)).collect() }
    }

    /// The roots, if each is a hash.
    pub(super) fn roots(&self) -> Option<Vec<Hash>> {
        self.hashes.iter().map(|hash| STANDARD.decode(hash).ok()?.try_into().ok()).collect()
    }
}

impl Picture {
    /// A picture with its bytes.
    #[must_use]
    pub fn new(hash: String, panel: String, png: &[u8]) -> Self {
        Self { hash, panel, png: STANDARD.encode(png) }
    }

    /// The bytes of the PNG.
    pub(super) fn bytes(&self) -> Option<Vec<u8>> {
        STANDARD.decode(&self.png).ok()
    }
}

impl Export {
    /// An export that holds nothing yet of the shop's log that begins with this key.
    #[must_use]
    pub fn new(shop: &str, first_key: &str) -> Self {
        Self {
            format: FORMAT.to_owned(),
            shop: shop.to_owned(),
            keys: vec![first_key.to_owned()],
            folded: Vec::new(),
            entries: Vec::new(),
            checkpoints: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// Reads the file's text.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(|AsObject(export)| export)
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are always JSON")
    }
}

/// A value that is written as an object: by itself, serde takes a list of a struct's fields as well, and one meaning has one form.
struct AsObject<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for AsObject<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnObject(PhantomData)).map(Self)
    }
}

struct AnObject<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for AnObject<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let objects = Vec::<AsObject<T>>::deserialize(deserializer)?;
    Ok(objects.into_iter().map(|AsObject(value)| value).collect())
}
