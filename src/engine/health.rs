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
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
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
#[cfg_attr(test, derive(Clone, Hash))]
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::sign::SignEvent;
    use crate::engine::Input;
    use crate::engine::scenario::{Shop, now};

    fn plan(proof: Proof) -> SignPlan {
        SignPlan {
            id: SignId::new("sign"),
            proof,
            refresh: Duration::from_secs(900),
            transition_refresh: Duration::from_secs(60),
            grace: Duration::from_secs(90),
            attested_for: Duration::from_secs(3600),
            battery_low_mv: 3_500,
            alternates: 0,
        }
    }

    fn alerts(condition: &Condition) -> Vec<String> {
        condition.alerts(&now(0.0), &TimeZone::UTC)
    }

    /// What begins and ends as a display of this kind tells one thing after another.
    fn told(proof: Proof, reports: &[Health]) -> (Vec<Change>, Condition) {
        let mut condition = Condition::default();
        let changes = reports.iter().flat_map(|report| condition.report(report, &plan(proof))).collect();
        (changes, condition)
    }

    fn percent(percent: u8) -> Health {
        Health { battery_percent: Some(percent), ..Health::default() }
    }

    fn volts(mv: u32) -> Health {
        Health { battery_mv: Some(mv), ..Health::default() }
    }

    fn signal(dbm: i16) -> Health {
        Health { signal_dbm: Some(dbm), ..Health::default() }
    }

    fn firmware(version: &str) -> Health {
        Health { firmware: Some(version.to_owned()), ..Health::default() }
    }

    #[test]
    fn a_low_battery_is_told_once_however_its_reading_wavers() {
        let reports = [50, 20, 19, 20, 19, 24, 12].map(percent);
        let (changes, condition) = told(Proof::NextPoll, &reports);
        assert_eq!(changes, [Change::Began(Worry::Battery)]);
        assert_eq!(alerts(&condition), ["battery at 12 %; charge it or replace it within days"]);
        let (changes, condition) = told(Proof::NextPoll, &[19, 25].map(percent));
        assert_eq!(changes, [Change::Began(Worry::Battery), Change::Ended(Worry::Battery)]);
        assert_eq!(alerts(&condition), [""; 0]);
    }

    #[test]
    fn a_voltage_counts_where_no_charge_is_known() {
        let (changes, condition) = told(Proof::NextPoll, &[3_500, 3_499, 3_580, 3_420].map(volts));
        assert_eq!(changes, [Change::Began(Worry::Battery)]);
        assert_eq!(alerts(&condition), ["battery at 3.42 V; charge it or replace it within days"]);
        let (changes, _) = told(Proof::NextPoll, &[3_499, 3_600].map(volts));
        assert_eq!(changes.len(), 2);
        for fine in [Health { battery_percent: Some(40), ..volts(3_300) }, volts(0), volts(100_000)] {
            assert_eq!(told(Proof::NextPoll, std::slice::from_ref(&fine)).0, [], "{fine:?}");
        }
    }

    #[test]
    fn a_display_on_mains_power_has_no_low_battery() {
        let powered = Health { powered: Some(true), ..Health::default() };
        let (changes, condition) = told(Proof::NextPoll, &[percent(5), powered, percent(4)]);
        assert_eq!(changes, [Change::Began(Worry::Battery), Change::Ended(Worry::Battery)]);
        assert_eq!(condition.health().battery_percent, Some(4), "the newest value of each is kept");
    }

    #[test]
    fn a_weak_signal_is_told_once_however_it_wavers() {
        let (changes, condition) = told(Proof::WordOnly, &[-80, -81, -79, -83, -76, -86].map(signal));
        assert_eq!(changes, [Change::Began(Worry::Signal)]);
        assert_eq!(alerts(&condition), ["radio signal −86 dBm is weak; move the sign or the access point"]);
        assert_eq!(told(Proof::WordOnly, &[-81, -75].map(signal)).0.len(), 2);
    }

    #[test]
    fn firmware_is_spoken_of_only_where_its_habits_are_known() {
        let advice = |proof, version: &str| alerts(&told(proof, &[firmware(version)]).1);
        assert_eq!(
            advice(Proof::NextPoll, "1.7.2"),
            [
                "firmware 1.7.2 replaces the notice by an error screen whenever it wakes without Wi-Fi; install one newer than 1.8.16"
            ]
        );
        for version in ["1.8.3", "1.8.14", "1.8.16-rc1"] {
            assert_eq!(
                advice(Proof::NextPoll, version),
                [format!(
                    "firmware {version} sleeps until somebody presses its button once its Wi-Fi was away for long; install one newer than 1.8.16"
                )]
            );
        }
        for fine in ["1.8.17", "1.9.0", "2.0.0", "dev", "1.8", ""] {
            assert_eq!(advice(Proof::NextPoll, fine), [""; 0], "{fine}");
        }
        assert_eq!(advice(Proof::Word, "1.7.2"), [""; 0], "another firmware");
        let updated = told(Proof::NextPoll, &[firmware("1.8.2"), firmware("1.8.9"), firmware("1.8.20")]).0;
        assert_eq!(updated, [Change::Began(Worry::Firmware), Change::Ended(Worry::Firmware)]);
    }

    fn status(shop: &Shop) -> crate::domain::status::SignStatus {
        shop.engine.status(&now(shop.seconds)).signs[0].clone()
    }

    #[test]
    fn a_sign_that_does_not_come_back_is_overdue_from_the_end_of_its_lease_until_it_does() {
        let mut shop = Shop::open();
        shop.at(1_051.0);
        assert_eq!(status(&shop).alerts, [""; 0]);
        shop.at(1_053.0);
        assert_eq!(status(&shop).alerts, ["overdue since 09:17"], "09:00 and 1052 s by the shop's clocks");
        shop.at(2.0 * 86_400.0);
        assert_eq!(status(&shop).alerts, ["overdue since 2026-11-23 09:17"]);
        shop.poll();
        assert_eq!(status(&shop).alerts, [""; 0]);
        let mut unheard = Shop::new();
        unheard.connect().at(86_400.0);
        assert_eq!(status(&unheard).alerts, [""; 0], "one that never came is told of by its interlock");
    }

    #[test]
    fn what_a_sign_tells_of_itself_is_no_evidence_and_costs_nothing() {
        let mut shop = Shop::open();
        shop.at(200.0);
        let (wake, records, lease) =
            (shop.engine.next_wake(), shop.records.clone(), shop.engine.signs[0].glass.ends(&now(0.0)));
        let health = Health { battery_percent: Some(80), model: Some("og".into()), ..signal(-60) };
        // Whatever decides anew would give the picture another name.
        shop.engine.signs[0].glass.redraw = true;
        let stamped = shop.board().stamped;
        for second in 0..100 {
            let told = SignEvent::Reported { sign: SignId::new("sign"), health: health.clone() };
            shop.engine.handle(Input::Sign(told), &now(200.0 + f64::from(second) / 10.0));
            assert_eq!(shop.engine.next_effect(), None);
        }
        assert_eq!((status(&shop).health, shop.board().stamped), (health, stamped));
        assert_eq!((shop.engine.next_wake(), shop.engine.signs[0].glass.ends(&now(0.0))), (wake, lease));
        shop.at(1_053.0);
        assert_ne!(shop.records, records, "the lease ended all the same");
        assert_eq!(shop.interlock(), "opening");
    }

    #[test]
    fn what_a_denied_sign_tells_of_itself_does_not_mean_that_it_was_told_anything() {
        let mut shop = Shop::open();
        let place = || (crate::domain::id::ZoneId::new("entrance"), crate::domain::id::ActivityId::new("footfall"));
        let (zone, activity) = place();
        shop.at(100.0).input(Input::Order(crate::domain::sign::Order::Stop(zone, activity)));
        shop.at(105.0).input(Input::Sign(SignEvent::Reported { sign: SignId::new("sign"), health: percent(10) }));
        let (zone, activity) = place();
        shop.at(110.0).input(Input::Order(crate::domain::sign::Order::Start(zone, activity)));
        shop.at(111.0);
        assert_eq!(shop.interlock(), "open");
    }
}
