//! Pictures for glass. Pure: a notice and a panel in, checked bytes out.
//!
//! [`layout`] sets the words of a notice with [`font`], [`text`], [`icon`] and [`qr`] on a [`canvas`]; [`encode`] writes
//! it for displays; [`validate`] holds the bytes against what sign firmware accepts; [`picture`] does all of it.

mod band;
pub mod canvas;
pub mod encode;
pub mod font;
pub mod icon;
pub mod layout;
pub mod panel;
pub mod picture;
pub mod qr;
pub mod text;
pub mod validate;

#[cfg(test)]
mod golden;
