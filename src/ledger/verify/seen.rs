//! Checkpoints that somebody kept: each must be of this log, by a key of it, and over its beginning.

use super::pieces::{Piece, end};
use super::succession::Reign;
use super::{Fault, Place, Seen};
use crate::ledger::checkpoint::Checkpoint;
use crate::ledger::note::{Note, Verifier};
use crate::ledger::tree::Frontier;

/// Checks one.
pub(super) fn check(seen: &Seen, first: &Verifier, reigns: &[Reign], pieces: &[Piece<'_>]) -> Result<(), Fault> {
    let wrong = |what: String| Err(Fault::at(Place::Seen(seen.name.clone()), what));
    let note = Note::parse(&seen.note).map_err(|error| Fault::at(Place::Seen(seen.name.clone()), error))?;
    let said = Checkpoint::parse(note.text).map_err(|error| Fault::at(Place::Seen(seen.name.clone()), error))?;
    if said.origin != first.name() {
        return wrong(format!("it is of the log \"{}\", and the file is of \"{}\"", said.origin, first.name()));
    }
    let Some(reign) = signer(&note, reigns).map_err(|what| Fault::at(Place::Seen(seen.name.clone()), what))? else {
        return wrong(
            "it is signed by no key of this log: either the file is of another log, or older than this checkpoint"
                .to_owned(),
        );
    };
    let total = end(pieces);
    if said.size > total {
        return wrong(format!("it is over {} entries, and the file has {total}: the file is cut, or older", said.size));
    }
    if said.size <= reign.from || said.size > reign.to {
        let (from, to) = (reign.from, reign.to);
        return wrong(format!(
            "it is over {} entries, and its key signed from {} to {to} entries",
            said.size,
            from + 1
        ));
    }
    let mut tree = Frontier::default();
    for piece in pieces.iter().take_while(|piece| piece.to <= said.size) {
        piece.append(&mut tree);
    }
    if tree.size() != said.size {
        return wrong(format!(
            "it is over {} entries, which is within a span of which only hashes are left: nobody can compare it any more",
            said.size
        ));
    }
    if tree.root() != said.root {
        return wrong(format!(
            "the first {} entries of the file are not those that it is over: the log was rewritten",
            said.size
        ));
    }
    if said.next.is_some() && said.next != reign.next {
        return wrong("it names another key as coming after: the file is older, or the log was forked".to_owned());
    }
    Ok(())
}

/// The reign of the key that signed.
fn signer<'a>(note: &Note<'_>, reigns: &'a [Reign]) -> Result<Option<&'a Reign>, String> {
    let ids: Vec<_> = note.signers().collect();
    let named = |reign: &&Reign| ids.contains(&(reign.key.name(), reign.key.id()));
    for reign in reigns.iter().filter(named) {
        if note.signed_by(&reign.key).map_err(|error| error.to_string())? {
            return Ok(Some(reign));
        }
    }
    Ok(None)
}
