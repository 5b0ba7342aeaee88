//! The operator's page: the same as the status, to be read. One document, no script; it loads itself again.

use std::fmt::Write;

use jiff::tz::TimeZone;

use super::Checkpoint;
use super::when::to_the_minute;
use crate::domain::sign::Health;
use crate::domain::status::Status;
use crate::domain::time::Wall;

const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>noticed</title>
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:2rem 0 .5rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid #8884;vertical-align:top}
th{font-weight:600}td.n{text-align:right;font-variant-numeric:tabular-nums}
.good{color:#17803d}.bad{color:#c2410c}
@media (prefers-color-scheme:dark){.good{color:#4ade80}.bad{color:#fb923c}}
.seal{display:flex;flex-wrap:wrap;gap:1rem;align-items:start}.seal svg{width:18rem;max-width:100%}
pre{white-space:pre-wrap;overflow-wrap:anywhere;flex:1;min-width:16rem;margin:0}img{max-width:100%;border:1px solid #8884}
input,button{font:inherit;padding:.4rem .6rem;width:20rem;max-width:100%;box-sizing:border-box}
</style>"#;

const RELOAD: &str = "<meta http-equiv=\"refresh\" content=\"15\">";

/// What stands before the body of a page of this listener; `more` goes into its head.
pub(super) fn head(more: &str) -> String {
    format!("{HEAD}{more}</head><body>\n")
}

/// The page for `status`, as it was `at` that time, with times in `zone`, and the newest head of the ledger.
pub(super) fn html(status: &Status, at: Wall, zone: &TimeZone, checkpoint: Option<&Checkpoint>) -> String {
    let mut out = head(RELOAD);
    let (class, words) = if status.ready { ("good", "ready") } else { ("bad", "not ready") };
    put(&mut out, format_args!("<h1>noticed: <span class=\"{class}\">{words}</span></h1>\n"));
    let parts = [("broker", &status.broker), ("store", &status.store), ("clock", &status.clock)];
    let parts = parts.map(|(part, words)| format!("{part} {}", escaped(words)));
    put(&mut out, format_args!("<p>{}</p>\n", parts.join(" · ")));
    interlocks(&mut out, status);
    signs(&mut out, status, zone);
    pending(&mut out, status, zone);
    sensors(&mut out, status, zone);
    seal(&mut out, checkpoint);
    put(&mut out, format_args!("<p>As of {}.</p>\n", time(Some(at), zone)));
    out.push_str("</body></html>\n");
    out
}

fn interlocks(out: &mut String, status: &Status) {
    heading(out, "Counting", &["Zone", "Activity", "Interlock", "Why"]);
    for own in &status.interlocks {
        let class = if own.interlock == "open" { "good" } else { "bad" };
        put(
            out,
            format_args!(
                "<tr><td>{}<td>{}<td class=\"{class}\">{}<td>{}\n",
                escaped(own.zone.as_str()),
                escaped(own.activity.as_str()),
                own.interlock,
                escaped(&own.reason)
            ),
        );
    }
    out.push_str("</table>\n");
}

fn signs(out: &mut String, status: &Status, zone: &TimeZone) {
    heading(out, "Signs", &["Sign", "Says", "Evidence", "Last poll", "Battery", "Signal", "Firmware", ""]);
    for sign in &status.signs {
        let evidence = match &sign.attested {
            Some((by, until)) => format!("{}, by {} until {}", sign.evidence.word(), by, time(Some(*until), zone)),
            None => sign.evidence.word().to_owned(),
        };
        let id = escaped(sign.id.as_str());
        put(
            out,
            format_args!(
                "<tr><td>{id}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td><a href=\"/attest/{id}\">I have seen it</a>\n",
                sign.state,
                escaped(&evidence),
                time(sign.last_poll, zone),
                battery(&sign.health),
                sign.health.signal_dbm.map_or_else(String::new, |dbm| format!("{dbm} dBm")),
                escaped(&firmware(&sign.health)),
            ),
        );
        for alert in &sign.alerts {
            put(out, format_args!("<tr><td><td colspan=\"7\" class=\"bad\">{}\n", escaped(alert)));
        }
    }
    out.push_str("</table>\n");
}

/// Displays that wait to be configured. What is pasted comes from the command, because only there the file is known.
fn pending(out: &mut String, status: &Status, zone: &TimeZone) {
    if status.pending.is_empty() {
        return;
    }
    heading(out, "Displays that are not configured", &["Display", "Speaks", "Pixels", "Model", "Asked last"]);
    for stranger in &status.pending {
        let size = stranger.size.map_or_else(String::new, |(width, height)| format!("{width} × {height}"));
        put(
            out,
            format_args!(
                "<tr><td>{}<td>{}<td>{size}<td>{}<td>{}\n",
                escaped(&stranger.name),
                stranger.protocol,
                escaped(stranger.health.model.as_deref().unwrap_or_default()),
                time(Some(stranger.asked), zone)
            ),
        );
    }
    out.push_str(
        "</table>\n<p><code>noticed sign pending</code> prints what to paste into the configuration for each.</p>\n",
    );
}

/// To be photographed: whoever holds it can tell later whether what was written before was changed.
fn seal(out: &mut String, checkpoint: Option<&Checkpoint>) {
    let Some(Checkpoint { text, code }) = checkpoint else { return };
    put(
        out,
        format_args!(
            "<h2>Newest checkpoint of the ledger</h2>\n<p>Keep it outside of this box, as a photograph or a copy: \
             <code>noticed ledger verify FILE --checkpoint SEEN</code> then tells whether anything written until now was changed \
             later.</p>\n<div class=\"seal\">{code}<pre>{}</pre></div>\n",
            escaped(text)
        ),
    );
}

fn battery(health: &Health) -> String {
    let percent = health.battery_percent.map(|percent| format!("{percent} %"));
    let volts = health.battery_mv.map(|mv| format!("{}.{:02} V", mv / 1000, mv % 1000 / 10));
    let powered = health.powered.filter(|powered| *powered).map(|_| "on mains".to_owned());
    [percent, volts, powered].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn firmware(health: &Health) -> String {
    [&health.model, &health.firmware].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ")
}

fn sensors(out: &mut String, status: &Status, zone: &TimeZone) {
    heading(out, "Sensors", &["Sensor", "Last heard", "Accepted", "Refused"]);
    for sensor in &status.sensors {
        let refused: Vec<String> = sensor.refused.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        put(
            out,
            format_args!(
                "<tr><td>{}<td>{}<td class=\"n\">{}<td>{}\n",
                escaped(sensor.id.as_str()),
                time(sensor.last_heard, zone),
                sensor.accepted,
                escaped(&refused.join(", "))
            ),
        );
    }
    out.push_str("</table>\n");
}

fn heading(out: &mut String, title: &str, columns: &[&str]) {
    put(out, format_args!("<h2>{title}</h2><table><tr><th>{}\n", columns.join("<th>")));
}

fn time(at: Option<Wall>, zone: &TimeZone) -> String {
    at.and_then(|at| to_the_minute(at, zone)).map_or_else(|| "never".to_owned(), |text| text[..16].replace('T', " "))
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("writing to a string does not fail");
}
