//! Integration tests: one binary, real parts: Debian's mosquitto, the daemon as a process, a display that polls.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod broker;
mod browser;
mod codes;
mod commands;
mod crash;
mod discover;
mod doors;
mod facts;
mod forged;
mod hostile;
mod kiosk;
mod ledger;
mod nevers;
mod occupancy;
mod paper;
mod pause;
mod pictures;
mod privacy;
mod promise;
mod shop;
mod signals;
mod switches;
mod verifier;
mod witness;
