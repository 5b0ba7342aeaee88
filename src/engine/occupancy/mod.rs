//! How many people are in each zone and in the shop, and for how long, from counts at the doors alone.
//!
//! Whoever is counted in adds one and whoever is counted out takes one away; nobody is told from anybody else. Time is integrated
//! exactly, in person-milliseconds, so the mean length of stay follows by Little's law, L = λW (John D. C. Little, "A Proof for the
//! Queuing Formula: L = λW", Operations Research 9(3), 1961), without following a person.
//!
//! What is approximated: people are dated as their tallies are (the people of an interval by its last moment, which shifts
//! those who come and those who go alike and leaves their sum as it is). Late words correct the number now and the sums since
//! the time they speak of, but not the maxima of earlier buckets; what they cannot know is whether the number had been held at
//! zero in between.

mod day;
mod follow;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

pub use self::day::Days;
use super::record::{OccupancyRecord, PlaceRecord};
use super::tally::Buckets;
use crate::domain::aggregate::Occupancy;
use crate::domain::commit::OccupancyRow;
use crate::domain::id::{ActivityId, ZoneId};
use crate::domain::time::{Bucket, Mono, Now, Wall};

/// How long the doors of a zone may go uncounted within a day before the number of people is called uncertain. Links of radio
/// bridges and servers settle, and a daemon or broker restarts, within a minute; in a longer gap somebody may have passed.
pub const GAP_BORNE: Duration = Duration::from_secs(60);

/// Most pieces that one stretch of time is cut into; as for the sums of sensors, a day at the shortest bucket.
const PIECES_MAX: usize = 100_000;

/// A sensor that counts people through a door.
#[derive(Clone, Debug)]
pub struct Door {
    /// Its index in the plan.
    pub sensor: usize,
    /// Zone that people counted as in enter.
    pub zone: ZoneId,
    /// Zone that they come from; `None` is the street.
    pub from: Option<ZoneId>,
    /// Activity that it serves.
    pub activity: ActivityId,
}

/// What of a door's counts comes into a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// Those counted as in.
    In,
    /// Those counted as out: the door leads out of the place.
    Out,
}

/// A zone, or the whole shop.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
struct Place {
    /// `None` is the whole shop.
    zone: Option<ZoneId>,
    /// By whose retention its sums go.
    activity: ActivityId,
    doors: Vec<(usize, Way)>,
    /// Interlocks that must be open: those of its doors, and its own where a door belongs to the zone beyond it.
    locks: Vec<usize>,
    people: u32,
    may_be_off: bool,
    /// From the last reset to the next.
    day: Bucket,
    accrued_to: Mono,
    /// Since when it has been covered without a gap.
    covered_since: Mono,
    /// Up to when it was covered.
    covered_to: Mono,
}

/// People who went through a door of a place.
#[derive(Clone, Copy, Debug)]
pub struct Passing {
    came: u64,
    left: u64,
    /// When, as their tally is dated.
    dated: Wall,
    /// Whether the place is covered now.
    covered: bool,
}

/// Every place with doors, and its sums since the last commit.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct Occupancies {
    places: Vec<Place>,
    days: Days,
    rows: BTreeMap<(Bucket, usize), Occupancy>,
    /// Whether what must survive a restart differs from what was last recorded.
    changed: bool,
}

impl Occupancies {
    /// Nobody anywhere, and nothing known of the day so far. `locks` names the interlocks by their index. A place's sums are kept as
    /// long as those of the activity of its first door; so doors come in the order of their retention, shortest first.
    #[must_use]
    pub fn new(doors: &[Door], locks: &[(ZoneId, ActivityId)], days: Days, now: &Now) -> Self {
        let day = days.at(now.wall);
        let mut places: Vec<Place> = Vec::new();
        for door in doors {
            let beyond = (door.from.clone(), if door.from.is_some() { Way::Out } else { Way::In });
            for (zone, way) in [(Some(door.zone.clone()), Way::In), beyond] {
                let index = places.iter().position(|p| p.zone == zone).unwrap_or_else(|| {
                    places.push(Place::empty(zone, door.activity.clone(), day, now.mono));
                    places.len() - 1
                });
                places[index].add_door(door, way, locks);
            }
        }
        Self { places, days, rows: BTreeMap::new(), changed: true }
    }

    /// Accounts for the time of place `index` up to `now`. It was covered without interruption from where its account ended to
    /// `covered_to`, or not at all.
    pub fn accrue(&mut self, index: usize, covered_to: Option<Mono>, buckets: &mut Buckets, now: &Now) {
        let place = &mut self.places[index];
        let from = place.accrued_to;
        if from >= now.mono {
            return;
        }
        place.accrued_to = now.mono;
        let end = covered_to.map_or(from, |until| until.min(now.mono));
        if from < end {
            self.run(index, from, end, buckets, now);
        }
        self.turn(index, now.wall, now.trusted);
    }

    /// Adds up `[from, end)`, cut where buckets end and where the number goes back to zero.
    fn run(&mut self, index: usize, from: Mono, end: Mono, buckets: &mut Buckets, now: &Now) {
        let (mut at, end_wall) = (now.wall_at(from), now.wall_at(end));
        self.turn(index, at, now.trusted);
        let place = &mut self.places[index];
        if place.covered_to != from {
            self.changed |= !place.may_be_off && place.gap(from, at) > GAP_BORNE;
            place.may_be_off |= place.gap(from, at) > GAP_BORNE;
            place.covered_since = from;
        }
        place.covered_to = end;
        for _ in 0..PIECES_MAX {
            self.turn(index, at, now.trusted);
            let place = &self.places[index];
            let bucket = buckets.at(at);
            let until = bucket.end.min(place.day.end).min(end_wall);
            let ms = until.since(at).as_millis() as u64;
            let row = self.rows.entry((bucket, index)).or_default();
            row.person_ms += i64::from(place.people) * ms as i64;
            row.covered_ms += ms;
            row.max = row.max.max(place.people);
            row.may_be_off |= place.may_be_off;
            at = until;
            if at >= end_wall {
                break;
            }
        }
    }

    /// Everybody has left if the reset has passed by `at`. A clock that was set back to before the last one says nothing of who left.
    fn turn(&mut self, index: usize, at: Wall, trusted: bool) {
        let place = &mut self.places[index];
        if at >= place.day.end {
            self.changed |= place.people > 0 || place.may_be_off;
            (place.people, place.may_be_off, place.day) = (0, false, self.days.at(at));
        } else if at < place.day.start && trusted {
            (place.may_be_off, place.day, self.changed) = (true, self.days.at(at), true);
        }
    }

    /// Lets people in and out of place `index`, whose time is accounted for up to `now`. The number never falls below zero, and what
    /// is cut off there is no debt. Those who left are counted while the place is covered, so that they and the time belong together.
    pub fn pass(&mut self, index: usize, passing: Passing, buckets: &mut Buckets, now: &Now) {
        self.turn(index, now.wall, now.trusted);
        let place = &mut self.places[index];
        let unbroken = place.covered_to == now.mono;
        let covered_since = if unbroken { place.covered_since } else { now.mono };
        let dated = now.mono_at(passing.dated);
        if passing.covered && passing.left > 0 && dated + GAP_BORNE >= covered_since {
            let exits = &mut self.rows.entry((buckets.at(passing.dated), index)).or_default().exits;
            *exits = exits.saturating_add(passing.left);
        }
        if passing.dated < place.day.start {
            return;
        }
        let before = place.people;
        let after = u64::from(before).saturating_add(passing.came).saturating_sub(passing.left);
        place.people = u32::try_from(after).unwrap_or(u32::MAX);
        let change = i64::from(place.people) - i64::from(before);
        self.changed |= change != 0;
        self.correct(index, change, dated.max(covered_since), buckets, now);
    }

    /// `change` people more have been there since `from`.
    fn correct(&mut self, index: usize, change: i64, from: Mono, buckets: &mut Buckets, now: &Now) {
        let mut at = now.wall_at(from);
        for _ in 0..PIECES_MAX {
            if change == 0 || at >= now.wall {
                break;
            }
            let bucket = buckets.at(at);
            let until = bucket.end.min(now.wall);
            let ms = until.since(at).as_millis() as i64;
            self.rows.entry((bucket, index)).or_default().person_ms += change * ms;
            at = until;
        }
    }

    /// Somebody who passed `sensor` in `bucket` may be missing for good.
    pub fn doubt(&mut self, sensor: usize, bucket: Bucket) {
        for (index, place) in self.places.iter_mut().enumerate().filter(|(_, p)| p.way(sensor).is_some()) {
            self.rows.entry((bucket, index)).or_default().may_be_off = true;
            if bucket.end > place.day.start {
                self.changed |= !place.may_be_off;
                place.may_be_off = true;
            }
        }
    }

    /// Interlock `lock` had in truth been shut since `at`.
    pub fn shut_since(&mut self, lock: usize, at: Mono) {
        for place in self.places.iter_mut().filter(|p| p.locks.contains(&lock)) {
            place.covered_to = place.covered_to.min(at);
        }
    }

    /// Whether nothing waits for a commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.values().all(Occupancy::is_empty)
    }

    /// Hands over all sums and starts from zero.
    pub fn take(&mut self) -> Vec<OccupancyRow> {
        let rows = std::mem::take(&mut self.rows).into_iter().filter(|(_, sums)| !sums.is_empty());
        let row = |((bucket, index), occupancy): ((Bucket, usize), Occupancy)| {
            let Place { zone, activity, .. } = &self.places[index];
            OccupancyRow { bucket, zone: zone.clone(), activity: activity.clone(), occupancy }
        };
        rows.map(row).collect()
    }

    /// What must survive a restart, if it has changed since this was last asked.
    pub fn record(&mut self, now: &Now) -> Option<OccupancyRecord> {
        // A place whose day is over, but whose time up to there is not accounted for yet, is recorded as it will be.
        let today = |p: &Place| now.wall < p.day.end;
        let day_of = |p: &Place| if today(p) { p.day.start.0 } else { self.days.at(now.wall).start.0 };
        let day = self.places.iter().map(day_of).max()?;
        let place = |p: &Place| PlaceRecord {
            zone: p.zone.as_ref().map(ToString::to_string),
            people: if today(p) { p.people } else { 0 },
            may_be_off: today(p) && p.may_be_off,
        };
        let places = self.places.iter().map(place).collect();
        let lapsed = self.places.iter().any(|p| !today(p) && (p.people > 0 || p.may_be_off));
        (std::mem::take(&mut self.changed) || lapsed).then_some(OccupancyRecord { day, places })
    }

    /// Takes over what an earlier run knew of the day it saw. If that is over by now, everybody has left.
    pub fn restore(&mut self, saved: &OccupancyRecord) {
        self.changed = false;
        for place in &mut self.places {
            let zone = place.zone.as_ref().map(ZoneId::as_str);
            let known = saved.places.iter().find(|p| p.zone.as_deref() == zone);
            if let Some(known) = known {
                (place.people, place.may_be_off) = (known.people, known.may_be_off);
                place.day = self.days.at(Wall(saved.day));
            }
        }
    }
}

impl Place {
    fn empty(zone: Option<ZoneId>, activity: ActivityId, day: Bucket, now: Mono) -> Self {
        Self {
            zone,
            activity,
            doors: Vec::new(),
            locks: Vec::new(),
            people: 0,
            may_be_off: false,
            day,
            accrued_to: now,
            covered_since: now,
            covered_to: Mono(i64::MIN),
        }
    }

    fn add_door(&mut self, door: &Door, way: Way, locks: &[(ZoneId, ActivityId)]) {
        self.doors.push((door.sensor, way));
        for zone in std::iter::once(&door.zone).chain(&self.zone) {
            let lock = locks.iter().position(|(of, activity)| of == zone && *activity == door.activity);
            self.locks.extend(lock.filter(|lock| !self.locks.contains(lock)));
        }
    }

    fn way(&self, sensor: usize) -> Option<Way> {
        self.doors.iter().find(|(door, _)| *door == sensor).map(|(_, way)| *way)
    }

    /// How long nobody was counted before `from`, which is `at`, as far as that was since the last reset.
    fn gap(&self, from: Mono, at: Wall) -> Duration {
        from.since(self.covered_to).min(at.since(self.day.start))
    }
}
