//! How displays are, as far as they tell: battery, signal, firmware, and whether they come back at all. It is no evidence of what
//! they show; somebody should see to it before it becomes a gap in the figures.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Engine;
use super::glass::{Proof, SignPlan};
use crate::domain::id::SignId;
use crate::domain::sign::Health;
use crate::domain::time::{Now, Wall};

/// A battery with less charge is nearly empty: a display that wakes every quarter of an hour uses up a charge in four months
/// (facts §1.10), and the last fifth goes faster than the first.
const BATTERY_LOW_PERCENT: u8 = 20;
/// From this charge on it is not nearly empty any more: a reading that wavers around one limit must not be told again and again.
const BATTERY_FINE_PERCENT: u8 = 25;
/// By how much a voltage must rise above the limit before the battery is not nearly empty any more, in millivolts. Under the load
/// of a wake it wavers by less.
const BATTERY_RISE_MV: u32 = 100;
/// No display runs on less; what says so has no battery, or no gauge, in millivolts.
const BATTERY_NONE_MV: u32 = 1_800;
/// Below this a display often needs several attempts, each of which costs battery and may end in an error screen (facts §1.7).
const SIGNAL_WEAK_DBM: i16 = -80;
/// From this strength on the signal is not weak any more; it wavers by a few decibels as people walk by.
const SIGNAL_FINE_DBM: i16 = -75;

/// The first firmware that sleeps until somebody presses its button once its Wi-Fi was away for long (facts §1.7 B).
const WAITS_FOR_BUTTON: [u32; 3] = [1, 8, 3];
/// The last firmware known to do so; what came after keeps the picture for an hour of failures (facts §1.7 C).
const LAST_TO_WAIT: [u32; 3] = [1, 8, 16];

/// What somebody should see to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Worry {
    Battery,
    Signal,
    Overdue,
    Firmware,
}

impl Worry {
    const TOLD: [Self; 3] = [Self::Battery, Self::Signal, Self::Firmware];
    const ALL: [Self; 4] = [Self::Overdue, Self::Battery, Self::Signal, Self::Firmware];

    /// What is said once when it has ended.
    fn over(self) -> &'static str {
        match self {
            Self::Battery => "its battery is not low any more",
            Self::Signal => "its signal is strong enough again",
            Self::Overdue => "it has come back",
            Self::Firmware => "its firmware needs no update any more",
        }
    }
}

/// A worry that began or ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    Began(Worry),
    Ended(Worry),
}

/// How one sign is.
#[derive(Debug, Default)]
pub(super) struct Condition {
    /// The newest value of everything that it ever told since the start.
    health: Health,
    standing: Vec<Worry>,
    overdue_since: Option<Wall>,
}

impl Condition {
    /// The newest value of everything that it told.
    pub(super) fn health(&self) -> &Health {
        &self.health
    }

    pub(super) fn is_battery_low(&self) -> bool {
        self.standing.contains(&Worry::Battery)
    }

    /// Takes in what it told of itself; a value that it did not tell leaves what is known. Says what began or ended by it.
    pub(super) fn report(&mut self, told: &Health, plan: &SignPlan) -> Vec<Change> {
        let known = &mut self.health;
        known.battery_mv = told.battery_mv.or(known.battery_mv);
        known.battery_percent = told.battery_percent.or(known.battery_percent);
        known.powered = told.powered.or(known.powered);
        known.signal_dbm = told.signal_dbm.or(known.signal_dbm);
        for (word, told) in [(&mut known.firmware, &told.firmware), (&mut known.model, &told.model)] {
            if told.is_some() && word != told {
                word.clone_from(told);
            }
        }
        Worry::TOLD.into_iter().filter_map(|worry| self.follow(worry, self.is_due(worry, plan))).collect()
    }

    /// Takes in since when it is overdue, if it is.
    pub(super) fn await_since(&mut self, since: Option<Wall>) -> Option<Change> {
        if self.overdue_since.is_none() || since.is_none() {
            self.overdue_since = since;
        }
        self.follow(Worry::Overdue, since.is_some())
    }

    fn follow(&mut self, worry: Worry, holds: bool) -> Option<Change> {
        if self.standing.contains(&worry) == holds {
            return None;
        }
        if holds {
            self.standing.push(worry);
            return Some(Change::Began(worry));
        }
        self.standing.retain(|known| *known != worry);
        Some(Change::Ended(worry))
    }

    /// Whether a worry holds by what the sign told; one that stands ends only when its value is well clear of the limit.
    fn is_due(&self, worry: Worry, plan: &SignPlan) -> bool {
        let stands = self.standing.contains(&worry);
        match worry {
            Worry::Battery => self.is_battery_nearly_empty(stands, plan),
            Worry::Signal => {
                let limit = if stands { SIGNAL_FINE_DBM } else { SIGNAL_WEAK_DBM };
                self.health.signal_dbm.is_some_and(|signal| signal < limit)
            }
            Worry::Overdue => self.overdue_since.is_some(),
            // Versions of other firmware say nothing of these.
            Worry::Firmware => {
                plan.proof == Proof::NextPoll && self.version().is_some_and(|version| version <= LAST_TO_WAIT)
            }
        }
    }

    fn is_battery_nearly_empty(&self, stands: bool, plan: &SignPlan) -> bool {
        let Health { battery_mv, battery_percent, powered, .. } = self.health;
        if powered == Some(true) {
            return false;
        }
        if let Some(percent) = battery_percent {
            return percent < if stands { BATTERY_FINE_PERCENT } else { BATTERY_LOW_PERCENT };
        }
        let limit = plan.battery_low_mv + if stands { BATTERY_RISE_MV } else { 0 };
        battery_mv.is_some_and(|mv| (BATTERY_NONE_MV..limit).contains(&mv))
    }

    fn version(&self) -> Option<[u32; 3]> {
        let mut parts = self.health.firmware.as_deref()?.split('.').map(|part| {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            part[..digits].parse().ok()
        });
        Some([parts.next()??, parts.next()??, parts.next()??])
    }

    /// What somebody should see to, in sentences; times by the clocks of `zone`.
    pub(super) fn alerts(&self, now: &Now, zone: &TimeZone) -> Vec<String> {
        let standing = Worry::ALL.into_iter().filter(|worry| self.standing.contains(worry));
        standing.map(|worry| self.sentence(worry, now, zone)).collect()
    }

    fn sentence(&self, worry: Worry, now: &Now, zone: &TimeZone) -> String {
        match worry {
            Worry::Battery => {
                let charge = match (self.health.battery_percent, self.health.battery_mv) {
                    (Some(percent), _) => format!("{percent} %"),
                    (None, mv) => format!("{:.2} V", f64::from(mv.unwrap_or_default()) / 1000.0),
                };
                format!("battery at {charge}; charge it or replace it within days")
            }
            Worry::Signal => {
                let strength = self.health.signal_dbm.unwrap_or_default().unsigned_abs();
                format!("radio signal −{strength} dBm is weak; move the sign or the access point")
            }
            Worry::Overdue => format!("overdue since {}", local(self.overdue_since.unwrap_or_default(), now, zone)),
            Worry::Firmware => self.advice(),
        }
    }

    fn advice(&self) -> String {
        let firmware = self.health.firmware.as_deref().unwrap_or_default();
        let habit = if self.version().is_some_and(|version| version >= WAITS_FOR_BUTTON) {
            "sleeps until somebody presses its button once its Wi-Fi was away for long"
        } else {
            "replaces the notice by an error screen whenever it wakes without Wi-Fi"
        };
        let [major, minor, patch] = LAST_TO_WAIT;
        format!("firmware {firmware} {habit}; install one newer than {major}.{minor}.{patch}")
    }
}

impl Engine {
    /// A sign told how it is. Signs do so at every poll: nothing is decided or kept unless its pace follows from it.
    pub(super) fn reported(&mut self, id: &SignId, told: &Health, now: &Now) {
        let Some(sign) = self.signs.iter_mut().find(|s| s.glass.plan.id == *id) else { return };
        let changes = sign.condition.report(told, &sign.glass.plan);
        let turns = |change: &Change| matches!(change, Change::Began(Worry::Battery) | Change::Ended(Worry::Battery));
        let paced_anew = changes.iter().any(turns);
        for change in changes {
            tell(sign, change, now, &self.plan.time_zone);
        }
        if paced_anew {
            self.control(now);
        }
    }

    /// Notices which signs are overdue, and which came back.
    pub(super) fn await_signs(&mut self, now: &Now) {
        for sign in &mut self.signs {
            let since = sign.glass.overdue_since(now.mono).map(|since| now.wall_at(since));
            if let Some(change) = sign.condition.await_since(since) {
                tell(sign, change, now, &self.plan.time_zone);
            }
        }
    }
}

/// Says once that something began, and once that it ended.
fn tell(sign: &super::sign::Sign, change: Change, now: &Now, zone: &TimeZone) {
    let id = &sign.glass.plan.id;
    match change {
        Change::Began(worry) => {
            let alert = sign.condition.sentence(worry, now, zone);
            tracing::warn!(sign = %id, %alert, "a sign should be seen to");
        }
        Change::Ended(worry) => tracing::info!(sign = %id, what = worry.over(), "a sign is in order again"),
    }
}

/// `10:15` of today, `2026-11-22 10:15` of another day.
fn local(wall: Wall, now: &Now, zone: &TimeZone) -> String {
    let zoned = |wall: Wall| Timestamp::from_millisecond(wall.0).map(|instant| instant.to_zoned(zone.clone()));
    match (zoned(wall), zoned(now.wall)) {
        (Ok(at), Ok(now)) if at.date() == now.date() => at.strftime("%H:%M").to_string(),
        (Ok(at), _) => at.strftime("%Y-%m-%d %H:%M").to_string(),
        (Err(_), _) => "an unknown time".to_owned(),
    }
}
