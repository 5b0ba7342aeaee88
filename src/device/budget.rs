//! How much one sensor may say: a token bucket, so that a device that sends thousands of messages a second costs the others nothing.

use crate::domain::time::Mono;

/// Units that may be spent at once. A broker that held messages through a long outage delivers them in one burst, and all of it has
/// to pass: mosquitto queues 1000 messages as it comes, and installations raise that to some ten thousands.
pub const BURST: u64 = 100_000;

/// Units that come back each second. A door through which twenty people a second pass, telling of each in ten ways, stays below.
pub const REFILL_PER_SECOND: u64 = 200;

/// A message costs one unit, and another for each so many bytes: long ones take longer to read.
pub const BYTES_PER_UNIT: usize = 1024;

/// What one sensor has left to spend.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    /// In thousandths of a unit, so that a millisecond refills a whole number of them.
    left: u64,
    filled: Mono,
}

impl Budget {
    /// A full one.
    #[must_use]
    pub fn new(now: Mono) -> Self {
        Self { left: BURST * 1000, filled: now }
    }

    /// Spends what a message of `bytes` costs. Returns whether there was enough; if not, nothing is spent.
    pub fn spend(&mut self, bytes: usize, now: Mono) -> bool {
        let refill = now.since(self.filled).as_millis().min(u128::from(BURST * 1000)) as u64 * REFILL_PER_SECOND;
        self.left = self.left.saturating_add(refill).min(BURST * 1000);
        self.filled = self.filled.max(now);
        let cost = (1 + (bytes / BYTES_PER_UNIT) as u64).saturating_mul(1000);
        let enough = cost <= self.left;
        if enough {
            self.left -= cost;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(budget: &mut Budget, messages: u64, bytes: usize, now: Mono) -> u64 {
        (0..messages).map(|_| u64::from(budget.spend(bytes, now))).sum()
    }

    #[test]
    fn a_backlog_passes_whole_and_a_flood_does_not() {
        let mut budget = Budget::new(Mono(0));
        assert_eq!(spent(&mut budget, 150_000, 200, Mono(0)), BURST);
        let second: u64 = (1..=1000).map(|ms| spent(&mut budget, 5, 200, Mono(ms))).sum();
        assert_eq!(second, REFILL_PER_SECOND, "of five thousand in a second");
    }

    #[test]
    fn long_messages_cost_more() {
        let mut budget = Budget::new(Mono(0));
        assert_eq!(spent(&mut budget, 3 * BURST, 1023, Mono(0)), BURST);
        let mut budget = Budget::new(Mono(0));
        assert_eq!(spent(&mut budget, 3 * BURST, 1024, Mono(0)), BURST / 2);
        assert!(!Budget::new(Mono(0)).spend(usize::MAX, Mono(0)));
    }

    #[test]
    fn silence_refills_it_to_the_brim_and_no_further() {
        let mut budget = Budget::new(Mono(0));
        spent(&mut budget, BURST, 0, Mono(0));
        assert_eq!(spent(&mut budget, 3 * BURST, 0, Mono(i64::MAX)), BURST);
        assert_eq!(spent(&mut budget, 10, 0, Mono(0)), 0, "a moment of before gives nothing back");
    }

    #[test]
    fn a_message_that_is_too_dear_leaves_the_rest_to_others() {
        let mut budget = Budget::new(Mono(0));
        spent(&mut budget, BURST - 5, 0, Mono(0));
        assert!(!budget.spend(10 * BYTES_PER_UNIT, Mono(0)));
        assert_eq!(spent(&mut budget, 10, 0, Mono(0)), 5);
    }
}
