//! The span of time that figures and evidence are asked for.

use clap::Args;
use jiff::tz::TimeZone;

use super::Failure;
use super::report::parse_moment;
use crate::domain::time::Wall;

/// From when until when; open where nothing is said.
#[derive(Args, Debug)]
pub(super) struct Period {
    /// From when: 2026-11-23, 2026-11-23T08:00 (local) or RFC 3339.
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    /// Until when, not included.
    #[arg(long, value_name = "TIME")]
    pub(super) to: Option<String>,
}

impl Period {
    /// Its two ends by the clocks of `time_zone`. A moment that is none, and an end that is not after the beginning, are misuse.
    pub(super) fn ends(&self, time_zone: &TimeZone) -> Result<(Option<Wall>, Option<Wall>), Failure> {
        let moment = |text: &Option<String>| {
            text.as_deref().map(|text| parse_moment(text, time_zone)).transpose().map_err(Failure::usage)
        };
        let (from, to) = (moment(&self.from)?, moment(&self.to)?);
        if from.zip(to).is_some_and(|(from, to)| to <= from) {
            return Err(Failure::usage("--to must be later than --from"));
        }
        Ok((from, to))
    }
}
