//! `noticed`, the notice daemon for shops: no notice, no counting.
//!
//! The house, from the door inwards. `main` hands the arguments to [`cli`], which calls [`daemon`] for the long run and
//! the reading rooms for everything else. [`daemon`] is the one place that wires rooms together.
//!
//! * [`domain`]: the words of the house as types; imports nothing.
//! * [`config`]: what the TOML says, every problem at once, what holds.
//! * [`device`]: profiles that turn a packet into readings or a refusal. Pure.
//! * [`engine`]: interlock and tallies; inputs in, effects out. Pure.
//! * [`ledger`]: what was shown and when counting was open, so that a third person can check it. Pure.
//! * [`notice`] and [`sign`]: what is said, and how it looks on glass. Pure.
//! * [`mqtt`], [`store`], [`http`]: the edges. They never name each other.
//! * [`process`]: signals, service manager, credentials and the only clock.

pub mod cli;
pub mod config;
pub mod daemon;
pub mod device;
pub mod domain;
pub mod engine;
pub mod http;
pub mod ledger;
pub mod mqtt;
pub mod notice;
pub mod process;
pub mod sign;
pub mod store;
