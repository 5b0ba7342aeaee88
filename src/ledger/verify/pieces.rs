//! The log put together from entries and from spans of which only hashes are left.

use super::{Fault, Place};
use crate::ledger::cursor::INTEGER_MAX;
use crate::ledger::entry::Record;
use crate::ledger::export::Export;
use crate::ledger::tree::{Frontier, Hash, cover};

/// A part of the tree.
pub(super) struct Piece<'a> {
    /// Its first entry.
    pub(super) from: u64,
    /// The first entry after it.
    pub(super) to: u64,
    content: Content<'a>,
}

enum Content<'a> {
    Line(&'a str),
    Roots(Vec<Hash>),
}

impl Piece<'_> {
    /// Appends it to the tree, which ends where it begins.
    pub(super) fn append(&self, tree: &mut Frontier) {
        match &self.content {
            Content::Line(line) => tree.push(line.as_bytes()),
            Content::Roots(roots) => {
                for ((_, level), root) in cover(self.from, self.to).zip(roots) {
                    tree.push_subtree(level, *root).expect("a cover fits where it begins");
                }
            }
        }
    }
}

/// Where the log ends.
pub(super) fn end(pieces: &[Piece<'_>]) -> u64 {
    pieces.last().map_or(0, |piece| piece.to)
}

/// All pieces, each beginning where the one before it ends.
pub(super) fn in_order<'a>(export: &'a Export, records: &[Record]) -> Result<Vec<Piece<'a>>, Fault> {
    let mut folded = Vec::with_capacity(export.folded.len());
    for (index, span) in export.folded.iter().enumerate() {
        folded.push((Place::Folded(index), folded_piece(export, index)?, span.from));
    }
    let line = |(index, (line, record)): (usize, (&'a String, &Record))| {
        let (from, content) = (record.seq, Content::Line(line.as_str()));
        (Place::Line(index), Piece { from, to: from + 1, content }, from)
    };
    let lines = export.entries.iter().zip(records).enumerate().map(line);
    merge(folded.into_iter(), lines)
}

fn folded_piece(export: &Export, index: usize) -> Result<Piece<'_>, Fault> {
    let wrong = |what: String| Err(Fault::at(Place::Folded(index), what));
    let span = &export.folded[index];
    if span.from >= span.to {
        return wrong(format!("it goes from {} to {}, which is nothing", span.from, span.to));
    }
    if span.to > INTEGER_MAX as u64 {
        return wrong(format!("it ends at {}; entries are numbered up to {INTEGER_MAX}", span.to));
    }
    let Some(roots) = span.roots() else {
        return wrong("one of its hashes is no hash of 32 bytes in base64".to_owned());
    };
    let needed = cover(span.from, span.to).count();
    if roots.len() != needed {
        return wrong(format!("it has {} hashes; entries {} to {} have {needed}", roots.len(), span.from, span.to - 1));
    }
    Ok(Piece { from: span.from, to: span.to, content: Content::Roots(roots) })
}

type Placed<'a> = (Place, Piece<'a>, u64);

/// Takes from both lists whatever comes next, and finds what is missing, twice or out of order.
fn merge<'a>(
    folded: impl Iterator<Item = Placed<'a>>,
    lines: impl Iterator<Item = Placed<'a>>,
) -> Result<Vec<Piece<'a>>, Fault> {
    let (mut folded, mut lines) = (folded.peekable(), lines.peekable());
    let mut pieces = Vec::new();
    let mut next = 0;
    loop {
        let folded_first = match (folded.peek(), lines.peek()) {
            (None, None) => return Ok(pieces),
            (Some((_, _, span)), Some((_, _, line))) => span <= line,
            (span, _) => span.is_some(),
        };
        let taken = if folded_first { folded.next() } else { lines.next() };
        let (place, piece, from) = taken.expect("it was looked at");
        if from > next {
            let what = format!("here stands entry {from}, and {next} should: what is between is missing");
            return Err(Fault::at(place, what));
        }
        if from < next {
            let what = format!("here stands entry {from}, and {next} should: it comes twice or out of order");
            return Err(Fault::at(place, what));
        }
        next = piece.to;
        pieces.push(piece);
    }
}
