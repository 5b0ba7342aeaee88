//! What the service manager is told (sd_notify(3)). Without `NOTIFY_SOCKET` every call does nothing.

use std::time::Duration;

use sd_notify::NotifyState;

/// Start-up or a reload is finished; `status` is the line that `systemctl status` prints.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(&one_line(status))]);
}

/// What goes on, in one line for `systemctl status`.
pub fn status(text: &str) {
    tell(&[NotifyState::Status(&one_line(text))]);
}

/// The runtime still turns. Call it every [`watchdog_interval`] from the loop that must not hang.
pub fn alive() {
    tell(&[NotifyState::Watchdog]);
}

/// The configuration is being read again; [`ready`] ends it, also when the old one stays.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "reload is not announced to the service manager"),
    }
}

/// The orderly stop has begun.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// How often [`alive`] is due: half of what the service manager allows, so that one late call does no harm. `None` if it
/// does not watch this process.
#[must_use]
pub fn watchdog_interval() -> Option<Duration> {
    let variable = |name| std::env::var(name).ok();
    interval(variable("WATCHDOG_USEC").as_deref(), variable("WATCHDOG_PID").as_deref(), std::process::id())
}

fn interval(usec: Option<&str>, pid: Option<&str>, own_pid: u32) -> Option<Duration> {
    let meant = pid.is_none_or(|pid| pid.parse() == Ok(own_pid));
    let allowed = usec?.parse().ok().filter(|&usec: &u64| meant && usec > 0)?;
    Some(Duration::from_micros(allowed) / 2)
}

/// A line break would begin another assignment of the protocol.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager's socket (NOTIFY_SOCKET) cannot be reached");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_fed_twice_as_often_as_it_must_be() {
        assert_eq!(interval(Some("60000000"), Some("7"), 7), Some(Duration::from_secs(30)));
        assert_eq!(interval(Some("60000000"), None, 7), Some(Duration::from_secs(30)));
    }

    #[test]
    fn a_watchdog_meant_for_another_process_is_not_ours() {
        assert_eq!(interval(Some("60000000"), Some("8"), 7), None);
    }

    #[test]
    fn no_or_odd_watchdog_settings_mean_no_watchdog() {
        assert_eq!(interval(None, None, 7), None);
        for odd in ["", "0", "-1", "60s"] {
            assert_eq!(interval(Some(odd), None, 7), None, "{odd}");
        }
    }

    #[test]
    fn a_status_cannot_smuggle_in_another_assignment() {
        assert_eq!(one_line("counting\nSTOPPING=1"), "counting STOPPING=1");
    }
}
