//! Pictures for glass. Pure.

pub mod panel;
