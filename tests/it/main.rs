//! Integration tests: one binary, real parts.
