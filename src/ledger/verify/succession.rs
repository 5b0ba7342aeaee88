//! Checkpoints, one after the other: the tree, who signed, and who signs next.

use super::pieces::{Piece, end};
use super::{Fault, Place};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::export::Export;
use crate::ledger::note::{Note, Verifier};
use crate::ledger::tree::Frontier;

/// The time of one key.
pub(super) struct Reign {
    /// The key.
    pub(super) key: Verifier,
    /// The first entry that it signed.
    pub(super) from: u64,
    /// The first entry after those.
    pub(super) to: u64,
    /// The key that comes after.
    pub(super) next: Option<Verifier>,
}

/// Checks every checkpoint, beginning with the first key.
pub(super) fn check(export: &Export, pieces: &[Piece<'_>], first: &Verifier) -> Result<Vec<Reign>, Fault> {
    let total = end(pieces);
    let mut tree = Frontier::default();
    let mut waiting = pieces.iter();
    let mut reigns = Vec::new();
    let mut next = Some(first.clone());
    for (index, text) in export.checkpoints.iter().enumerate() {
        let here = Place::Checkpoint(index);
        let Some(key) = next.take() else {
            return Err(Fault::at(here, "the checkpoint before it names no key that comes after"));
        };
        let note = Note::parse(text).map_err(|error| Fault::at(here.clone(), error))?;
        let said = Checkpoint::parse(note.text).map_err(|error| Fault::at(here.clone(), error))?;
        let from = tree.size();
        let signed = signed(&note, &key).map_err(|what| Fault::at(here.clone(), what));
        if said.origin != first.name() {
            let what = format!("it is of the log \"{}\" and not of \"{}\"", said.origin, first.name());
            return Err(signed.err().unwrap_or(Fault::at(here, what)));
        }
        if said.size <= from {
            let what = format!("it is over {} entries, and the one before it over {from}", said.size);
            return Err(signed.err().unwrap_or(Fault::at(here, what)));
        }
        if said.size > total {
            let what = format!("checkpoints[{index}] is over {} entries: the end of the log is missing", said.size);
            return Err(signed.err().unwrap_or(Fault::at(Place::Entry(total), what)));
        }
        while tree.size() < said.size {
            waiting.next().expect("the pieces reach that far").append(&mut tree);
        }
        if tree.size() > said.size {
            let what =
                format!("it is over {} entries, which is within a span of which only hashes are left", said.size);
            return Err(signed.err().unwrap_or(Fault::at(here, what)));
        }
        signed?;
        if tree.root() != said.root {
            let what = format!(
                "checkpoints[{index}] is signed, and over something else: what stands here is not what was written then"
            );
            return Err(Fault::at(Place::Entries(from, said.size), what));
        }
        if said.next.as_ref().is_some_and(|next| next.name() != first.name()) {
            return Err(Fault::at(here, "the key that it names as coming after has the name of another log"));
        }
        next.clone_from(&said.next);
        reigns.push(Reign { key, from, to: said.size, next: said.next });
    }
    if let Some(key) = next {
        let (place, what) = match export.checkpoints.len() {
            0 => (Place::File(None), "nothing is signed: it has no checkpoint".to_owned()),
            some => (
                Place::Checkpoint(some - 1),
                format!("it names the key {key} as coming after, and that never signs: the end of the log is missing"),
            ),
        };
        return Err(Fault::at(place, what));
    }
    if tree.size() < total {
        return Err(Fault::at(Place::Entries(tree.size(), total), "no checkpoint is over this: it is not signed"));
    }
    Ok(reigns)
}

fn signed(note: &Note<'_>, key: &Verifier) -> Result<(), String> {
    match note.signed_by(key) {
        Ok(true) => Ok(()),
        Ok(false) => Err(format!("it is not signed by {key}, whose turn it is")),
        Err(error) => Err(error.to_string()),
    }
}
