//! Words by which a device, or something on the way to it, says that it is there or gone.

use super::decode::Refusal;
use super::options::Settled;
use super::payload;
use super::profile::{LinkRule, Profile};
use super::template::Pattern;
use crate::domain::reading::{Fact, Reading};

/// One concrete topic by which something says that it is there or gone.
pub(super) struct Link {
    pub(super) rule: usize,
    pub(super) pattern: Pattern,
}

impl LinkRule {
    /// What a word says of the link; while it is gone, nobody knows who is there. Other words say nothing.
    pub(super) fn readings(&self, payload: &[u8]) -> Result<Vec<Reading>, Refusal> {
        let said = |word: &str| {
            let word = word.to_lowercase();
            let link = |online| Reading::of(Fact::Link { online, scope: self.scope });
            if self.online.contains(&word) {
                vec![link(true)]
            } else if self.offline.contains(&word) {
                vec![link(false), Reading::of(Fact::Presence { occupied: None, count: None })]
            } else {
                Vec::new()
            }
        };
        let Some(field) = self.field.as_ref().filter(|_| payload.trim_ascii_start().starts_with(b"{")) else {
            return payload::text(payload).map(said);
        };
        // A few dozen bytes: not worth telling which of them are needed.
        let payload: serde_json::Value = serde_json::from_slice(payload).map_err(|_| Refusal::Malformed)?;
        Ok(match payload.pointer(field) {
            Some(serde_json::Value::String(word)) => said(word),
            Some(value @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_))) => said(&value.to_string()),
            Some(serde_json::Value::Null | serde_json::Value::Array(_) | serde_json::Value::Object(_)) | None => {
                Vec::new()
            }
        })
    }
}

/// Every link of a profile under the options of one sensor.
pub(super) fn links(profile: &Profile, settled: &Settled) -> Vec<Link> {
    let holding = profile.links.iter().enumerate().filter(|(_, link)| settled.holds(&link.when));
    let filled = |(rule, link): (usize, &LinkRule)| {
        link.topic.fill(&settled.fillings).into_iter().map(move |filled| Link { rule, pattern: filled.pattern() })
    };
    holding.flat_map(filled).collect()
}
