//! Signed notes and checkpoints: equal to published ones, and strict.

use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::keys::{Key, Seed};
use crate::ledger::note::{Note, NoteError, Verifier, is_name, sign};
use crate::ledger::tree::leaf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The example of golang.org/x/mod/sumdb/note, which c2sp.org/signed-note took over.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_PRIVATE: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER_TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const PETER_SIGNATURE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

/// A checkpoint of the log of Go's modules, and its key as Go's tools have it built in.
const GO_SUM: &str = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
const GO_SUM_NOTE: &str = "go.sum database tree\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
                           — sum.golang.org Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

fn peter() -> String {
    format!("{PETER_TEXT}\n{PETER_SIGNATURE}")
}

fn verdict(note: &str, key: &str) -> Result<bool, NoteError> {
    Note::parse(note)?.signed_by(&Verifier::parse(key)?)
}

#[test]
fn the_published_note_is_read_signed_and_signed_again_to_the_byte() {
    assert_eq!(verdict(&peter(), PETER), Ok(true));
    assert_eq!(Note::parse(&peter()).unwrap().text, PETER_TEXT);
    let private = STANDARD.decode(PETER_PRIVATE).unwrap();
    let seed = Seed(private[1..].try_into().unwrap());
    let key = Key::new("PeterNeumann", &seed).unwrap();
    assert_eq!(key.verifier().to_string(), PETER);
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed.0).unwrap();
    assert_eq!(sign(PETER_TEXT, key.verifier(), &pair), peter());
}

#[test]
fn a_checkpoint_of_a_public_log_is_read_and_its_signature_holds() {
    assert_eq!(verdict(GO_SUM_NOTE, GO_SUM), Ok(true));
    let note = Note::parse(GO_SUM_NOTE).unwrap();
    let checkpoint = Checkpoint::parse(note.text).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.size), ("go.sum database tree", 20_852_163));
    assert_eq!(checkpoint.to_string(), note.text);
}

#[test]
fn unknown_signatures_do_not_matter_and_known_ones_must_hold() {
    let stranger =
        "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QM=\n";
    assert_eq!(verdict(&format!("{PETER_TEXT}\n{stranger}{PETER_SIGNATURE}"), PETER), Ok(true));
    assert_eq!(verdict(&format!("{PETER_TEXT}\n{stranger}"), PETER), Ok(false));
    let another = peter().replace("answer", "cure");
    assert_eq!(verdict(&another, PETER), Err(NoteError::Forged(PETER.to_owned())));
    let twice = format!("{PETER_TEXT}\n{PETER_SIGNATURE}{}", PETER_SIGNATURE.replace("x08go/ZJ", "x08go/ZK"));
    assert!(verdict(&twice, PETER).is_err(), "one good signature does not cure a bad one of the same key");
}

#[test]
fn what_is_no_note_is_refused() {
    let good = peter();
    for bad in [
        String::new(),
        PETER_TEXT.to_owned(),
        format!("{PETER_TEXT}\n"),
        good.trim_end().to_owned(),
        good.replace("— ", "- "),
        good.replace("— PeterNeumann x", "— PeterNeumann  x"),
        good.replace("BwJnAM=", "BwJnAN="),
        good.replace("BwJnAM=", "BwJnAM"),
        good.replace("PeterNeumann x", "Peter+Neumann x"),
        good.replace("PeterNeumann x", "x"),
        good.replace("your problem,", "your\rproblem,"),
        format!("{good}\n"),
        format!("{PETER_TEXT}\n— PeterNeumann x08gow==\n"),
        format!("{PETER_TEXT}\n{}", PETER_SIGNATURE.repeat(33)),
        format!("{}{good}", "x".repeat(20_000)),
    ] {
        assert!(matches!(Note::parse(&bad), Err(NoteError::Form(_))), "{bad:?}");
    }
}

#[test]
fn a_key_has_one_form() {
    assert_eq!(Verifier::parse(PETER).unwrap().to_string(), PETER);
    for bad in [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpcAQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
    ] {
        assert_eq!(Verifier::parse(bad), Err(NoteError::Key(bad.to_owned())));
    }
    for name in ["", "a b", "a+b", "a\u{2003}b", "a\nb"] {
        assert!(!is_name(name), "{name:?}");
    }
    assert!(is_name("noticed/poznan-1"));
}

#[test]
fn a_checkpoint_says_what_it_was_made_of_and_who_comes_next() {
    let next = Verifier::parse(PETER).unwrap();
    let checkpoint = Checkpoint { origin: "noticed/poznan-1".to_owned(), size: 12, root: leaf(b"x"), next: Some(next) };
    let text = checkpoint.to_string();
    assert_eq!(text.lines().nth(3), Some(format!("next {PETER}").as_str()));
    assert_eq!(Checkpoint::parse(&text), Ok(checkpoint.clone()));
    assert_eq!(Checkpoint::parse(&format!("{text}something else\n")), Ok(checkpoint));
    for bad in [
        "",
        "\n12\n",
        "x\n12\n",
        &text.replace("\n12\n", "\n012\n"),
        &text.replace("\n12\n", "\n+12\n"),
        &text.replace("\n12\n", "\n-1\n"),
        &text.replace("\n12\n", "\n99999999999999999999\n"),
        &text.replace("=\n", "\n"),
        &text.replace("next ", "\nnext "),
        &text.replace("+c74f20a3", "+c74f20a4"),
        &format!("{text}next {PETER}\n"),
        text.trim_end(),
    ] {
        assert!(Checkpoint::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_seed_is_not_printed() {
    assert_eq!(format!("{:?}", Seed([7; 32])), "Seed(…)");
}
