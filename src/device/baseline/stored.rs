//! How a [`Baseline`] stands in the store: short names, nothing that is not needed, and every form that was ever written.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::interval::{Intervals, Period, Run};
use super::seen::Seen;
use super::totals::Totals;
use super::window::Window;
use super::{Baseline, Kind};

/// The JSON form.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Stored {
    #[serde(rename = "k")]
    kind: Kind,
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    window: Option<Window>,
    #[serde(rename = "d", skip_serializing_if = "Seen::is_empty")]
    seen: Seen,
    #[serde(rename = "t", skip_serializing_if = "VecDeque::is_empty")]
    totals: VecDeque<(u64, u64)>,
    #[serde(rename = "s", skip_serializing_if = "VecDeque::is_empty")]
    starts: VecDeque<u64>,
    #[serde(rename = "c", skip_serializing_if = "std::ops::Not::not")]
    counted: bool,
    #[serde(rename = "i", skip_serializing_if = "VecDeque::is_empty")]
    periods: VecDeque<Period>,
    #[serde(rename = "r", skip_serializing_if = "Vec::is_empty")]
    runs: Vec<Run>,
}

impl From<Baseline> for Stored {
    fn from(baseline: Baseline) -> Self {
        let Baseline { kind, window, seen, totals, intervals } = baseline;
        let Totals { last, starts, counted } = totals;
        let Intervals { recent, runs } = intervals;
        Self { kind, window, seen, totals: last, starts, counted, periods: recent, runs }
    }
}

impl From<Stored> for Baseline {
    fn from(stored: Stored) -> Self {
        let Stored { kind, window, seen, totals: last, starts, counted, periods: recent, runs } = stored;
        Self { kind, window, seen, totals: Totals { last, starts, counted }, intervals: Intervals { recent, runs } }
    }
}
