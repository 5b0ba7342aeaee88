//! What the targets share: the shipped profiles with the messages of their cases, seeds, and the bounds that hold for any input.
//!
//! Profiles and cases are read from `config/profiles` and `tests/profiles`, so that a new family is fuzzed as soon as it is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use noticed::device::binding::Binding;
use noticed::device::cases::Cases;
use noticed::device::catalog::Catalogue;
use noticed::device::decode::Decoded;
use noticed::device::words;
use rustix::time::{ClockId, clock_gettime};

/// Most readings that one message may become, as documented.
const READINGS_MAX: usize = 64;

/// Longest name of a stream in bytes, as documented.
const STREAM_MAX_BYTES: usize = 64;

/// Processor time that one message may take in this slow build (sanitizer, no optimisation across crates): a hundred times what
/// the dearest honest message takes, and a hundredth of what would be felt as standing still.
const DECODE_TIME: Duration = Duration::from_millis(500);

/// One message of the cases of a profile.
pub struct Sample {
    /// Name of its profile.
    pub profile: String,
    /// The sensor that hears it.
    pub binding: Binding,
    /// Its topic.
    pub topic: String,
    /// Its payload.
    pub payload: String,
}

/// Every shipped profile.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut catalogue = Catalogue::empty();
    for (file, text) in files("config/profiles") {
        // One that does not compile is told by the tests.
        let _ = catalogue.add(&file, &text);
    }
    catalogue
});

/// Every message of every shipped profile's cases.
pub static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    let mut samples = Vec::new();
    for name in CATALOGUE.names() {
        let file = at(&format!("tests/profiles/{name}.toml"));
        let Some(cases) = fs::read_to_string(file).ok().and_then(|text| Cases::parse(&text).ok()) else { continue };
        let Some(profile) = CATALOGUE.get(name) else { continue };
        samples.extend(cases.messages(profile).into_iter().map(|(binding, topic, payload)| Sample {
            profile: name.to_owned(),
            binding,
            topic: topic.to_owned(),
            payload: payload.to_owned(),
        }));
    }
    samples
});

/// Names and texts of the TOML files in a folder of the repository, sorted.
pub fn files(folder: &str) -> Vec<(String, String)> {
    let mut paths: Vec<_> =
        fs::read_dir(at(folder)).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let toml = paths.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    toml.filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), fs::read_to_string(&path).ok()?))).collect()
}

/// Puts seeds where libFuzzer looks for inputs of `target` next.
pub fn plant(target: &str, seeds: impl IntoIterator<Item = Vec<u8>>) {
    let corpus = at("fuzz/corpus").join(target);
    let _ = fs::create_dir_all(&corpus);
    for (n, seed) in seeds.into_iter().enumerate() {
        let _ = fs::write(corpus.join(format!("seed-{n}")), seed);
    }
}

/// Decodes a message, and holds what came of it and what it cost against the documented bounds.
pub fn decode_within_bounds(binding: &Binding, topic: &str, payload: &[u8], replayed: bool) -> Decoded {
    let before = clock_gettime(ClockId::ThreadCPUTime);
    let decoded = binding.decode(topic, payload, replayed);
    let spent = clock_gettime(ClockId::ThreadCPUTime) - before;
    assert!(Duration::try_from(spent).is_ok_and(|spent| spent < DECODE_TIME), "{spent:?}");
    if let Decoded::Readings(readings) = &decoded {
        assert!((1..=READINGS_MAX).contains(&readings.len()), "{} readings", readings.len());
        assert!(readings.iter().all(|reading| reading.stream.len() <= STREAM_MAX_BYTES));
    }
    assert!(!words::of(&decoded).is_empty());
    decoded
}

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}
