//! What must hold after every single step, stated once.
//!
//! 1. While it is counted, somebody who stands in the zone is told so by the glass of a sign, and by none that it is not; and
//!    for as long as the open span goes back.
//! 2. A notice that the daemon takes to be confirmed is on the glass. (Nothing rests on its being right that a "not counting" is
//!    there; over night it believes that for an hour longer than a display may keep it.)
//! 3. A display that was told what to show, and went to sleep, shows it.
//! 4. No display was given anything that its firmware does not take.
//!
//! A display can draw something of its own and be unable to say so: somebody pressed its button, its power went, its Wi-Fi is
//! lost. Only someone before it can know. How long it was counted meanwhile is summed up, and never longer than the lease.

use std::collections::BTreeMap;

use super::display::Face;
use super::glass::{Gallery, Glass};
use crate::config::Config;
use crate::domain::id::{ActivityId, SignId, ZoneId};
use crate::domain::notice::Evidence;
use crate::domain::time::{Mono, Now};
use crate::engine::Engine;

/// What somebody who stands in a zone is told of an activity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Told {
    /// That it goes on.
    Yes,
    /// Nothing, or that it does not; but a display has drawn something of its own, of which nobody can know.
    Unsaid,
    No,
}

pub(super) struct Truth {
    zones: BTreeMap<SignId, Vec<ZoneId>>,
    /// For each zone and activity what is told, and until when something else was.
    told: BTreeMap<(ZoneId, ActivityId), (Told, Mono)>,
    /// Whether it is counted.
    counting: bool,
    at: Mono,
    /// How long it was counted while nobody could know that the glass says something else; in all, just now, and at most at once.
    pub(super) unsaid_ms: i64,
    unsaid_now_ms: i64,
    pub(super) unsaid_longest_ms: i64,
}

impl Truth {
    pub(super) fn new(config: &Config) -> Self {
        let zones = config.signs.iter().map(|sign| (sign.id.clone(), sign.zones.clone())).collect();
        Self {
            zones,
            told: BTreeMap::new(),
            counting: false,
            at: Mono(i64::MIN),
            unsaid_ms: 0,
            unsaid_now_ms: 0,
            unsaid_longest_ms: 0,
        }
    }

    /// Whether everybody who comes in now is told, as far as anybody can know.
    pub(super) fn is_told(&self) -> bool {
        self.told.values().all(|(told, _)| *told != Told::No)
    }

    /// Time goes on until `at`, and everything is as it was.
    pub(super) fn elapse(&mut self, at: Mono) {
        let passed = if self.at.0 == i64::MIN { 0 } else { at.0 - self.at.0 };
        self.at = at;
        for (told, otherwise_until) in self.told.values_mut() {
            if *told == Told::No {
                *otherwise_until = at;
            }
        }
        let is_unsaid = self.counting && self.told.values().any(|(told, _)| *told == Told::Unsaid);
        if is_unsaid {
            self.unsaid_ms += passed;
        }
        self.unsaid_now_ms = if is_unsaid { self.unsaid_now_ms + passed } else { 0 };
        self.unsaid_longest_ms = self.unsaid_longest_ms.max(self.unsaid_now_ms);
    }

    pub(super) fn look<'a>(
        &mut self,
        now: &Now,
        engine: Option<&Engine>,
        seen: impl Iterator<Item = (&'a SignId, &'a Face)> + Clone,
        gallery: &Gallery,
    ) -> Result<(), String> {
        for (sign, face) in seen.clone() {
            tells_what_it_was_told(sign, face, gallery)?;
        }
        let Some(engine) = engine else {
            self.counting = false;
            let zones: Vec<_> = self.told.keys().cloned().collect();
            for key in zones {
                self.note(key, now, seen.clone(), gallery);
            }
            return Ok(());
        };
        self.counting = false;
        for (zone, activity, since) in engine.counted() {
            let key = (zone.clone(), activity.clone());
            self.note(key.clone(), now, seen.clone(), gallery);
            let (told, otherwise_until) = self.told[&key];
            let Some(since) = since else { continue };
            self.counting = true;
            if told == Told::No {
                return Err(format!("{activity} is counted in {zone}, and no glass says so"));
            }
            if since < otherwise_until {
                let by = otherwise_until.0 - since.0;
                return Err(format!("{activity} is counted in {zone} from {by} ms before it was told on"));
            }
        }
        confirmed_is_on_the_glass(engine, now, seen, gallery)
    }

    fn note<'a>(
        &mut self,
        key: (ZoneId, ActivityId),
        now: &Now,
        seen: impl Iterator<Item = (&'a SignId, &'a Face)> + Clone,
        gallery: &Gallery,
    ) {
        let over = seen.filter(|(sign, _)| self.zones[*sign].contains(&key.0)).map(|(_, face)| face);
        let denies = |face: &Face| {
            let until = gallery.read(face.glass()).and_then(|said| said.state.valid_until());
            until.is_some_and(|until| now.wall < until)
        };
        let names = |face: &Face| {
            let picture = matches!(face.glass(), Glass::Picture(_));
            picture && gallery.read(face.glass()).is_some_and(|said| said.state.names(&key.1))
        };
        let told = if over.clone().any(names) && !over.clone().any(denies) {
            Told::Yes
        } else if over.clone().any(|face| face.unsaid) && !over.clone().any(denies) {
            Told::Unsaid
        } else {
            Told::No
        };
        let before = self.told.get(&key).map_or(now.mono, |(_, otherwise_until)| *otherwise_until);
        let otherwise_until = if told == Told::No { now.mono } else { before };
        self.told.insert(key, (told, otherwise_until));
    }
}

fn tells_what_it_was_told(sign: &SignId, face: &Face, gallery: &Gallery) -> Result<(), String> {
    if let Some(complaint) = face.complaints.first() {
        return Err(format!("{sign} was given what its firmware does not take: {complaint}"));
    }
    let shown = gallery.read(face.glass()).map(|said| said.notice.short());
    match &face.due {
        Some(due) if shown.as_ref() != Some(due) => Err(format!("{sign} was told to show {due} and shows {shown:?}")),
        _ => Ok(()),
    }
}

fn confirmed_is_on_the_glass<'a>(
    engine: &Engine,
    now: &Now,
    seen: impl Iterator<Item = (&'a SignId, &'a Face)>,
    gallery: &Gallery,
) -> Result<(), String> {
    let status = engine.status(now).signs;
    for (sign, face) in seen.filter(|(_, face)| !face.unsaid) {
        let evidence = status.iter().find(|status| status.id == *sign).map_or(Evidence::None, |status| status.evidence);
        let board = engine.boards().flatten().find(|board| board.sign == *sign);
        let shown = match face.glass() {
            Glass::Picture(_) => gallery.read(face.glass()).map(|said| said.notice),
            Glass::Blank | Glass::Own(..) => None,
        };
        let denies = board.is_some_and(|board| board.state.valid_until().is_some());
        if evidence >= Evidence::Confirmed && !denies && shown != board.map(|board| board.notice) {
            return Err(format!("{sign} is taken to show {board:?} and shows {}", gallery.word(face.glass())));
        }
    }
    Ok(())
}
