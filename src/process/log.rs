//! The log: one event, one line, on stderr. Level from `NOTICED_LOG` (`info` unless set; else a level, or `target=level` pairs with commas between).
//!
//! Under systemd each line begins with its priority (sd-daemon(3)) and leaves the time to the journal. There are no colours.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, layer};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, layer::SubscriberExt as _};

/// What is logged unless `NOTICED_LOG` says otherwise: changes that a user can see.
const DEFAULT_LEVEL: LevelFilter = LevelFilter::INFO;

/// Sets up the log for the rest of the process; a second call changes nothing. An unreadable `NOTICED_LOG` is reported and
/// replaced by the default, because a typo there must not keep the daemon from starting.
pub fn init() {
    let wanted = std::env::var("NOTICED_LOG").ok();
    let (filter, problem) = filter(wanted.as_deref());
    let lines = layer::<Registry>().with_writer(io::stderr).with_ansi(false);
    let lines = if stderr_is_the_journal() {
        lines.event_format(JournalFormat::default()).with_filter(filter).boxed()
    } else {
        lines.with_target(false).with_filter(filter).boxed()
    };
    let first = tracing_subscriber::registry().with(lines).try_init().is_ok();
    if let (true, Some(problem)) = (first, problem) {
        tracing::warn!(problem, "NOTICED_LOG is not understood, logging at {DEFAULT_LEVEL}");
    }
}

/// The filter that holds, and what is wrong with the one that was wanted.
fn filter(wanted: Option<&str>) -> (Targets, Option<String>) {
    let default = || Targets::new().with_default(DEFAULT_LEVEL);
    match wanted.filter(|text| !text.trim().is_empty()).map(str::parse::<Targets>) {
        None => (default(), None),
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (default(), Some(format!("{error}"))),
    }
}

/// `JOURNAL_STREAM` is inherited by children whose stderr goes elsewhere; only device and inode tell (systemd.exec(5)).
fn stderr_is_the_journal() -> bool {
    let named = std::env::var("JOURNAL_STREAM").ok().and_then(|value| journal_stream(&value));
    named.is_some() && named == identity_of_stderr()
}

fn journal_stream(value: &str) -> Option<(u64, u64)> {
    let (device, inode) = value.split_once(':')?;
    Some((device.parse().ok()?, inode.parse().ok()?))
}

fn identity_of_stderr() -> Option<(u64, u64)> {
    let stderr = io::stderr().as_fd().try_clone_to_owned().ok()?;
    let metadata = std::fs::File::from(stderr).metadata().ok()?;
    Some((metadata.dev(), metadata.ino()))
}

/// `<6>` and the like before the event, no time, no level, no line breaks within.
struct JournalFormat {
    inner: Format<Full, ()>,
}

impl Default for JournalFormat {
    fn default() -> Self {
        Self { inner: Format::default().without_time().with_level(false).with_target(false).with_ansi(false) }
    }
}

impl<S, N> FormatEvent<S, N> for JournalFormat
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut text = String::new();
        self.inner.format_event(context, Writer::new(&mut text), event)?;
        writeln!(out, "{}", journal_line(*event.metadata().level(), &text))
    }
}

/// One line with its priority; a line break within the text would make an entry of its own, with a priority of its choice.
fn journal_line(level: Level, text: &str) -> String {
    format!("<{}>{}", priority(level), text.trim().replace('\n', "\\n"))
}

/// syslog(3) priorities.
fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_default_level_is_info() {
        for nothing in [None, Some(""), Some(" ")] {
            assert_eq!(filter(nothing).0.to_string(), "info");
        }
        assert_eq!(filter(Some("debug")).0.to_string(), "debug");
    }

    #[test]
    fn a_typo_in_the_level_is_reported_and_info_holds() {
        let (filter, problem) = filter(Some("noticed=louder"));
        assert_eq!(filter.to_string(), "info");
        assert!(problem.is_some());
    }

    #[test]
    fn the_journal_is_named_by_device_and_inode() {
        assert_eq!(journal_stream("9:28174"), Some((9, 28174)));
        for odd in ["", "9", "9:", "a:b"] {
            assert_eq!(journal_stream(odd), None, "{odd}");
        }
    }

    #[test]
    fn stderr_has_an_identity() {
        assert!(identity_of_stderr().is_some());
    }

    #[test]
    fn a_journal_line_carries_its_priority_and_no_second_line() {
        assert_eq!(journal_line(Level::WARN, "a\n<0>b\n"), "<4>a\\n<0>b");
        let of = [Level::ERROR, Level::INFO, Level::TRACE].map(priority);
        assert_eq!(of, [3, 6, 7]);
    }

    #[test]
    fn an_event_for_the_journal_has_fields_but_neither_time_nor_level() {
        let written = tempfile::NamedTempFile::new().unwrap();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(Arc::new(written.reopen().unwrap()))
            .event_format(JournalFormat::default())
            .finish();
        tracing::subscriber::with_default(subscriber, || tracing::info!(zone = "entrance", "counting opens"));
        assert_eq!(fs::read_to_string(written.path()).unwrap(), "<6>counting opens zone=\"entrance\"\n");
    }
}
