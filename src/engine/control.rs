//! The interlock's decisions: what is wanted, what is known of the signs, and what follows for counting.
//!
//! To start: show, confirm, only then count. To stop: stop counting, keep that durably, only then show "not counting".

#[cfg(test)]
use super::Seeded;
use super::interlock::{Interlock, LATENESS_MAX, Phase, SWITCH_RETRY};
use super::objection::code_day;
use super::reason::Reason;
use super::sign::Sign;
use super::{BROKER_GRACE, Broker, Effect, Engine, START_GRACE};
use crate::domain::sign::SignEvent;
use crate::domain::time::{Mono, Now};

impl Engine {
    pub(super) fn connected(&mut self, session_present: bool, now: &Now) {
        let lost_at = match self.broker {
            Broker::Lost { since } => since,
            Broker::Awaited { .. } => self.keep.last_cut,
            Broker::Connected => now.mono,
        };
        self.draw_line(now);
        self.broker = Broker::Connected;
        if !session_present {
            self.session_lost(lost_at, now);
        }
        if !std::mem::replace(&mut self.keep.session, true) {
            self.keep.run_changed = true;
            self.pace.dirty(now.mono);
        }
        if let Some(number) = self.marker.send(now.mono, now.mono) {
            self.effects.push_back(Effect::Marker(number));
        }
        self.control(now);
    }

    fn session_lost(&mut self, lost_at: Mono, now: &Now) {
        self.packets.forget();
        self.keep.drop_held();
        if self.keep.session {
            tracing::warn!("the broker has lost our session; figures since the connection was lost may be low");
            self.mark_low(lost_at, now);
        }
        self.sensors.iter_mut().for_each(super::sensor::Sensor::unhear);
        self.pace.dirty(now.mono);
    }

    pub(super) fn disconnected(&mut self, now: &Now) {
        if let Broker::Connected = self.broker {
            self.draw_line(now);
            self.broker = Broker::Lost { since: now.mono };
            self.marker.disconnected();
            self.keep.drop_held();
            self.pace.disconnected();
        }
        self.control(now);
    }

    pub(super) fn sign_event(&mut self, event: &SignEvent, now: &Now) {
        let (SignEvent::Polled { sign, .. }
        | SignEvent::Fetched { sign, .. }
        | SignEvent::FetchAborted { sign, .. }
        | SignEvent::Shown { sign, .. }
        | SignEvent::Handed { sign, .. }
        | SignEvent::Trouble { sign }
        | SignEvent::Reported { sign, .. }) = event;
        if let SignEvent::Reported { health, .. } = event {
            return self.reported(sign, health, now);
        }
        let number = self.keep.number();
        let Some(sign) = self.signs.iter_mut().find(|s| s.glass.plan.id == *sign) else { return };
        sign.tell();
        sign.glass.handle(event, now);
        #[cfg(test)]
        if let (Some(Seeded::SentIsShown), SignEvent::Fetched { sign: id, notice }) = (self.seeded, event) {
            sign.glass.handle(&SignEvent::Shown { sign: id.clone(), notice: *notice }, now);
        }
        sign.note_name(now);
        sign.changed_in = number;
        self.pace.dirty(now.mono);
        self.control(now);
    }

    /// What signs did went past us: nothing is known of any glass.
    pub(super) fn events_lost(&mut self, now: &Now) {
        let number = self.keep.number();
        for sign in &mut self.signs {
            sign.tell();
            sign.glass.lose(Reason::Redrawn(sign.glass.plan.id.clone()));
            sign.changed_in = number;
        }
        self.pace.dirty(now.mono);
        self.control(now);
    }

    /// Decides anew. Cheap enough to be called after every input except a packet; for a packet it is called if its time has come.
    pub(super) fn control(&mut self, now: &Now) {
        self.hours.follow(now.wall);
        for lock in 0..self.interlocks.len() {
            self.interlocks[lock].cover_ended = self.cover_end(lock, now).filter(|end| *end <= now.mono);
        }
        let number = self.keep.number();
        self.code_day = code_day(now.wall, &self.plan.time_zone);
        if self.objections.expire(number, now.mono) {
            self.pace.dirty(now.mono);
        }
        for sign in &mut self.signs {
            let may_show = self.plan.store_fault.is_some() || self.keep.is_durable(sign.next_in);
            if may_show && sign.promote() {
                sign.changed_in = number;
                self.pace.dirty(now.mono);
            }
            sign.glass.expire(now.mono);
        }
        self.await_signs(now);
        for sensor in 0..self.sensors.len() {
            self.expire_sensor(sensor, now);
        }
        for lock in 0..self.interlocks.len() {
            self.decide(lock, now);
        }
        if self.broker == Broker::Connected
            && let Some(number) = self.marker.retry(now.mono)
        {
            self.effects.push_back(Effect::Marker(number));
        }
        self.tell_ledger(now);
        self.set_boards(now);
        if self.bucket_end(now).is_some_and(|end| end <= now.mono) {
            self.accrue_all(now);
            self.pace.dirty(now.mono);
        }
        self.control_due = self.control_wake(now).into_iter().chain(self.bucket_end(now)).min();
    }

    /// When so many leases have ended that too few signs are left under which counting goes on, or the shop has closed, if counting does go on.
    fn cover_end(&self, lock: usize, now: &Now) -> Option<Mono> {
        let lock = &self.interlocks[lock].state;
        lock.open_since()?;
        let covering = self.signs.iter().filter(|s| s.covers_zone(&lock.zone));
        let ends = |s: &Sign| s.glass.covered_until(&lock.activity, lock.evidence, now);
        let mut leases: Vec<_> = covering.filter_map(ends).collect();
        leases.sort_unstable();
        // With as many signs as have to show it left, the next lease to end is the end.
        let end = leases.len().checked_sub(lock.quorum).map(|spare| leases[spare]);
        end.into_iter().chain(self.closed_since(now)).min()
    }

    /// When the shop closed, if it is closed by a clock that is believed.
    pub(super) fn closed_since(&self, now: &Now) -> Option<Mono> {
        self.hours.closed().filter(|_| now.trusted).map(|closed| now.mono_at(closed.start))
    }

    fn decide(&mut self, index: usize, now: &Now) {
        let blocked = self.blocked(index, now);
        if self.interlocks[index].state.unblocked == blocked.is_some() {
            // The shop closed at its time, however late that is noticed.
            let at = self.closed_since(now).unwrap_or(now.mono);
            self.accrue_lock(index, &Now { mono: at, wall: now.wall_at(at), ..*now });
            self.interlocks[index].state.unblocked = blocked.is_none();
        }
        if let Some(reason) = blocked {
            self.shut(index, reason, now);
            return;
        }
        let lock = &self.interlocks[index];
        let drawing = self.signs.iter().find(|s| s.covers_zone(&lock.state.zone) && s.is_drawing());
        if let (true, Some(sign)) = (lock.resuming, drawing) {
            let reason = Reason::Drawing(sign.glass.plan.id.clone());
            self.interlocks[index].state.phase = Phase::Opening(reason);
            return;
        }
        match self.uncovered(&self.interlocks[index].state, now) {
            Some(reason) => self.uncover(index, reason, now),
            None => self.cover(index, now),
        }
    }

    /// Why nothing may be counted whatever the signs show.
    pub(super) fn blocked(&self, index: usize, now: &Now) -> Option<Reason> {
        let lock = &self.interlocks[index];
        let lost_too_long = |since: Mono| now.mono.since(since) >= BROKER_GRACE;
        if self.stopping {
            Some(Reason::Stopping)
        } else if let Some(fault) = &self.plan.store_fault {
            Some(Reason::StoreUnusable(fault.clone()))
        } else if self.chronicle.is_full() {
            Some(Reason::StoreUnusable("it refuses to write, and so does the ledger in it".to_owned()))
        } else if !now.trusted {
            Some(Reason::ClockUntrusted)
        } else if lock.state.stopped {
            Some(Reason::StoppedByOperator)
        } else if let Some(closed) = self.hours.closed() {
            Some(Reason::OutsideHours(self.hours.in_words(closed.end)))
        } else if let Some(until) = self.paused(&lock.state.zone, &lock.state.activity) {
            Some(Reason::Paused(self.hours.in_words(until)))
        } else {
            match self.broker {
                Broker::Connected => None,
                Broker::Awaited { since } => {
                    let expected = now.mono.since(since) < START_GRACE;
                    let idle = lock.state.open_since().is_none() && !expected;
                    (idle || lost_too_long(since)).then_some(Reason::BrokerNotReached)
                }
                Broker::Lost { since } => lost_too_long(since).then_some(Reason::BrokerLost),
            }
        }
    }

    /// Why the signs do not allow counting.
    fn uncovered(&self, lock: &Interlock, now: &Now) -> Option<Reason> {
        let signs = || self.signs.iter().filter(|s| s.covers_zone(&lock.zone));
        let denying = signs().find(|s| s.glass.may_deny(now.wall));
        #[cfg(test)]
        let denying = denying.filter(|_| self.seeded != Some(Seeded::DenialForgotten));
        if let Some(sign) = denying {
            return Some(Reason::StillDenies(sign.glass.plan.id.clone()));
        }
        // What hangs under the same span may speak any of its languages; to begin, it speaks the local one.
        let goes_on = lock.open_since().is_some();
        let covers = |s: &&Sign| {
            let named = s.glass.covers(&lock.activity, lock.evidence, now);
            named && (goes_on || s.glass.opens())
        };
        let shown = signs().filter(covers).count();
        if shown >= lock.quorum {
            return None;
        }
        let missing = signs()
            .filter(|s| !covers(s))
            .map(|s| match (&s.board, &s.undrawable) {
                (_, Some(_)) => Reason::CannotDraw(s.glass.plan.id.clone()),
                (Some(board), None) if board.state.names(&lock.activity) => {
                    s.glass.missing(Some(board.notice), lock.evidence, now)
                }
                _ => Reason::Drawing(s.glass.plan.id.clone()),
            })
            .max_by_key(Reason::nearness)
            .unwrap_or(Reason::NoSign);
        Some(if lock.quorum == 1 { missing } else { Reason::TooFewSigns(shown, lock.quorum, Box::new(missing)) })
    }

    fn cover(&mut self, index: usize, now: &Now) {
        let since = *self.interlocks[index].covered_since.get_or_insert(now.mono);
        if self.interlocks[index].state.is_open() {
            return;
        }
        if self.interlocks[index].resuming {
            // The notice stayed on the glass throughout: the span of the last run goes on.
            self.interlocks[index].resuming = false;
            let from = self.interlocks[index].state.open_since().unwrap_or(now.mono);
            self.open(index, from, now);
        } else if self.marker.since >= since {
            self.open(index, self.marker.since, now);
        } else {
            self.interlocks[index].state.phase = Phase::Opening(Reason::AwaitingMarker);
            if self.broker == Broker::Connected
                && let Some(number) = self.marker.send(now.mono, since)
            {
                self.effects.push_back(Effect::Marker(number));
            }
        }
    }

    fn open(&mut self, index: usize, from: Mono, now: &Now) {
        self.accrue_lock(index, now);
        let lock = &mut self.interlocks[index];
        lock.state.open(from);
        lock.told_off = None;
        if !std::mem::take(&mut lock.quiet) {
            tracing::info!(zone = %lock.state.zone, activity = %lock.state.activity, "counting is open");
        }
        self.interlock_changed(index, now);
        // A crash must not lose what is counted from now on for want of knowing that counting was open.
        self.pace.urge(now.mono);
        self.switch_sensors(index, true);
    }

    fn uncover(&mut self, index: usize, reason: Reason, now: &Now) {
        self.interlocks[index].covered_since = None;
        self.end_span(index, now);
        self.interlocks[index].state.phase = Phase::Opening(reason);
        self.keep_sensors_off(index, now);
    }

    /// Stops counting. "Not counting" may be shown only when the stop is durable and switched sensors are known to be off.
    fn shut(&mut self, index: usize, reason: Reason, now: &Now) {
        self.interlocks[index].quiet = matches!(reason, Reason::Paused(_));
        self.interlocks[index].covered_since = None;
        self.end_span(index, now);
        self.keep_sensors_off(index, now);
        let lock = &self.interlocks[index];
        let still_on = self.sensor_still_on(index);
        #[cfg(test)]
        let still_on = still_on.filter(|_| self.seeded != Some(Seeded::CameraNotAwaited));
        let durable = self.keep.is_durable(lock.changed_in);
        let was_closed = matches!(lock.state.phase, Phase::Closed(_));
        self.interlocks[index].state.phase = match still_on {
            None if durable || was_closed => Phase::Closed(reason),
            None => Phase::Closing(reason),
            Some(sensor) => Phase::Closing(Reason::SensorStillOn(sensor)),
        };
    }

    /// Ends the open span, if there is one. After a restart it ended when the last run did: nobody knows more.
    fn end_span(&mut self, index: usize, now: &Now) {
        if self.interlocks[index].state.open_since().is_none() {
            return;
        }
        // A lease that ended ended the span then, however late that is noticed.
        let ended = self.interlocks[index].cover_ended.take().unwrap_or(now.mono);
        let at = if self.interlocks[index].resuming { self.keep.earlier_cut.min(ended) } else { ended };
        if self.interlocks[index].resuming {
            self.occupancies.shut_since(index, at);
        } else {
            self.accrue_lock(index, &Now { mono: at, wall: now.wall_at(at), trusted: now.trusted });
        }
        let lock = &mut self.interlocks[index];
        lock.resuming = false;
        let phase = lock.state.phase.clone();
        lock.state.stop(at, phase);
        if !lock.quiet {
            tracing::info!(zone = %lock.state.zone, activity = %lock.state.activity, "counting has stopped");
        }
        self.interlock_changed(index, now);
        self.pace.urge(now.mono);
    }

    fn interlock_changed(&mut self, index: usize, now: &Now) {
        let number = self.keep.number();
        let lock = &mut self.interlocks[index];
        lock.state.forget_before(now.mono - LATENESS_MAX);
        lock.changed_in = number;
        self.pace.dirty(now.mono);
    }

    fn switch_sensors(&mut self, index: usize, on: bool) {
        for sensor in self.sensors.iter_mut().filter(|s| s.interlock == Some(index) && s.plan.control) {
            if let Some(command) = sensor.plan.binding.switch(on) {
                self.effects.push_back(Effect::Switch(command));
                // What was told to switch on may be on, whatever it said last.
                if on {
                    sensor.switched_on = None;
                }
            }
        }
    }

    fn keep_sensors_off(&mut self, index: usize, now: &Now) {
        let due = self.interlocks[index].told_off.is_none_or(|told| now.mono.since(told) >= SWITCH_RETRY);
        let on = self.sensor_still_on(index).is_some();
        if due && on && self.broker == Broker::Connected {
            self.interlocks[index].told_off = Some(now.mono);
            self.switch_sensors(index, false);
        }
    }

    fn sensor_still_on(&self, index: usize) -> Option<crate::domain::id::SensorId> {
        self.sensors
            .iter()
            .filter(|s| s.interlock == Some(index) && s.plan.control && s.plan.binding.switch(false).is_some())
            .find(|s| s.switched_on != Some(false))
            .map(|s| s.plan.id.clone())
    }

    /// When control must look again by itself.
    pub(super) fn control_wake(&self, now: &Now) -> Option<Mono> {
        let leases = self.signs.iter().filter_map(|s| s.glass.ends(now));
        let words = self.signs.iter().filter_map(|s| s.glass.attested()).map(|a| now.mono_at(a.until));
        let denials = self.signs.iter().filter_map(|s| s.glass.denies_until).map(|until| now.mono_at(until));
        let renewals = (0..self.signs.len()).filter_map(|index| self.renewal_at(index, now));
        let redraws = self.signs.iter().filter_map(|s| s.redraw_at(now));
        let turns = (0..self.signs.len()).filter_map(|index| self.turn_at(index, now));
        let paces = (0..self.signs.len()).filter_map(|index| self.refresh_change_at(index, now));
        let hours = self.hours.next_change().map(|change| now.mono_at(change));
        let broker = match self.broker {
            Broker::Lost { since } => [Some(since + BROKER_GRACE), None],
            Broker::Awaited { since } => [Some(since + START_GRACE), Some(since + BROKER_GRACE)],
            Broker::Connected => [None, None],
        };
        let switches = self.interlocks.iter().enumerate().filter_map(|(index, lock)| {
            let waiting = !lock.state.is_open() && self.sensor_still_on(index).is_some();
            lock.told_off.filter(|_| waiting).map(|told| told + SWITCH_RETRY)
        });
        let silence = self.sensors.iter().filter_map(super::sensor::Sensor::falls_silent);
        leases
            .chain(words)
            .chain(denials)
            .chain(renewals)
            .chain(redraws)
            .chain(turns)
            .chain(paces)
            .chain(hours)
            .chain(broker.into_iter().flatten())
            .chain(switches)
            .chain(silence)
            .chain(self.objections.ends())
            .chain(self.marker.retry_at())
            .filter(|at| *at > now.mono)
            .min()
    }
}
