//! A profile bound to one sensor's topic and options.

/// Stub.
#[derive(Clone, Debug)]
pub struct Binding;
