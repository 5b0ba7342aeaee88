//! The ledger: an append-only log of what signs were known to show and when counting was open, in a form that a third person can
//! check without trusting the box. `docs/ledger.md` says the same for whoever writes a verifier of their own.
//!
//! [`entry`] gives each entry its one form; [`tree`] makes one hash of all of them (RFC 6962) and [`proof`] shows that one belongs to
//! another; [`note`] and [`checkpoint`] sign it (C2SP); [`keys`] lets a key serve one day; [`book`] puts these together for the writer, and
//! [`state`] knows what must outlive the folding of old days. [`export`] is the file that leaves the box, [`verify`] judges it, and
//! [`evidence`] recomputes from it that nothing was counted without notice. [`page`] is the same judgement for a browser.

pub mod book;
pub mod checkpoint;
mod cursor;
pub mod entry;
pub mod evidence;
pub mod export;
pub mod keys;
pub mod note;
pub mod page;
pub mod proof;
pub mod state;
#[cfg(test)]
pub(crate) mod tests;
pub mod tree;
pub mod verify;
