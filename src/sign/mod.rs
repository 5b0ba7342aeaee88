//! Pictures for glass. Pure: a notice and a panel in, checked bytes out.
//!
//! [`layout`] finds the way to set the words of a notice that leaves out least, `sheet` sets one way (`spread` or `tight`) with [`font`], [`text`], [`icon`] and
//! [`qr`] on a [`canvas`]; [`encode`] writes it for displays; [`validate`] holds the bytes against what sign firmware accepts; [`picture`] does
//! all of it; [`contact`] shows many at a glance; [`unpack`] reads a picture back from its file.

mod band;
pub mod canvas;
mod colours;
pub mod contact;
pub mod encode;
pub mod font;
mod hyphen;
pub mod icon;
pub mod layout;
mod measures;
pub mod panel;
pub mod picture;
pub mod print;
pub mod qr;
mod sheet;
mod spread;
pub mod text;
mod tight;
pub mod unpack;
pub mod validate;

#[cfg(test)]
mod golden;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod small;
