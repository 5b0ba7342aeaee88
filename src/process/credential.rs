//! Secrets that the service manager hands over as files, so that none stands in the configuration or the environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Where systemd keeps the credentials of the running service. Root's commands (`noticed report`) find the key there while
/// the daemon runs, without a second copy of it.
const OF_THE_SERVICE: &str = "/run/credentials/noticed.service";

/// The file of credential `name` (`store-key`, `broker-password`), if the service manager provided it.
#[must_use]
pub fn credential(name: &str) -> Option<PathBuf> {
    let own = std::env::var_os("CREDENTIALS_DIRECTORY");
    find(own.as_deref(), Path::new(OF_THE_SERVICE), name)
}

/// Looks in our own directory where we have one, else in the running service's.
fn find(own: Option<&OsStr>, of_the_service: &Path, name: &str) -> Option<PathBuf> {
    let file = own.map_or(of_the_service, Path::new).join(name);
    file.is_file().then_some(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_credential_is_a_file_in_our_own_directory() {
        let own = tempfile::tempdir().unwrap();
        fs::write(own.path().join("store-key"), "k").unwrap();
        let found = find(Some(own.path().as_os_str()), Path::new("/nonexistent"), "store-key");
        assert_eq!(found, Some(own.path().join("store-key")));
        assert_eq!(find(Some(own.path().as_os_str()), Path::new("/nonexistent"), "broker-password"), None);
    }

    #[test]
    fn a_command_beside_the_daemon_uses_the_services_credential() {
        let service = tempfile::tempdir().unwrap();
        fs::write(service.path().join("store-key"), "k").unwrap();
        assert_eq!(find(None, service.path(), "store-key"), Some(service.path().join("store-key")));
    }

    #[test]
    fn a_service_without_the_credential_does_not_borrow_another_ones() {
        let (own, service) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(service.path().join("store-key"), "k").unwrap();
        assert_eq!(find(Some(own.path().as_os_str()), service.path(), "store-key"), None);
    }
}
