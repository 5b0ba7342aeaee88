//! Faults put into the engine on purpose. A check that does not find them is worth nothing.

use super::explore::{Bounds, explore, open_world, stopped_world};
use super::promise::Broken;
use super::world::World;

/// A fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::engine) enum Seeded {
    /// A picture that was sent is taken to be on the glass.
    SentIsShown,
    /// That a sign may still say that nobody counts is not looked at.
    DenialForgotten,
    /// Packets are acknowledged before they are in the store.
    AcknowledgedAtOnce,
    /// "Not counting" is shown before the camera has said that it is off.
    CameraNotAwaited,
}

/// What is found when an engine with `fault` is explored from `world`, in as few moves as possible.
fn found(mut world: World, fault: Seeded) -> Option<Broken> {
    world.engine.seeded = Some(fault);
    (1..=4).find_map(|depth| {
        let bounds = Bounds { depth, faults: 2, passings: 1, probe_every: u64::MAX };
        explore(&world, bounds).broken.map(|(broken, ..)| broken)
    })
}

#[test]
fn an_engine_that_takes_a_sent_picture_for_a_shown_one_is_found() {
    let broken = found(stopped_world(), Seeded::SentIsShown);
    assert!(matches!(broken, Some(Broken::OpenWithoutNotice(_) | Broken::DeniedWhileOpen { .. })), "{broken:?}");
}

#[test]
fn an_engine_that_forgets_a_denial_is_found() {
    let broken = found(stopped_world(), Seeded::DenialForgotten);
    assert!(matches!(broken, Some(Broken::DeniedWhileOpen { .. })), "{broken:?}");
}

#[test]
fn an_engine_that_acknowledges_what_is_not_kept_is_found() {
    let broken = found(open_world(1), Seeded::AcknowledgedAtOnce);
    assert!(matches!(broken, Some(Broken::AcknowledgedTooEarly(_))), "{broken:?}");
}

#[test]
fn an_engine_that_does_not_wait_for_the_camera_is_found() {
    let broken = found(open_world(1), Seeded::CameraNotAwaited);
    assert!(matches!(broken, Some(Broken::DeniedWhileOn)), "{broken:?}");
}
