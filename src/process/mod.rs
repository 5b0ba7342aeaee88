//! What the daemon and the operating system say to each other: clocks, signals, the service manager, credentials, the log.
//!
//! The only room that reads a clock. Each part is a thin call over a pure function, so that tests feed both clocks, an
//! environment or a signal number instead of waiting for them.

pub mod clock;
pub mod credential;
pub mod log;
pub mod service;
pub mod signal;
