//! What must survive: everything that changed since the last commit goes into the next one, in one transaction.
//!
//! One commit is under way at a time. Packets are acknowledged when the commit that accounts for them is durable, and in the
//! order in which they came.

use std::collections::BTreeSet;
use std::time::Duration;

use super::attest::Attestation;
use super::glass::GlassRecord;
use super::interlock::OpenSpan;
use super::record::{self, InterlockRecord, RunRecord, SignRecord, StreamRecord, Translation, parse_hash};
use super::sensor::Stream;
use super::{CLOCK_SETTLED, Effect, Engine, START_FAR};
use crate::domain::commit::{Commit, Restored, TallyRow};
use crate::domain::time::{Mono, Now, Wall};

/// Changes since the last commit, and the commit under way.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Keep {
    /// Packets that the next commit accounts for.
    pub(super) held: Vec<(u64, u16)>,
    /// Streams whose counters moved, by sensor.
    pub(super) streams: BTreeSet<(usize, Box<str>)>,
    /// Whether the run record changed.
    pub(super) run_changed: bool,
    /// Whether the broker has ever kept a session for us.
    pub(super) session: bool,
    /// When the last commit was cut.
    pub(super) last_cut: Mono,
    /// When the earlier run cut its last commit, as far as that is known.
    pub(super) earlier_cut: Mono,
    /// Start of the newest bucket in which a commit was cut by a clock that was believed.
    pub(super) newest: Wall,
    /// From when on commits are dated again, after the wall clock was set far ahead.
    pub(super) dated_from: Mono,
    /// Whether the store refused the commit under way; it is tried again when its time comes.
    pub(super) refused: bool,
    wait: Option<Duration>,
    under_way: Option<UnderWay>,
    durable: u64,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
struct UnderWay {
    commit: Commit,
    held: Vec<(u64, u16)>,
}

impl Keep {
    /// Number of the commit that a change made now will be part of.
    pub(super) fn number(&self) -> u64 {
        self.durable + 1 + u64::from(self.under_way.is_some())
    }

    /// The commit that the store has not confirmed.
    #[cfg(test)]
    pub(super) fn under_way(&self) -> Option<&Commit> {
        self.under_way.as_ref().map(|under_way| &under_way.commit)
    }

    /// Whether commit `number` is in the store.
    pub(super) fn is_durable(&self, number: u64) -> bool {
        number <= self.durable
    }

    /// Whether a commit awaits its answer; a refused one awaits its time.
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some() && !self.refused
    }

    /// The connection is gone: its packets will come again and cannot be acknowledged any more.
    pub(super) fn drop_held(&mut self) {
        self.held.clear();
        if let Some(under_way) = &mut self.under_way {
            under_way.held.clear();
        }
    }
}

impl Engine {
    /// Hands the changes so far to the store, unless a commit is under way.
    pub(super) fn cut(&mut self, now: &Now) {
        if self.keep.is_under_way() {
            return;
        }
        if self.plan.store_fault.is_some() {
            // Nothing can be kept, and nothing is heard that would have to be.
            self.pace.cut(now.mono);
            return;
        }
        if self.keep.under_way.is_none() && !self.pace.must_write(now.mono) && !self.stopping {
            return self.release(now);
        }
        if let Some(under_way) = &self.keep.under_way {
            self.pace.retrying();
            self.keep.refused = false;
            self.effects.push_back(Effect::Commit(under_way.commit.clone()));
            return;
        }
        self.pace.cut(now.mono);
        let commit = self.commit(now);
        let held = std::mem::take(&mut self.keep.held);
        if commit.is_empty() {
            self.pace.committed(held.len(), now.mono);
            if !held.is_empty() {
                self.effects.push_back(Effect::Acknowledge(held));
            }
            return;
        }
        self.keep.last_cut = now.mono;
        #[cfg(test)]
        if self.seeded == Some(super::Seeded::AcknowledgedAtOnce) {
            self.effects.push_back(Effect::Acknowledge(held.clone()));
        }
        self.effects.push_back(Effect::Commit(commit.clone()));
        self.keep.under_way = Some(UnderWay { commit, held });
    }

    /// Acknowledges at once what changed nothing, unless something before it waits for a commit: a broker with a small window
    /// must not be kept waiting for the interval.
    pub(super) fn release_if_idle(&mut self, now: &Now) {
        if self.keep.under_way.is_none() && !self.pace.must_write(now.mono) && self.keep.held.len() == 1 {
            self.release(now);
        }
    }

    /// Acknowledges packets that changed nothing worth a write.
    fn release(&mut self, now: &Now) {
        let held = std::mem::take(&mut self.keep.held);
        self.pace.released(held.len(), now.mono);
        if !held.is_empty() {
            self.effects.push_back(Effect::Acknowledge(held));
        }
    }

    pub(super) fn committed(&mut self, ok: bool, now: &Now) {
        let Some(under_way) = self.keep.under_way.take() else { return };
        if ok {
            self.keep.durable += 1;
            self.keep.wait = None;
            self.pace.committed(under_way.held.len(), now.mono);
            if !under_way.held.is_empty() {
                self.effects.push_back(Effect::Acknowledge(under_way.held));
            }
            self.control(now);
        } else {
            self.keep.wait = Some(self.pace.failed(now.mono, self.keep.wait));
            self.keep.refused = true;
            self.keep.under_way = Some(under_way);
        }
    }

    pub(super) fn nothing_to_write(&self) -> bool {
        self.plan.store_fault.is_some()
            || (self.tallies.is_empty()
                && self.occupancies.is_empty()
                && self.packets.is_clean()
                && self.keep.held.is_empty()
                && self.pace.due().is_none())
    }

    fn commit(&mut self, now: &Now) -> Commit {
        for sensor in self.tallies.sensors() {
            self.accrue(sensor, now);
        }
        let mut rows = Vec::new();
        for (bucket, sensor, tally) in self.tallies.take() {
            if tally.may_be_low {
                self.occupancies.doubt(sensor, bucket);
            }
            let plan = &self.sensors[sensor].plan;
            let (zone, activity, sensor) = (plan.zone.clone(), plan.activity.clone(), plan.id.clone());
            rows.push(TallyRow { bucket, zone, activity, sensor, tally });
        }
        let occupancies = self.occupancies.take();
        let mut state = self.changed_records(now);
        let ledger = self.chronicle.take();
        if !ledger.is_empty() {
            state.push(self.chronicle_record());
        }
        let (forget_packets, packets) = self.packets.take();
        let cut_at = (now.trusted && self.keep.dated_from <= now.mono).then(|| self.buckets.at(now.wall).start);
        self.keep.newest = self.keep.newest.max(cut_at.unwrap_or_default());
        let pictures = Vec::new();
        Commit { tallies: rows, occupancies, state, forget_packets, packets, ledger, pictures, cut_at }
    }

    fn changed_records(&mut self, now: &Now) -> Vec<(String, Option<Vec<u8>>)> {
        let number = self.keep.number();
        let mut state = Vec::new();
        if std::mem::take(&mut self.keep.run_changed) {
            state.push((record::RUN.to_owned(), record::write(&self.run_record(now))));
        }
        if let Some(occupancies) = self.occupancies.record(now) {
            state.push((record::OCCUPANCY.to_owned(), record::write(&occupancies)));
        }
        state.extend(self.objections.records(number));
        for lock in self.interlocks.iter().filter(|l| l.changed_in == number) {
            let key = record::interlock_key(lock.state.zone.as_str(), lock.state.activity.as_str());
            let spans = lock.state.spans().map(|s| (s.from.0, s.to.map(|to| to.0))).collect();
            state.push((key, record::write(&InterlockRecord { spans, stopped: lock.state.stopped })));
        }
        for sign in self.signs.iter().filter(|s| s.changed_in == number) {
            state.push((record::sign_key(sign.glass.plan.id.as_str()), record::write(&sign_record(sign))));
        }
        for (sensor, name) in std::mem::take(&mut self.keep.streams) {
            let sensor = &self.sensors[sensor];
            if let Some(stream) = sensor.streams.get(&name) {
                let key = record::stream_key(sensor.plan.id.as_str(), &name);
                let of = Some(sensor.plan.binding.identity());
                let record = StreamRecord { baseline: stream.baseline.clone(), since: stream.since.0, of };
                state.push((key, record::write(&record)));
            }
        }
        state
    }

    fn run_record(&self, now: &Now) -> RunRecord {
        RunRecord {
            boot: self.plan.boot.clone(),
            offset_ms: now.wall.0 - now.mono.0,
            marker_since: self.marker.since.0,
            session: self.keep.session,
            subscriptions: self.plan.subscriptions.clone(),
        }
    }

    /// Takes over what an earlier run knew.
    pub(super) fn restore(&mut self, restored: &Restored, now: &Now) {
        self.keep.run_changed = true;
        let away = restored.last_commit.map_or(Duration::ZERO, |last| now.wall.since(last));
        self.keep.dated_from = if away < START_FAR { Mono(i64::MIN) } else { now.mono + CLOCK_SETTLED };
        self.keep.newest = restored.last_commit.unwrap_or_default();
        self.keep.last_cut = restored.last_commit.map_or(now.mono, |wall| now.mono_at(wall).min(now.mono));
        self.keep.earlier_cut = self.keep.last_cut;
        let state = &restored.state;
        let Some(run) = record::read::<RunRecord>(state, record::RUN) else { return };
        self.keep.session = run.session;
        let same_boot = run.boot == self.plan.boot;
        self.restore_signs(state, same_boot, now);
        // Without a clock nobody knows how long the box was off, so nothing of before can be placed in time.
        let placed = same_boot || now.trusted;
        let translation = Translation::between(&run, &self.plan.boot, now);
        if placed {
            self.marker.since = translation.mono(run.marker_since).min(now.mono);
            self.restore_streams(state, translation);
        }
        for lock in &mut self.interlocks {
            let key = record::interlock_key(lock.state.zone.as_str(), lock.state.activity.as_str());
            if let Some(saved) = record::read::<InterlockRecord>(state, &key) {
                let span = |&(from, to): &(i64, Option<i64>)| OpenSpan {
                    from: translation.mono(from),
                    to: to.map(|to| translation.mono(to)),
                };
                lock.state.restore(saved.spans.iter().filter(|_| placed).map(span), saved.stopped);
                lock.resuming = lock.state.open_since().is_some();
            }
        }
        self.restore_people(state, now);
    }

    /// A lease survives a restart of the daemon, not of the box: a box without a clock chip does not know how long it was off,
    /// and a display that found no server meanwhile has replaced its picture.
    fn restore_signs(&mut self, state: &[(String, Vec<u8>)], same_boot: bool, now: &Now) {
        for sign in &mut self.signs {
            let Some(saved) = record::read::<SignRecord>(state, &record::sign_key(sign.glass.plan.id.as_str())) else {
                continue;
            };
            sign.paired = saved.paired;
            sign.glass.denies_until = saved.denies_until.map(Wall);
            sign.named =
                saved.offered.as_ref().and_then(|(notice, stamped)| Some((parse_hash(notice)?, Wall(*stamped))));
            // If anything else was on offer when the record was made, the sign may have taken it since.
            let confirmed = saved.confirmed.as_deref().and_then(parse_hash);
            let sole = confirmed.filter(|confirmed| sign.named.is_some_and(|(offered, _)| offered == *confirmed));
            if let (true, Some(confirmed)) = (same_boot, sole) {
                let (lease, due) = (Mono(saved.lease), saved.due.map(Mono));
                sign.glass.restore(&GlassRecord { confirmed, lease, due });
            }
            if same_boot {
                sign.restore_turns(&saved, now);
            }
            sign.glass.restore_attestation(saved.attested.and_then(Attestation::restore));
        }
    }

    /// Where counters stood; not of a sensor whose profile, topic or options were changed since, because that is another counter.
    fn restore_streams(&mut self, state: &[(String, Vec<u8>)], translation: Translation) {
        for sensor in &mut self.sensors {
            let identity = sensor.plan.binding.identity();
            let prefix = record::stream_key(sensor.plan.id.as_str(), "");
            for (key, bytes) in state {
                let Some(name) = key.strip_prefix(&prefix) else { continue };
                if let Ok(saved) = serde_json::from_slice::<StreamRecord>(bytes)
                    && saved.of.is_none_or(|of| of == identity)
                {
                    let stream = Stream { baseline: saved.baseline, since: translation.mono(saved.since) };
                    sensor.streams.insert(name.into(), stream);
                }
            }
        }
    }
}

fn sign_record(sign: &super::sign::Sign) -> SignRecord {
    let glass = sign.glass.record();
    SignRecord {
        paired: sign.paired,
        confirmed: glass.as_ref().map(|g| g.confirmed.to_string()),
        lease: sign.glass.leased_until().map_or(0, |lease| lease.0),
        due: sign.glass.due().map(|due| due.0),
        turns: sign.may_show().iter().map(|(notice, turn)| (notice.to_string(), *turn)).collect(),
        attested: sign.glass.attested().map(Attestation::record),
        offered: sign.next.as_ref().or(sign.board.as_ref()).map(|b| (b.notice.to_string(), b.stamped.0)),
        denies_until: record::wall_ms(sign.glass.denies_until),
    }
}
