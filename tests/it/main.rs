//! Integration tests: one binary, real parts: Debian's mosquitto, the daemon as a process, a display that polls.

mod broker;
mod commands;
mod crash;
mod nevers;
mod privacy;
mod promise;
mod shop;
mod signals;
