//! Panels.

/// Stub.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Panel;
