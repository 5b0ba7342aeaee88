//! Opening hours: when counting is wanted at all, by the shop's clocks.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::domain::time::{Bucket, Wall};

/// Days looked at around a moment: every span of the week begins on one of them, before it and after it.
const DAYS_AROUND: std::ops::RangeInclusive<i64> = -8..=8;

/// One span of the week in which the shop is open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opening {
    /// Day on which it begins.
    pub day: Weekday,
    /// First minute.
    pub from: Time,
    /// First minute after it; on the next day if it is not later than `from`.
    pub to: Time,
}

/// The opening hours, and in which of their stretches the present lies.
#[derive(Clone, Debug)]
pub struct Hours {
    openings: Vec<Opening>,
    zone: TimeZone,
    now: Stretch,
}

/// A stretch of time between two changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Stretch {
    open: bool,
    time: Bucket,
}

impl Stretch {
    /// Of a shop without hours; also beyond the years of a calendar, where no clock is believed.
    const ALWAYS: Self = Self { open: true, time: Bucket { start: Wall(i64::MIN), end: Wall(i64::MAX) } };
}

impl Hours {
    /// Hours by the clocks of `zone`; without any opening the shop is always open.
    #[must_use]
    pub fn new(openings: Vec<Opening>, zone: TimeZone) -> Self {
        let nowhere = Bucket { start: Wall(0), end: Wall(0) };
        Self { openings, zone, now: Stretch { open: true, time: nowhere } }
    }

    /// Moves on to the stretch that `at` lies in.
    pub fn follow(&mut self, at: Wall) {
        if !self.now.time.contains(at) {
            self.now = self.stretch(at);
        }
    }

    /// The stretch outside opening hours that the present lies in, if it does. Its end is the next opening.
    #[must_use]
    pub fn closed(&self) -> Option<Bucket> {
        (!self.now.open).then_some(self.now.time)
    }

    /// When the shop opens or closes next.
    #[must_use]
    pub fn next_change(&self) -> Option<Wall> {
        Some(self.now.time.end).filter(|end| *end < Stretch::ALWAYS.time.end)
    }

    /// `wall` as a person in the shop says it: `Mon 08:00`.
    #[must_use]
    pub fn in_words(&self, wall: Wall) -> String {
        Timestamp::from_millisecond(wall.0)
            .map(|instant| instant.to_zoned(self.zone.clone()).strftime("%a %H:%M").to_string())
            .unwrap_or_default()
    }

    fn stretch(&self, at: Wall) -> Stretch {
        let Ok(instant) = Timestamp::from_millisecond(at.0) else { return Stretch::ALWAYS };
        let spans = self.spans_around(instant.to_zoned(self.zone.clone()).date());
        if let Some(span) = spans.iter().find(|span| span.contains(at)) {
            return Stretch { open: true, time: *span };
        }
        let closing = spans.iter().map(|span| span.end).rfind(|end| *end <= at);
        let opening = spans.iter().map(|span| span.start).find(|start| at < *start);
        match (closing, opening) {
            (Some(start), Some(end)) => Stretch { open: false, time: Bucket { start, end } },
            _ => Stretch::ALWAYS,
        }
    }

    /// Spans around `today` in their order; those that touch are one.
    fn spans_around(&self, today: Date) -> Vec<Bucket> {
        let days = DAYS_AROUND.filter_map(|days| today.checked_add(days.days()).ok());
        let on = |day: Date| self.openings.iter().filter(move |o| o.day == day.weekday()).map(move |o| (day, o));
        let mut spans: Vec<Bucket> = days.flat_map(on).filter_map(|(day, opening)| self.span(day, *opening)).collect();
        spans.sort();
        let mut joined: Vec<Bucket> = Vec::new();
        for span in spans {
            match joined.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => joined.push(span),
            }
        }
        joined
    }

    /// A time that the clocks skip comes an hour later, and of one that they show twice the first counts (RFC 5545 §3.3.5).
    fn span(&self, day: Date, opening: Opening) -> Option<Bucket> {
        let last = if opening.to <= opening.from { day.checked_add(1.day()).ok()? } else { day };
        let wall = |day: Date, time: Time| {
            let moment = day.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
            Some(Wall(moment.timestamp().as_millisecond()))
        };
        let span = Bucket { start: wall(day, opening.from)?, end: wall(last, opening.to)? };
        (span.start < span.end).then_some(span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Mon-Fri 08:00-20:00` as `("Mon", 5, "08:00", "20:00")`: the first day and how many.
    fn hours(zone: &str, said: &[(Weekday, i8, &str, &str)]) -> Hours {
        let time = |text: &str| text.parse().expect("a time");
        let spread = |(first, count, from, to): &(Weekday, i8, &str, &str)| {
            let (first, from, to) = (*first, time(from), time(to));
            (0..*count).map(move |n| Opening { day: first.wrapping_add(n), from, to }).collect::<Vec<_>>()
        };
        Hours::new(said.iter().flat_map(spread).collect(), TimeZone::get(zone).expect("bundled"))
    }

    fn shop() -> Hours {
        hours("Europe/Warsaw", &[(Weekday::Monday, 5, "08:00", "20:00"), (Weekday::Saturday, 1, "09:00", "14:00")])
    }

    fn wall(text: &str) -> Wall {
        Wall(text.parse::<Timestamp>().expect("a moment").as_millisecond())
    }

    /// Whether `hours` are open at `at`, from when to when, by UTC.
    fn at(hours: &mut Hours, at: &str) -> (bool, String, String) {
        hours.follow(wall(at));
        let text = |w: Wall| Timestamp::from_millisecond(w.0).expect("in range").to_string();
        assert_eq!(hours.closed().is_none(), hours.now.open);
        (hours.now.open, text(hours.now.time.start), text(hours.now.time.end))
    }

    fn expected(open: bool, start: &str, end: &str) -> (bool, String, String) {
        (open, start.to_owned(), end.to_owned())
    }

    #[test]
    fn a_shop_is_open_from_the_first_minute_to_before_the_last() {
        let mut shop = shop();
        let monday = expected(true, "2026-11-23T07:00:00Z", "2026-11-23T19:00:00Z");
        assert_eq!(at(&mut shop, "2026-11-23T07:00:00Z"), monday);
        assert_eq!(at(&mut shop, "2026-11-23T18:59:59.999Z"), monday);
        let night = expected(false, "2026-11-23T19:00:00Z", "2026-11-24T07:00:00Z");
        assert_eq!(at(&mut shop, "2026-11-23T19:00:00Z"), night);
        assert_eq!(at(&mut shop, "2026-11-24T06:59:59.999Z"), night);
    }

    #[test]
    fn from_the_last_closing_of_the_week_to_the_first_opening_is_one_stretch() {
        let mut shop = shop();
        let weekend = expected(false, "2026-11-28T13:00:00Z", "2026-11-30T07:00:00Z");
        assert_eq!(at(&mut shop, "2026-11-29T12:00:00Z"), weekend);
        let opening = shop.closed().expect("closed").end;
        assert_eq!(shop.in_words(opening), "Mon 08:00");
        assert_eq!(shop.next_change(), Some(opening));
    }

    #[test]
    fn a_bar_closes_on_the_next_day_and_spans_that_touch_are_one() {
        let mut bar = hours("Europe/Warsaw", &[(Weekday::Friday, 2, "20:00", "02:00")]);
        assert_eq!(
            at(&mut bar, "2026-11-28T00:30:00Z"),
            expected(true, "2026-11-27T19:00:00Z", "2026-11-28T01:00:00Z"),
            "half past one on Saturday belongs to Friday"
        );
        let mut long =
            hours("Europe/Warsaw", &[(Weekday::Friday, 1, "20:00", "00:00"), (Weekday::Saturday, 1, "00:00", "02:00")]);
        assert_eq!(
            at(&mut long, "2026-11-27T23:00:00Z"),
            expected(true, "2026-11-27T19:00:00Z", "2026-11-28T01:00:00Z")
        );
        let mut never_shut = hours("Europe/Warsaw", &[(Weekday::Monday, 7, "00:00", "00:00")]);
        assert!(at(&mut never_shut, "2026-11-27T23:00:00Z").0);
    }

    #[test]
    fn hours_go_by_the_clock_on_the_wall_when_it_is_changed() {
        let mut shop = hours("Europe/Warsaw", &[(Weekday::Monday, 7, "08:00", "20:00")]);
        // Clocks go forward on 29 March and back on 25 October: eight o'clock moves by an hour of UTC.
        assert_eq!(
            at(&mut shop, "2026-03-28T22:00:00Z"),
            expected(false, "2026-03-28T19:00:00Z", "2026-03-29T06:00:00Z"),
            "a night of eleven hours"
        );
        assert_eq!(
            at(&mut shop, "2026-10-24T22:00:00Z"),
            expected(false, "2026-10-24T18:00:00Z", "2026-10-25T07:00:00Z"),
            "a night of thirteen hours"
        );
        // 02:30 is skipped in March and comes twice in October.
        let mut late = hours("Europe/Warsaw", &[(Weekday::Saturday, 1, "20:00", "02:30")]);
        assert_eq!(at(&mut late, "2026-03-28T22:00:00Z").2, "2026-03-29T01:30:00Z");
        assert_eq!(at(&mut late, "2026-10-24T22:00:00Z").2, "2026-10-25T00:30:00Z");
        let mut skipped =
            hours("Europe/Warsaw", &[(Weekday::Sunday, 1, "02:00", "03:00"), (Weekday::Monday, 1, "08:00", "20:00")]);
        assert_eq!(
            at(&mut skipped, "2026-03-29T00:59:00Z"),
            expected(false, "2026-03-23T19:00:00Z", "2026-03-30T06:00:00Z"),
            "an hour that does not exist opens nothing"
        );
    }

    #[test]
    fn hours_of_a_day_that_a_zone_skipped_come_a_day_later() {
        // Samoa had no 30 December 2011, a Friday.
        let mut shop = hours("Pacific/Apia", &[(Weekday::Friday, 1, "08:00", "20:00")]);
        assert_eq!(at(&mut shop, "2011-12-30T12:00:00Z").2, "2011-12-30T18:00:00Z", "08:00 on Saturday there");
    }

    #[test]
    fn without_hours_a_shop_is_always_open_and_nothing_is_waited_for() {
        let mut always = hours("Europe/Warsaw", &[]);
        for moment in [wall("2026-11-23T03:00:00Z"), Wall(i64::MAX - 1), Wall(i64::MIN), Wall(0)] {
            always.follow(moment);
            assert_eq!((always.closed(), always.next_change()), (None, None), "{moment:?}");
        }
        let mut shop = shop();
        shop.follow(Wall(i64::MAX - 1));
        assert_eq!(shop.closed(), None, "no calendar goes that far");
    }

    #[test]
    fn stretches_follow_each_other_without_a_gap_through_a_year() {
        let mut shop = shop();
        let mut moment = wall("2026-01-01T12:00:00Z");
        for _ in 0..600 {
            shop.follow(moment);
            let (open, end) = (shop.now.open, shop.next_change().expect("it opens and closes"));
            shop.follow(end);
            assert_eq!((shop.now.time.start, shop.now.open), (end, !open));
            moment = end;
        }
    }
}
