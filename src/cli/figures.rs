//! `noticed report`: from arguments and configuration to a question for the store.

use std::io::Write;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::period::Period;
use super::report::report as print;
use super::{Failure, Format, configuration};
use crate::daemon::master_key;
use crate::domain::id::ZoneId;
use crate::store::query::{By, Question, SensorInfo};

/// What the user asks for.
#[derive(Args, Debug)]
pub struct Asked {
    #[command(flatten)]
    period: Period,
    /// Length of a row.
    #[arg(long, value_enum, default_value_t)]
    by: Step,
    /// Only this zone.
    #[arg(long)]
    zone: Option<String>,
    /// Which figures a table or CSV shows; JSON has counts and occupancy together.
    #[arg(long, value_enum, default_value_t)]
    of: Of,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Kinds of figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Of {
    /// What each sensor counted.
    #[default]
    Counts,
    /// How many people were in each zone and in the shop, and how long they stayed.
    Occupancy,
    /// How often visitors paused counting, by zone and day.
    Pauses,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Step {
    Bucket,
    Hour,
    #[default]
    Day,
    Week,
    Month,
}

/// Prints the figures asked for.
pub fn report(path: &Path, asked: &Asked, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(path)?;
    let master = master_key(&config).map_err(Failure::because)?;
    let zone_name = asked.zone.as_deref().map(ZoneId::new);
    if let Some(zone) = zone_name.as_ref().filter(|zone| config.zones.iter().all(|z| z.id != **zone)) {
        let known: Vec<&str> = config.zones.iter().map(|z| z.id.as_str()).collect();
        return Err(Failure::usage(format!("no zone \"{zone}\" is configured; there are: {}", known.join(", "))));
    }
    let time_zone = &config.shop.time_zone;
    let kind = |sensor: &crate::config::Sensor| {
        let activity = config.activities.iter().find(|a| a.id == sensor.activity)?;
        Some(SensorInfo { id: sensor.id.clone(), kind: activity.kind })
    };
    let sensors: Vec<SensorInfo> = config.sensors.iter().filter_map(kind).collect();
    let (from, to) = asked.period.ends(time_zone)?;
    let question = Question { from, to, by: asked.by.into(), zone: zone_name.as_ref(), time_zone, sensors: &sensors };
    print(&config.store.path, &master.store_key(), &question, (asked.of, asked.format), out).map_err(Failure::because)
}

impl From<Step> for By {
    fn from(step: Step) -> Self {
        match step {
            Step::Bucket => Self::Bucket,
            Step::Hour => Self::Hour,
            Step::Day => Self::Day,
            Step::Week => Self::Week,
            Step::Month => Self::Month,
        }
    }
}
