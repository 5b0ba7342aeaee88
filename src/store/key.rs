//! The master key and everything that is derived from it.
//!
//! One secret to guard and to back up: 32 random bytes in a file or a systemd credential. The key of the store, the credentials
//! of signs and the key of packet hashes come from it by HKDF-SHA256 (RFC 5869), each under its own label, so none of them
//! gives away another and none needs to be kept.

use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use ring::hkdf;
use ring::rand::{SecureRandom as _, SystemRandom};

const STORE_LABEL: &str = "store";
const KEY_BYTES: usize = 32;

/// A key file is 64 digits and a line end; anything longer is no key file, and is not read further than this.
const KEY_FILE_BYTES_MAX: u64 = 128;

/// The secret that everything else comes from. Never printed.
pub struct MasterKey([u8; KEY_BYTES]);

impl MasterKey {
    /// Reads a key file as [`write_new`] makes it. Refuses one that anybody but its owner could read.
    pub fn read(file: &Path) -> Result<Self, KeyError> {
        read(file, 0o077)
    }

    /// Reads a key that the service manager hands over (systemd.exec(5), `LoadCredential=`). Group bits are not looked at: they show the
    /// mask of the access list by which systemd lets the service's user in.
    pub fn read_credential(file: &Path) -> Result<Self, KeyError> {
        read(file, 0o007)
    }

    /// The key of the encrypted database.
    #[must_use]
    pub fn store_key(&self) -> StoreKey {
        StoreKey(self.derive(STORE_LABEL))
    }

    /// 32 bytes that belong to `label` alone.
    #[must_use]
    pub fn derive(&self, label: &str) -> [u8; 32] {
        let mut bytes = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"noticed/1")
            .extract(&self.0)
            .expand(&[label.as_bytes()], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut bytes))
            .expect("32 bytes are the length of one SHA-256 and far below HKDF's limit");
        bytes
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

/// The raw 256-bit key of the encrypted database. Never printed.
#[derive(Clone)]
pub struct StoreKey([u8; 32]);

impl StoreKey {
    /// The key in the form that SQLCipher takes without stretching it.
    pub(super) fn pragma(&self) -> String {
        format!("PRAGMA key = \"x'{}'\"", hex(&self.0))
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreKey(…)")
    }
}

/// Writes a new random key to `file`: 64 hexadecimal digits and a line end, readable by its owner only, on the disk for good when
/// this returns. Never writes over anything.
pub fn write_new(file: &Path) -> Result<(), KeyError> {
    let mut key = [0; KEY_BYTES];
    SystemRandom::new().fill(&mut key).map_err(|_| KeyError::NoRandomness)?;
    let mut target = match File::options().write(true).create_new(true).mode(0o400).open(file) {
        Ok(target) => target,
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(KeyError::Exists(file.to_owned())),
        Err(e) => return Err(KeyError::Io(file.to_owned(), e)),
    };
    let written =
        writeln!(target, "{}", hex(&key)).and_then(|()| target.sync_all()).and_then(|()| sync_folder_of(file));
    written.map_err(|e| {
        // Half a key would be refused later; better that the command can simply be given again.
        let _ = fs::remove_file(file);
        KeyError::Io(file.to_owned(), e)
    })
}

/// Makes a new name in the folder of `file` survive a power cut.
pub(super) fn sync_folder_of(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn read(file: &Path, refused_bits: u32) -> Result<MasterKey, KeyError> {
    let io_error = |e| KeyError::Io(file.to_owned(), e);
    let source = File::open(file).map_err(io_error)?;
    let mode = source.metadata().map_err(io_error)?.permissions().mode() & 0o7777;
    if mode & refused_bits != 0 {
        return Err(KeyError::ReadableByOthers(file.to_owned(), mode));
    }
    let mut text = Vec::new();
    source.take(KEY_FILE_BYTES_MAX).read_to_end(&mut text).map_err(io_error)?;
    let digits = text.trim_ascii_end();
    unhex(digits).map(MasterKey).ok_or_else(|| KeyError::Malformed(file.to_owned(), digits.len()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, b| {
        write!(text, "{b:02x}").expect("a String takes whatever is written");
        text
    })
}

fn unhex(digits: &[u8]) -> Option<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    if digits.len() != 2 * KEY_BYTES {
        return None;
    }
    for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |d: u8| char::from(d).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(key)
}

/// Why there is no key.
#[derive(Debug)]
pub enum KeyError {
    /// A new key would go where something is.
    Exists(PathBuf),
    /// The file, or its folder, cannot be read or written.
    Io(PathBuf, io::Error),
    /// Users other than its owner may read it; with its mode.
    ReadableByOthers(PathBuf, u32),
    /// It is not 64 hexadecimal digits; with how many bytes it has before the line end. What it holds is never told.
    Malformed(PathBuf, usize),
    /// The system gave no random numbers.
    NoRandomness,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists(file) => write!(
                f,
                "{} exists and was left alone: a store made with that key could never be read again; name another file",
                file.display()
            ),
            Self::Io(file, e) => write!(f, "cannot use the key file {}: {e}", file.display()),
            Self::ReadableByOthers(file, mode) => write!(
                f,
                "the key file {} has mode {mode:04o}, so others can read it: run chmod 0400 on it",
                file.display()
            ),
            Self::Malformed(file, bytes) => write!(
                f,
                "the key file {} is not 64 hexadecimal digits on one line (it has {bytes} bytes): \
                 put back the key that the store was made with, or make one for a new store with `noticed key new`",
                file.display()
            ),
            Self::NoRandomness => {
                f.write_str("the system gives no random numbers: try again when it has finished starting")
            }
        }
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_64_digits_for_its_owner_only_and_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.key");
        write_new(&file).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.len(), 65);
        assert!(text.ends_with('\n') && text.trim_end().bytes().all(|b| b.is_ascii_hexdigit()));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o7777, 0o400);
        assert_eq!(hex(&MasterKey::read(&file).unwrap().0), text.trim_end());
    }

    #[test]
    fn a_new_key_never_replaces_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.key");
        fs::write(&file, "precious").unwrap();
        let error = write_new(&file).unwrap_err();
        assert!(error.to_string().contains("exists and was left alone"), "{error}");
        assert_eq!(fs::read(&file).unwrap(), b"precious");
    }

    #[test]
    fn two_new_keys_differ() {
        let folder = tempfile::tempdir().unwrap();
        let [a, b] = ["a", "b"].map(|name| {
            write_new(&folder.path().join(name)).unwrap();
            fs::read(folder.path().join(name)).unwrap()
        });
        assert_ne!(a, b);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_and_its_mode_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.key");
        write_new(&file).unwrap();
        for (mode, as_file, as_credential) in [
            (0o400, true, true),
            (0o600, true, true),
            (0o440, false, true),
            (0o404, false, false),
            (0o640, false, true),
        ] {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(MasterKey::read(&file).is_ok(), as_file, "{mode:o}");
            assert_eq!(MasterKey::read_credential(&file).is_ok(), as_credential, "{mode:o}");
        }
        let error = MasterKey::read(&file).unwrap_err().to_string();
        assert!(error.contains("mode 0640") && error.contains("chmod 0400"), "{error}");
    }

    #[test]
    fn what_is_no_key_is_refused_without_telling_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("empty", String::new()),
            ("short", "ab".repeat(31)),
            ("long", "ab".repeat(33)),
            ("words", "gh".repeat(32)),
        ] {
            let file = folder.path().join(name);
            fs::write(&file, &text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
            let error = MasterKey::read(&file).unwrap_err().to_string();
            assert!(error.contains(&format!("{} bytes", text.len())), "{error}");
            assert!(text.is_empty() || !error.contains(&text), "{error}");
        }
    }

    #[test]
    fn every_label_has_its_own_bytes_and_they_never_change() {
        let master = MasterKey([7; 32]);
        let labels = [STORE_LABEL, "credentials", "another"].map(|l| master.derive(l));
        for (i, a) in labels.iter().enumerate() {
            assert!(labels[i + 1..].iter().all(|b| a != b));
        }
        // A store made by one release must open with the next.
        assert_eq!(hex(&master.store_key().0), STORE_KEY_OF_SEVENS);
        assert_ne!(MasterKey([8; 32]).derive(STORE_LABEL), labels[0]);
    }

    /// Computed apart from this code, with Python's hmac: HKDF-SHA256(salt "noticed/1", 32 times 0x07, info "store").
    const STORE_KEY_OF_SEVENS: &str = "4a48b56c4357621e0872069d52612d94c93998be9f5966bd66164f4a88bff24b";

    #[test]
    fn keys_never_print() {
        let master = MasterKey([7; 32]);
        assert_eq!(format!("{master:?} {:?}", master.store_key()), "MasterKey(…) StoreKey(…)");
    }
}
