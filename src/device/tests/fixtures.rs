//! Every shipped profile against its file of cases in `tests/profiles`.

use std::path::Path;

use super::super::binding::Binding;
use super::super::cases::Cases;
use super::CATALOGUE;

/// Fewest comparisons in a file of cases: less does not cover a family's rules and traps.
const COMPARED_MIN: usize = 10;

#[test]
fn shipped_profiles_make_of_every_case_what_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/profiles");
    let mut told = Vec::new();
    for name in CATALOGUE.names() {
        let file = folder.join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let cases = Cases::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let outcome = cases.run(CATALOGUE.get(name).unwrap());
        assert!(outcome.compared >= COMPARED_MIN, "{name}: only {} cases", outcome.compared);
        told.extend(outcome.mismatches.iter().map(|mismatch| format!("{name}: {mismatch}")));
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn no_file_of_cases_is_left_without_its_profile() {
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/profiles")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(CATALOGUE.get(&name).is_some(), "{name}");
    }
}

#[test]
fn every_shipped_profile_names_an_example_that_binds() {
    for name in CATALOGUE.names() {
        let profile = CATALOGUE.get(name).unwrap();
        let example = profile.example().unwrap_or_else(|| panic!("{name} has no example"));
        let bound = Binding::new(profile, &example.topic, &example.options);
        let binding = bound.unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
        assert!(!binding.subscriptions().is_empty(), "{name}");
    }
}
