//! Signed notes as C2SP has them (c2sp.org/signed-note), with Ed25519: a text, an empty line, and who signed it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

use super::tree::sha256;

/// Ed25519 in the list of signature types of signed notes.
const ED25519_TYPE: u8 = 1;

const ID_BYTES: usize = 4;

const PUBLIC_BYTES: usize = 32;

/// Every line of a signature begins with this: a dash (U+2014) and a space.
const DASH: &str = "— ";

/// Longest note that is read, in bytes, and most signatures: a checkpoint has five lines, and witnesses are few.
pub const NOTE_MAX_BYTES: usize = 16 * 1024;
const SIGNATURES_MAX: usize = 32;

/// Who can be told to have signed: a name and a public key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verifier {
    name: String,
    public: [u8; PUBLIC_BYTES],
}

impl Verifier {
    /// The key `public` under `name`, which must be a good name ([`is_name`]).
    #[must_use]
    pub fn new(name: &str, public: [u8; PUBLIC_BYTES]) -> Option<Self> {
        is_name(name).then(|| Self { name: name.to_owned(), public })
    }

    /// Reads the form `name+hash+key`.
    pub fn parse(text: &str) -> Result<Self, NoteError> {
        let wrong = || NoteError::Key(text.to_owned());
        let (name, rest) = text.split_once('+').ok_or_else(wrong)?;
        let (id, key) = rest.split_once('+').ok_or_else(wrong)?;
        let key = STANDARD.decode(key).map_err(|_| wrong())?;
        let public = key.strip_prefix(&[ED25519_TYPE]).and_then(|key| key.try_into().ok()).ok_or_else(wrong)?;
        let verifier = Self::new(name, public).ok_or_else(wrong)?;
        if verifier.to_string() == text && id.len() == 2 * ID_BYTES { Ok(verifier) } else { Err(wrong()) }
    }

    /// Whose key it is.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells it from other keys of that name: the beginning of a hash over both.
    #[must_use]
    pub fn id(&self) -> [u8; ID_BYTES] {
        let hash = sha256(&[self.name.as_bytes(), b"\n", &[ED25519_TYPE], &self.public]);
        *hash.first_chunk().expect("a hash has more than four bytes")
    }

    fn signed(&self, text: &str, signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).is_ok()
    }
}

/// The form in which keys are handed on: `name+hash+key`.
impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: Vec<u8> = std::iter::once(ED25519_TYPE).chain(self.public).collect();
        write!(f, "{}+{:08x}+{}", self.name, u32::from_be_bytes(self.id()), STANDARD.encode(key))
    }
}

/// Whether `name` may name a key: not empty, without spaces and `+`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

/// Signs `text`, which ends with a line end.
#[must_use]
pub fn sign(text: &str, verifier: &Verifier, pair: &Ed25519KeyPair) -> String {
    debug_assert!(text.ends_with('\n') && pair.public_key().as_ref() == verifier.public);
    let signature = pair.sign(text.as_bytes());
    let bytes: Vec<u8> = verifier.id().iter().chain(signature.as_ref()).copied().collect();
    format!("{text}\n{DASH}{} {}\n", verifier.name, STANDARD.encode(bytes))
}

/// A note that has the form of one; who signed it is another question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note<'a> {
    /// The text that is signed, with its last line end.
    pub text: &'a str,
    signatures: Vec<Signature<'a>>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Signature<'a> {
    name: &'a str,
    id: [u8; ID_BYTES],
    bytes: Vec<u8>,
}

impl<'a> Note<'a> {
    /// Reads a note.
    pub fn parse(note: &'a str) -> Result<Self, NoteError> {
        if note.len() > NOTE_MAX_BYTES {
            return Err(NoteError::Form(format!("it has {} bytes; at most {NOTE_MAX_BYTES} are read", note.len())));
        }
        if let Some(control) = note.chars().find(|c| *c != '\n' && c.is_ascii_control()) {
            return Err(NoteError::Form(format!("it holds the control character {control:?}")));
        }
        let split =
            note.rfind("\n\n").ok_or_else(|| NoteError::Form("no empty line parts text and signatures".to_owned()))?;
        let (text, signatures) = (&note[..=split], &note[split + 2..]);
        let signatures = signatures
            .strip_suffix('\n')
            .ok_or_else(|| NoteError::Form("its last line does not end, or there is no signature".to_owned()))?;
        let signatures: Vec<Signature<'_>> = signatures.split('\n').map(signature).collect::<Result<_, _>>()?;
        if signatures.len() > SIGNATURES_MAX {
            return Err(NoteError::Form(format!("it has more than {SIGNATURES_MAX} signatures")));
        }
        Ok(Self { text, signatures })
    }

    /// Whether `verifier` signed it. A signature that names that key and is wrong makes the whole note wrong; signatures of others do
    /// not matter.
    pub fn signed_by(&self, verifier: &Verifier) -> Result<bool, NoteError> {
        let id = verifier.id();
        let mut own = self.signatures.iter().filter(|s| s.name == verifier.name && s.id == id).peekable();
        let any = own.peek().is_some();
        match own.find(|s| !verifier.signed(self.text, &s.bytes)) {
            Some(_) => Err(NoteError::Forged(verifier.to_string())),
            None => Ok(any),
        }
    }

    /// Names of those whose signatures it carries, each with what tells their key.
    pub fn signers(&self) -> impl Iterator<Item = (&'a str, [u8; ID_BYTES])> + '_ {
        self.signatures.iter().map(|signature| (signature.name, signature.id))
    }
}

fn signature(line: &str) -> Result<Signature<'_>, NoteError> {
    let read = || {
        let (name, bytes) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = STANDARD.decode(bytes).ok()?;
        let (id, bytes) = bytes.split_first_chunk()?;
        let is_whole = is_name(name) && !bytes.is_empty();
        is_whole.then(|| Signature { name, id: *id, bytes: bytes.to_vec() })
    };
    read().ok_or_else(|| NoteError::Form(format!("`{line}` is no line of a signature")))
}

/// What is wrong with a note or a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoteError {
    /// It is no signed note.
    Form(String),
    /// This is no key.
    Key(String),
    /// A signature names this key and was not made with it over this text.
    Forged(String),
}

impl fmt::Display for NoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form(why) => write!(f, "this is no signed note: {why}"),
            Self::Key(text) => {
                write!(f, "`{text}` is no key; expected name+hash+key as of c2sp.org/signed-note, for Ed25519")
            }
            Self::Forged(key) => {
                write!(f, "the signature in the name of the key {key} is not by that key over this text")
            }
        }
    }
}

impl std::error::Error for NoteError {}
