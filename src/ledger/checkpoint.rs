//! Checkpoints: the head of the log as a text to be signed (c2sp.org/tlog-checkpoint).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::note::Verifier;
use super::tree::Hash;

/// The line by which a key names the one that comes after it.
const NEXT: &str = "next ";

/// What a checkpoint says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which log.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree over them.
    pub root: Hash,
    /// The key that signs from here on. Only the last checkpoint of a key names one.
    pub next: Option<Verifier>,
}

impl Checkpoint {
    /// Reads a text. Lines that are not known here are stepped over, as the format asks for.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let wrong = |why: &str| CheckpointError(why.to_owned());
        let body = text.strip_suffix('\n').ok_or_else(|| wrong("its last line does not end"))?;
        let mut lines = body.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or_else(|| wrong("its first line is empty"))?;
        let size = lines.next().and_then(size).ok_or_else(|| wrong("its second line is no number of entries"))?;
        let root =
            lines.next().and_then(root).ok_or_else(|| wrong("its third line is no hash of 32 bytes in base64"))?;
        let mut next = None;
        for line in lines {
            if line.is_empty() {
                return Err(wrong("one of its lines is empty"));
            }
            let Some(key) = line.strip_prefix(NEXT) else { continue };
            let key = Verifier::parse(key).map_err(|error| wrong(&error.to_string()))?;
            if next.replace(key).is_some() {
                return Err(wrong("it names two keys that come after"));
            }
        }
        Ok(Self { origin: origin.to_owned(), size, root, next })
    }
}

/// The text that is signed.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, STANDARD.encode(self.root))?;
        self.next.iter().try_for_each(|next| writeln!(f, "{NEXT}{next}"))
    }
}

fn size(line: &str) -> Option<u64> {
    line.parse().ok().filter(|size: &u64| size.to_string() == line)
}

fn root(line: &str) -> Option<Hash> {
    STANDARD.decode(line).ok()?.try_into().ok()
}

/// What is wrong with the text of a checkpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckpointError(String);

impl fmt::Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this is no checkpoint: {}", self.0)
    }
}

impl std::error::Error for CheckpointError {}
