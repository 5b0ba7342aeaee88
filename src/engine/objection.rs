//! Visitors' objections: a pause of what is counted in a zone, without any identity (GDPR Art. 21, which Art. 11(2) leaves in force;
//! EDPB 3/2019 §6.2.2: the processing can be stopped at once on request).
//!
//! Of a pause nothing is kept but its end while it lasts, and how many there were in a zone on a day. When it began is known
//! to memory alone, for as long as the limit needs it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::record::{self, PauseRecord};
use super::{Engine, Lock};
use crate::device::decode::Decoded;
use crate::domain::id::{ActivityId, ZoneId};
use crate::domain::notice::SignState;
use crate::domain::objection::{Answer, PAUSE_MAX, PAUSES};
use crate::domain::reading::Fact;
use crate::domain::time::{Mono, Now, Wall};

/// Ends of pauses are full five minutes: easily read, and the printed end does not tell at which minute somebody pressed.
const END_GRID_MS: i64 = 5 * 60 * 1000;

/// Within so long a zone can be paused [`ObjectionPlan::per_hour`] times.
const LIMIT_SPAN: Duration = Duration::from_secs(3600);

/// For so many days the number of pauses of a day is kept: as long as the figures that it explains are commonly kept, thirteen months.
const DAYS_KEPT: i64 = 397;

/// How long after the end of a pause a sign is told to come back: by then the notice that counting begins is drawn and kept.
const RESUME_MARGIN: Duration = Duration::from_secs(5);

/// The codes of a day hold from this hour, by the shop's clocks, when nearly every shop is empty.
const CODES_CHANGE: Duration = Duration::from_secs(4 * 3600);

/// What visitors may pause, and how.
#[derive(Clone, Debug, Default)]
pub struct ObjectionPlan {
    /// Shortest pause.
    pub pause: Duration,
    /// How often a zone can be paused within an hour. Somebody who plays with the button must not switch counting off for the day.
    pub per_hour: usize,
    /// Activities that a visitor may object to.
    pub activities: Vec<ActivityId>,
    /// Buttons, in the order in which packets number them after the sensors.
    pub buttons: Vec<Button>,
}

/// A button that visitors press.
#[derive(Clone, Debug)]
pub struct Button {
    /// Its name.
    pub id: String,
    /// What it pauses.
    pub zone: ZoneId,
}

/// What is known of pauses.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Objections {
    zones: BTreeMap<ZoneId, Zone>,
    /// Pauses of a zone on a day.
    days: BTreeMap<(Date, ZoneId), u32>,
    /// Days whose number changed since the last commit, or which are too old.
    changed_days: BTreeSet<(Date, ZoneId)>,
    /// Where the press counter of every button stood, where it has one.
    presses: BTreeMap<String, u64>,
    /// Buttons whose counter moved since the last commit.
    changed_presses: BTreeSet<String>,
}

#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
struct Zone {
    pause: Option<Pause>,
    /// When its pauses of the last hour were asked for.
    asked: Vec<Mono>,
    /// Number of the commit that carries its last change.
    changed_in: u64,
}

/// One pause.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(Hash))]
struct Pause {
    /// Its end as it is told.
    until: Wall,
    /// The same moment on the clock that nobody sets.
    ends: Mono,
}

impl Objections {
    /// End of the pause of `zone` as it is told, while it lasts.
    pub(super) fn until(&self, zone: &ZoneId) -> Option<Wall> {
        self.zones.get(zone)?.pause.map(|pause| pause.until)
    }

    /// When pauses end.
    pub(super) fn ends(&self) -> impl Iterator<Item = Mono> {
        self.zones.values().filter_map(|zone| zone.pause).map(|pause| pause.ends)
    }

    fn object(&mut self, id: &ZoneId, plan: &ObjectionPlan, day: Date, number: u64, now: &Now) -> Answer {
        let until = on_grid(now.wall + plan.pause);
        let zone = self.zones.entry(id.clone()).or_default();
        if let Some(pause) = zone.pause.filter(|pause| until <= pause.until) {
            // Pressed twice, or by two who came in together.
            return Answer::Paused { until: pause.until };
        }
        zone.asked.retain(|asked| now.mono.since(*asked) < LIMIT_SPAN);
        if zone.asked.len() >= plan.per_hour {
            return Answer::Limit { until: zone.pause.map(|pause| pause.until) };
        }
        zone.asked.push(now.mono);
        zone.pause = Some(Pause { until, ends: now.mono_at(until) });
        zone.changed_in = number;
        if now.trusted {
            *self.days.entry((day, id.clone())).or_default() += 1;
            self.changed_days.insert((day, id.clone()));
            self.forget_before(day.saturating_sub(DAYS_KEPT.days()));
        }
        Answer::Paused { until }
    }

    fn changes_in(&self, zone: &ZoneId, number: u64) -> bool {
        self.zones.get(zone).is_some_and(|zone| zone.changed_in == number)
    }

    fn forget_before(&mut self, oldest: Date) {
        self.changed_days.extend(self.days.keys().filter(|(day, _)| *day < oldest).cloned());
        self.days.retain(|(day, _), _| oldest <= *day);
    }

    /// Whether a message of `button` says that it was pressed anew. Some tell again and again how often they were pressed.
    fn is_pressed(&mut self, button: &str, presses: Option<u64>) -> bool {
        let Some(presses) = presses else { return true };
        let moved = self.presses.insert(button.to_owned(), presses) != Some(presses);
        if moved {
            self.changed_presses.insert(button.to_owned());
        }
        moved
    }

    /// Ends what has run out; says whether anything has.
    pub(super) fn expire(&mut self, number: u64, now: Mono) -> bool {
        let over = |zone: &&mut Zone| zone.pause.is_some_and(|pause| pause.ends <= now);
        let mut any = false;
        for zone in self.zones.values_mut().filter(over) {
            (zone.pause, zone.changed_in, any) = (None, number, true);
        }
        any
    }

    /// The wall clock was set. Whoever was promised a length of time gets it; its end is told by the new clock, on no grid, so that a clock
    /// that is set again and again prolongs nothing.
    pub(super) fn clock_moved(&mut self, number: u64, now: &Now) {
        for zone in self.zones.values_mut() {
            if let Some(pause) = &mut zone.pause {
                pause.until = now.wall_at(pause.ends);
                zone.changed_in = number;
            }
        }
    }

    /// The records that changed for commit `number`. Those of pauses that ended are removed.
    pub(super) fn records(&mut self, number: u64) -> Vec<(String, Option<Vec<u8>>)> {
        let pause = |zone: &Zone| zone.pause.and_then(|pause| record::write(&PauseRecord { until: pause.until.0 }));
        let changed = self.zones.iter().filter(|(_, zone)| zone.changed_in == number);
        let mut records: Vec<_> = changed.map(|(id, zone)| (record::pause_key(id.as_str()), pause(zone))).collect();
        for (day, zone) in std::mem::take(&mut self.changed_days) {
            let key = record::pauses_key(&day.to_string(), zone.as_str());
            records.push((key, self.days.get(&(day, zone)).and_then(record::write)));
        }
        for button in std::mem::take(&mut self.changed_presses) {
            records.push((record::button_key(&button), self.presses.get(&button).and_then(record::write)));
        }
        records
    }

    /// What an earlier run knew.
    pub(super) fn restored(state: &[(String, Vec<u8>)], now: &Now) -> Self {
        let mut known = Self::default();
        for (key, bytes) in state {
            if let Some(zone) = key.strip_prefix(record::PAUSE)
                && let Ok(saved) = serde_json::from_slice::<PauseRecord>(bytes)
            {
                // No configuration allows a longer pause: a later end is the work of a clock that was wrong.
                let latest = now.mono + PAUSE_MAX + Duration::from_millis(END_GRID_MS as u64);
                let ends = now.mono_at(Wall(saved.until)).min(latest);
                let pause = Some(Pause { until: now.wall_at(ends), ends });
                known.zones.insert(ZoneId::new(zone), Zone { pause, ..Zone::default() });
            } else if let Some((day, zone)) = key.strip_prefix(PAUSES).and_then(|rest| rest.split_once('/'))
                && let (Ok(day), Ok(number)) = (day.parse(), serde_json::from_slice(bytes))
            {
                known.days.insert((day, ZoneId::new(zone)), number);
            } else if let Some(button) = key.strip_prefix(record::BUTTON)
                && let Ok(presses) = serde_json::from_slice(bytes)
            {
                known.presses.insert(button.to_owned(), presses);
            }
        }
        known
    }
}

/// The first full five minutes at or after `at`.
fn on_grid(at: Wall) -> Wall {
    Wall((at.0 + END_GRID_MS - 1).div_euclid(END_GRID_MS) * END_GRID_MS)
}

/// The day whose codes hold at `at`.
#[must_use]
pub fn code_day(at: Wall, zone: &TimeZone) -> Date {
    local_day(at - CODES_CHANGE, zone)
}

fn local_day(at: Wall, zone: &TimeZone) -> Date {
    Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(zone.clone()).date()
}

impl Engine {
    /// A visitor in `zones` objects to being counted.
    pub fn object(&mut self, zones: &[ZoneId], now: &Now) -> Answer {
        let now = &self.believed(now);
        self.follow_clock(now);
        if self.control_due.is_some_and(|at| at <= now.mono) {
            self.control(now);
        }
        let answer = self.pause(zones, now);
        self.cut_if_due(now);
        answer
    }

    /// Whether no pause would be forgotten if the power went now.
    #[must_use]
    pub fn keeps_pauses(&self) -> bool {
        self.objections.zones.values().all(|zone| self.keep.is_durable(zone.changed_in))
    }

    /// End of the pause that holds in all zones of sign `index` in which visitors may object, if there is one.
    #[must_use]
    pub fn paused_until(&self, index: usize) -> Option<Wall> {
        let zones = self.signs[index].zones.iter().filter(|zone| self.may_be_paused(zone));
        let ends: Option<Vec<Wall>> = zones.map(|zone| self.objections.until(zone)).collect();
        ends?.into_iter().min()
    }

    /// What is true of `zone` from the press of the button on, if all that is counted there is paused: signs follow.
    #[must_use]
    pub fn zone_paused(&self, zone: &ZoneId) -> Option<SignState> {
        let valid_until = self.objections.until(zone)?;
        let objectable = |lock: &&Lock| self.plan.objections.activities.contains(&lock.state.activity);
        let all = self.interlocks.iter().filter(|l| l.state.zone == *zone).all(|lock| objectable(&lock));
        let announced = self.plan.announced.iter().filter(|(own, _)| own == zone);
        let beside = announced.map(|(_, activity)| activity.clone()).collect();
        all.then_some(SignState::Paused { valid_until, beside })
    }

    /// End of the pause that `activity` is under in `zone`.
    pub(super) fn paused(&self, zone: &ZoneId, activity: &ActivityId) -> Option<Wall> {
        self.objections.until(zone).filter(|_| self.plan.objections.activities.contains(activity))
    }

    fn may_be_paused(&self, zone: &ZoneId) -> bool {
        let objectable = &self.plan.objections.activities;
        self.interlocks.iter().any(|l| l.state.zone == *zone && objectable.contains(&l.state.activity))
    }

    fn pause(&mut self, zones: &[ZoneId], now: &Now) -> Answer {
        // Who walks out of a zone through a counted door is counted in the zone behind it.
        let behind = self.plan.doors.iter().filter(|door| door.from.as_ref().is_some_and(|from| zones.contains(from)));
        let meant: BTreeSet<ZoneId> = zones.iter().chain(behind.map(|door| &door.zone)).cloned().collect();
        let (number, day) = (self.keep.number(), local_day(now.wall, &self.plan.time_zone));
        let mut answer = Answer::Nothing;
        let meant: Vec<ZoneId> = meant.into_iter().filter(|zone| self.may_be_paused(zone)).collect();
        for zone in &meant {
            answer = answer.and(self.objections.object(zone, &self.plan.objections, day, number, now));
        }
        // Presses that change nothing must not make the card write.
        if meant.iter().any(|zone| self.objections.changes_in(zone, number)) {
            self.pace.urge(now.mono);
        }
        self.control(now);
        // By a clock that is not believed no time of day can be promised; nothing is counted by it either.
        if now.trusted && self.plan.store_fault.is_none() { answer } else { Answer::Nothing }
    }

    /// Takes in a button's message. A message that the broker kept tells of a press of long ago. Returns whether it pauses.
    pub(super) fn press(&mut self, button: usize, decoded: &Decoded, replayed: bool, now: &Now) -> bool {
        let Some(Button { id, zone }) = self.plan.objections.buttons.get(button).cloned() else { return false };
        let Decoded::Readings(readings) = decoded else { return false };
        let mut pressed = false;
        for reading in readings.iter().filter(|reading| reading.fact == Fact::Pressed) {
            pressed |= self.objections.is_pressed(&id, reading.sequence) && !replayed;
        }
        if pressed {
            self.pause(&[zone], now);
        } else if !self.objections.changed_presses.is_empty() {
            self.pace.dirty(now.mono);
        }
        pressed
    }

    /// How soon sign `index` shall come back so that it is there when the pause that it tells of ends.
    pub(super) fn until_resumed(&self, index: usize, now: &Now) -> Option<Duration> {
        let sign = &self.signs[index];
        let paused = sign.zones.iter().filter_map(|zone| self.objections.until(zone)).min()?;
        let end = now.mono_at(paused) + RESUME_MARGIN;
        let next_poll = sign.glass.due().filter(|due| now.mono < *due && *due < end).unwrap_or(now.mono);
        Some(end.since(next_poll).min(self.rest(index)))
    }
}
