//! The ledger against published examples, against naive counterparts, and against tampering.

use crate::{domain, ledger};

mod arithmetic;
mod forms;
mod notes;
mod shop;
mod tampering;
mod trees;
pub(crate) mod year;
