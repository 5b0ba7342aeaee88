//! The words of the house as types. Everything imports this room; it imports only `std`.

pub mod activity;
pub mod aggregate;
pub mod commit;
pub mod id;
pub mod ledger;
pub mod notice;
pub mod objection;
pub mod reading;
pub mod sign;
pub mod status;
pub mod text;
pub mod time;
