//! One file per command; each only parses, calls, prints.

pub mod key;
pub mod report;
