//! Device profiles: data files that turn packets into readings or refusals. Pure.
//!
//! [`catalog`] holds the profiles, [`profile`] reads and compiles one, [`binding`] ties it to a sensor's topic and options and
//! decodes packets, [`baseline`] turns what counters say into people, each counted once.

pub mod baseline;
pub mod binding;
pub mod budget;
pub mod cases;
pub mod catalog;
mod compile;
pub mod decode;
pub mod discover;
mod expression;
mod file;
mod functions;
mod link;
mod needed;
mod options;
mod payload;
pub mod profile;
mod recognise;
mod space;
mod template;
#[cfg(test)]
mod tests;
pub mod trace;
mod value;
pub mod words;
