//! A model check of the real engine: every order of events, within stated bounds, in a shop of two zones, two signs and two sensors,
//! against an adversary.
//!
//! The engine is not modelled; it is the one that ships. Modelled is what surrounds it (`world`): two displays with what is truly on
//! their glass (`display`), a camera that is truly on or off, a broker, a store, and clocks. The adversary (`moves`) delays, drops,
//! repeats and reorders what passes between them, kills the daemon at any point, freezes it, and sets its wall clock. After every single
//! input the promises are looked at from outside (`promise`): what was counted, what stood on the glass at that moment, what is in the
//! store. `explore` goes through all orders of moves and forgets none; `faults` breaks the engine on purpose and expects to be told.
//!
//! What the model takes for granted of the world:
//! * A display draws what it was given within [`world::DRAWING`], or reports an error, or forgets it and asks under another wake-up
//!   reason. It keeps its picture through three failed questions in a row and then draws an error screen (facts §1.5).
//! * A display's question is repeated on its way only while the display shows what it showed when it asked. Whoever overheard its
//!   credential could repeat it at any time; that is what the credential is there for.
//! * The broker hands on the messages of one session in the order in which they came, and repeats only what was not acknowledged, in the same
//!   order and marked (MQTT 3.1.1 §4.4, §4.6); mosquitto keeps to that across topics.
//! * Of what happens on the glass between two polls nobody knows: a picture that was there at the last poll counts as there until the
//!   lease of that poll ends.

mod display;
mod explore;
mod faults;
mod moves;
mod promise;
mod shop;
mod world;

pub(super) use faults::Seeded;
