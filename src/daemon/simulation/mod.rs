//! The whole daemon in simulated time, with displays of every kind as clients over real sockets.
//!
//! Everything is the real thing but three: the clock shows what the test says, the broker is played by handing in what its session
//! would hear (but in [`whole`], where it is mosquitto), and nobody waits: time goes from one thing that happens to the next. The store is
//! the real one too, because what a restart believes is exactly what it had kept.
//!
//! [`truth`] says once what must hold, and is asked after every single step. A display knows nothing of the daemon but what comes
//! through its socket. Paragraphs (§) are those of the notes on signage from which they were built; what a display does
//! was read in its source: trmnl-firmware 1.4.6 to 1.8.15, trmnl-display, ESPHome 2026.6, OpenEPaperLink 2.91.

mod album;
mod broker;
mod chance;
mod daemon;
mod days;
mod display;
mod esphome;
mod faults;
mod firmware;
mod glass;
mod inkplate;
mod installation;
mod label;
mod line;
mod linux;
mod outages;
mod page;
mod pauses;
mod people;
mod random;
mod shop;
mod told;
mod trmnl;
mod truth;
mod turns;
mod whole;
