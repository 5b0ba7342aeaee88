//! `noticed key new`: makes the one secret that a shop has to guard.

use std::io::{self, Write};
use std::path::Path;

use crate::store::key::{KeyError, write_new};

/// Writes a new key to `file` and says what to do with it. Never writes over anything.
pub fn new(file: &Path, out: &mut dyn Write) -> Result<(), KeyError> {
    write_new(file)?;
    // The key is on the disk; that nobody reads the hint is no failure.
    let _: io::Result<()> = writeln!(
        out,
        "wrote a new key to {}\nKeep a copy away from this box: without it the store cannot be read again.\n\
         Give the file to the user that runs noticed (chown), or pass it on as the systemd credential `store-key`.",
        file.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::key::MasterKey;

    #[test]
    fn the_command_makes_a_usable_key_and_does_not_print_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.key");
        let mut out = Vec::new();
        new(&file, &mut out).unwrap();
        MasterKey::read(&file).unwrap();
        let (said, key) = (String::from_utf8(out).unwrap(), std::fs::read_to_string(&file).unwrap());
        assert!(said.contains("store.key") && !said.contains(key.trim_end()));
    }

    #[test]
    fn the_command_given_twice_fails_and_keeps_the_first_key() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.key");
        new(&file, &mut Vec::new()).unwrap();
        let first = std::fs::read(&file).unwrap();
        let mut out = Vec::new();
        assert!(matches!(new(&file, &mut out), Err(KeyError::Exists(_))));
        assert_eq!((std::fs::read(&file).unwrap(), out), (first, Vec::new()));
    }
}
