//! Integration tests: one binary, real parts.

mod nevers;
