//! What customers are told. Pure: facts in, words out.
//!
//! The first layer (the sign) is [`copy`], the second (the page) is [`page`]; both take their sentences from the
//! [`wording`] files and everything that differs from shop to shop from [`facts`]. [`checklist`] says what the law asks
//! and the shop has not said. [`pause`] puts the button above the page that a
//! sign's code leads to, [`kiosk`] is the page that shows a sign in a browser.

pub mod checklist;
pub mod copy;
pub mod facts;
pub mod kiosk;
pub mod page;
pub mod pause;
pub mod piece;
pub mod wording;

#[cfg(test)]
pub(crate) mod samples;
