//! Figures about the daemon, not about people, in OpenMetrics 1.0 text.

use std::fmt::Write;

use super::Look;
use crate::domain::notice::Evidence;
use crate::domain::sign::Health;
use crate::domain::status::Status;

/// The exact type that scrapers compare.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

const INTERLOCKS: [&str; 4] = ["closed", "opening", "open", "closing"];

const EVIDENCES: [Evidence; 5] =
    [Evidence::None, Evidence::Offered, Evidence::Fetched, Evidence::Confirmed, Evidence::Sighted];

/// The whole exposition. `lost` is the number of events of signs that found the engine's queue full.
pub(super) fn text(look: &Look, lost: u64) -> String {
    let status = &look.status;
    let mut out = String::new();
    family(&mut out, "noticed_ready", "gauge", "Whether counting could work at all.");
    sample(&mut out, "noticed_ready", &[], i64::from(status.ready));
    family(&mut out, "noticed_condition", "info", "Broker, store and clock in words.");
    for (part, words) in [("broker", &status.broker), ("store", &status.store), ("clock", &status.clock)] {
        sample(&mut out, "noticed_condition_info", &[("part", part), ("condition", words)], 1);
    }
    family(&mut out, "noticed_sign_events_lost", "counter", "Events of signs that found the queue full.");
    sample(&mut out, "noticed_sign_events_lost_total", &[], lost);
    interlocks(&mut out, status);
    signs(&mut out, status);
    ages(&mut out, look);
    healths(&mut out, status);
    sensors(&mut out, status);
    out.push_str("# EOF\n");
    out
}

fn interlocks(out: &mut String, status: &Status) {
    family(out, "noticed_interlock", "stateset", "State of the interlock of an activity in a zone.");
    for own in &status.interlocks {
        for state in INTERLOCKS {
            let labels =
                [("zone", own.zone.as_str()), ("activity", own.activity.as_str()), ("noticed_interlock", state)];
            sample(out, "noticed_interlock", &labels, i64::from(own.interlock == state));
        }
    }
}

fn signs(out: &mut String, status: &Status) {
    family(out, "noticed_sign_evidence", "stateset", "How well it is known that a sign shows its notice.");
    for sign in &status.signs {
        for evidence in EVIDENCES {
            let labels = [("sign", sign.id.as_str()), ("noticed_sign_evidence", evidence.word())];
            sample(out, "noticed_sign_evidence", &labels, i64::from(sign.evidence == evidence));
        }
    }
    unit_family(
        out,
        "noticed_sign_last_poll_seconds",
        "seconds",
        "Last poll with the sign's credential, since 1970, to the minute.",
    );
    for sign in &status.signs {
        if let Some(at) = sign.last_poll {
            sample(out, "noticed_sign_last_poll_seconds", &[("sign", sign.id.as_str())], minute(at.seconds()));
        }
    }
}

/// How old what is known of a sign is.
fn ages(out: &mut String, look: &Look) {
    let name = "noticed_sign_evidence_age_seconds";
    unit_family(out, name, "seconds", "Time since a sign last proved what it shows.");
    for sign in look.status.signs.iter().filter(|sign| sign.evidence >= Evidence::Confirmed) {
        if let Some(at) = sign.last_poll {
            sample(out, name, &[("sign", sign.id.as_str())], look.at.since(at).as_secs());
        }
    }
}

/// Battery and signal, of the signs that tell.
fn healths(out: &mut String, status: &Status) {
    type Figure = fn(&Health) -> Option<String>;
    let figures: [(&str, &str, &str, Figure); 3] = [
        ("noticed_sign_battery_volts", "volts", "Voltage of a sign's battery.", |health| {
            health.battery_mv.map(|mv| format!("{}.{:03}", mv / 1000, mv % 1000))
        }),
        ("noticed_sign_battery_ratio", "ratio", "Charge of a sign's battery, 1 is full.", |health| {
            health.battery_percent.map(|percent| format!("{}.{:02}", percent / 100, percent % 100))
        }),
        ("noticed_sign_signal_dbm", "dbm", "Strength of a sign's signal.", |health| {
            health.signal_dbm.map(|dbm| dbm.to_string())
        }),
    ];
    for (name, unit, help, figure) in figures {
        unit_family(out, name, unit, help);
        for sign in &status.signs {
            if let Some(value) = figure(&sign.health) {
                sample(out, name, &[("sign", sign.id.as_str())], value);
            }
        }
    }
}

fn sensors(out: &mut String, status: &Status) {
    unit_family(
        out,
        "noticed_sensor_last_heard_seconds",
        "seconds",
        "Last message of a sensor, since 1970, to the minute.",
    );
    for sensor in &status.sensors {
        if let Some(at) = sensor.last_heard {
            sample(out, "noticed_sensor_last_heard_seconds", &[("sensor", sensor.id.as_str())], minute(at.seconds()));
        }
    }
    family(out, "noticed_sensor_accepted_messages", "counter", "Messages understood.");
    for sensor in &status.sensors {
        sample(out, "noticed_sensor_accepted_messages_total", &[("sensor", sensor.id.as_str())], sensor.accepted);
    }
    family(out, "noticed_sensor_refused_messages", "counter", "Messages or readings refused.");
    for sensor in &status.sensors {
        for (reason, count) in &sensor.refused {
            let labels = [("sensor", sensor.id.as_str()), ("reason", *reason)];
            sample(out, "noticed_sensor_refused_messages_total", &labels, count);
        }
    }
}

fn minute(seconds: i64) -> i64 {
    seconds - seconds.rem_euclid(60)
}

fn family(out: &mut String, name: &str, kind: &str, help: &str) {
    put(out, format_args!("# TYPE {name} {kind}\n# HELP {name} {help}\n"));
}

fn unit_family(out: &mut String, name: &str, unit: &str, help: &str) {
    put(out, format_args!("# TYPE {name} gauge\n# UNIT {name} {unit}\n# HELP {name} {help}\n"));
}

fn sample(out: &mut String, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
    let labels: Vec<String> = labels.iter().map(|(key, text)| format!("{key}=\"{}\"", escaped(text))).collect();
    let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    put(out, format_args!("{name}{labels} {value}\n"));
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string does not fail");
}
