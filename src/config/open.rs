//! Opens configuration files: the main one, and the device profiles and wordings beside it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::Config;
use super::build::build;
use super::check::cross_check;
use super::file::Said;
use super::findings::Findings;
use super::law::unlawful;
use super::problem::{Problem, Problems};
use super::syntax::mend;
use super::wording::{load_wordings, wordings_beside};
use crate::device::catalog::Catalogue;
use crate::device::profile::ProfileError;
use crate::notice::wording::Wordings;

/// Largest configuration: a shop with a hundred sensors needs a tenth of it.
const CONFIG_MAX_BYTES: u64 = 256 * 1024;
/// Largest device profile: the longest of ours has 8 KiB.
const PROFILE_MAX_BYTES: u64 = 64 * 1024;
/// Most device profiles of a technician's own: a folder with more is the wrong folder.
const PROFILES_MAX: usize = 100;

const ANYBODY_READS: u32 = 0o004;
const ANYBODY_WRITES: u32 = 0o002;

/// Reads and checks the configuration at `path` with the wordings beside it, and whether others could rewrite it or read the
/// secrets it names.
///
/// A file that cannot be read is a problem of its first line. A file with a secret that does not exist is none: it is missed by
/// whoever needs the secret.
pub fn load(path: &Path, catalogue: &Catalogue) -> Result<Config, Problems> {
    let name = path.display().to_string();
    let bytes = read(path, CONFIG_MAX_BYTES).map_err(|what| {
        let help = Some("name the file with --config, and let the user of the service read it".to_owned());
        Problems::new(vec![Problem::of_file(&name, what, help)])
    })?;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(not_utf8(&name, &error)),
    };
    let mut wordings = Wordings::builtin();
    let mut problems = load_wordings(&wordings_beside(path), &mut wordings);
    let writable = mode_of(path).filter(|mode| mode & ANYBODY_WRITES != 0).map(|_| {
        let what = "anybody on this machine can rewrite this file".to_owned();
        Problem::of_file(&name, what, Some(format!("chmod o-w {name}")))
    });
    problems.extend(writable);
    examine(&name, &text, catalogue, wordings, &mode_of, problems)
}

/// Checks `text` as if it stood in the file `name`, with the wordings of the program; looks at no other file.
pub fn parse(name: &str, text: &str, catalogue: &Catalogue) -> Result<Config, Problems> {
    examine(name, text, catalogue, Wordings::builtin(), &|_| None, Vec::new())
}

/// Where a technician's own device profiles stand: the folder `profiles` beside the configuration.
#[must_use]
pub fn profiles_beside(config: &Path) -> PathBuf {
    config.with_file_name("profiles")
}

/// Adds every `*.toml` of the folder `dir` to the catalogue, in the order of their names. No folder means no profiles.
pub fn load_profiles(dir: &Path, catalogue: &mut Catalogue) -> Vec<Problem> {
    let (paths, mut problems) = toml_files(dir, "device profiles", PROFILES_MAX);
    for path in &paths {
        problems.extend(add_profile(path, catalogue).err());
    }
    problems
}

/// Every `*.toml` of the folder `dir`, in the order of their names, up to `max` files. No folder is no file.
pub(super) fn toml_files(dir: &Path, what: &str, max: usize) -> (Vec<PathBuf>, Vec<Problem>) {
    let name = dir.display().to_string();
    let mut paths = match toml_paths(dir) {
        Ok(paths) => paths,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return (Vec::new(), Vec::new()),
        Err(error) => {
            let what = format!("the folder of {what} cannot be read: {error}");
            return (Vec::new(), vec![Problem::of_file(&name, what, None)]);
        }
    };
    paths.sort();
    let mut problems = Vec::new();
    if paths.len() > max {
        let what = format!("there are {} {what}; only the first {max} are read", paths.len());
        problems.push(Problem::of_file(&name, what, Some("remove what is not used".to_owned())));
        paths.truncate(max);
    }
    (paths, problems)
}

fn toml_paths(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let paths = std::fs::read_dir(dir)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect())
}

fn add_profile(path: &Path, catalogue: &mut Catalogue) -> Result<(), Problem> {
    let text = read_text(path, PROFILE_MAX_BYTES)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let file = path.display().to_string();
    catalogue.add(&name, &text).map_err(|error| Problem::of_profile(ProfileError { file, ..error }))
}

/// The text of a file that is not larger than `max_bytes`.
pub(super) fn read_text(path: &Path, max_bytes: u64) -> Result<String, Problem> {
    let told = |what| Problem::of_file(&path.display().to_string(), what, None);
    let bytes = read(path, max_bytes).map_err(told)?;
    String::from_utf8(bytes).map_err(|_| told("is not UTF-8 text".to_owned()))
}

/// Everything about one text. `mode_of` gives the permissions of files named in it, where they are of interest.
fn examine(
    name: &str,
    text: &str,
    catalogue: &Catalogue,
    wordings: Wordings,
    mode_of: &dyn Fn(&Path) -> Option<u32>,
    mut problems: Vec<Problem>,
) -> Result<Config, Problems> {
    let mended = mend(text);
    let findings = Findings::new(name, text, mended.torn);
    for mistake in mended.mistakes {
        findings.tell(mistake.at, mistake.what, Some(mistake.help.to_owned()));
        findings.settle(mistake.at);
    }
    let mut config = None;
    if mended.given_up {
        findings.tell(text.len(), "too many mistakes in the TOML; nothing else was checked".to_owned(), None);
    } else {
        let tree = DeTable::parse_recoverable(&mended.text).0;
        let said = Said::read(&findings, tree.get_ref(), &wordings);
        let bindings = cross_check(&said, &findings, catalogue);
        let pressed = super::button::check(&said, &findings, catalogue);
        unlawful(&said, &findings);
        open_secrets(&said, &findings, mode_of);
        config = build(said, (bindings, pressed), wordings);
    }
    problems.extend(findings.into_problems());
    if problems.is_empty() {
        return Ok(config.expect("whatever is missing from the configuration was told as a problem"));
    }
    Err(Problems::new(problems))
}

/// Secrets that anybody on the box can read.
fn open_secrets(said: &Said, findings: &Findings, mode_of: &dyn Fn(&Path) -> Option<u32>) {
    for (key, path) in &said.secret_files {
        if mode_of(&path.value).is_some_and(|mode| mode & (ANYBODY_READS | ANYBODY_WRITES) != 0) {
            let what = format!("{key}: anybody on this machine can read or rewrite that file");
            findings.tell(path.at, what, Some("chmod 0400 it, and give it to the user of the service".to_owned()));
        }
    }
}

fn mode_of(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|meta| meta.permissions().mode())
}

/// Reads a file that is not larger than `max_bytes`.
fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| format!("cannot be opened: {error}"))?;
    file.take(max_bytes + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > max_bytes {
        return Err(format!("is larger than {} KiB", max_bytes / 1024));
    }
    Ok(bytes)
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Problems {
    let at = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(&error.as_bytes()[..at]);
    let findings = Findings::new(name, &before, BTreeSet::new());
    let help = "save the file as UTF-8; Polish letters from another encoding look like this".to_owned();
    findings.tell(at, "this is not UTF-8 text".to_owned(), Some(help));
    Problems::new(findings.into_problems())
}
