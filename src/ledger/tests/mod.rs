//! The ledger against published examples, against naive counterparts, and against tampering.

mod arithmetic;
mod forms;
mod notes;
mod shop;
mod tampering;
mod trees;
pub(crate) mod year;
