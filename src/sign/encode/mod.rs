//! Pictures as files, one module for each format. What each kind of device takes, [`super::validate`] says and checks.

pub mod bmp;
mod code;
pub mod jpeg;
pub mod png;
pub mod raw;

#[cfg(test)]
pub(in crate::sign) mod samples;
#[cfg(test)]
mod tests;
