//! Device profiles: data files that turn packets into readings or refusals. Pure.

pub mod binding;
