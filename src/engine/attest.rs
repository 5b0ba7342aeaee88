//! The word of a member of staff who saw a sign show its notice.
//!
//! A board on paper says nothing of itself, so a person says it: for exactly that notice, and for a time. Of a display it only
//! stands beside what the display does itself, and ends as soon as that contradicts it.

use super::Engine;
use super::record::AttestedRecord;
use crate::domain::id::SignId;
use crate::domain::notice::NoticeHash;
use crate::domain::sign::Order;
use crate::domain::time::{Now, Wall};

/// Longest name of a role that is kept; "deputy store manager" has twenty letters.
pub const ROLE_MAX_CHARS: usize = 48;

/// That a sign was seen to show a notice.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub struct Attestation {
    /// What it was seen to show.
    pub notice: NoticeHash,
    /// Until when that is believed.
    pub until: Wall,
    /// Role of the person who saw it.
    pub role: String,
}

impl Attestation {
    pub(super) fn record(&self) -> AttestedRecord {
        AttestedRecord { notice: self.notice.to_string(), until: self.until.0, role: self.role.clone() }
    }

    /// What was kept; `None` if it names no notice.
    pub(super) fn restore(record: AttestedRecord) -> Option<Self> {
        let notice = super::record::parse_hash(&record.notice)?;
        Some(Self { notice, until: Wall(record.until), role: record.role })
    }
}

impl Engine {
    /// Why an order that names something known cannot be carried out now, if it cannot.
    #[must_use]
    pub fn refusal(&self, order: &Order, now: &Now) -> Option<String> {
        match order {
            Order::Attest(sign, _) => self.attestable(sign, &self.believed(now)).err(),
            Order::Stop(..) | Order::Start(..) | Order::Pair(_) => None,
        }
    }

    pub(super) fn attest(&mut self, id: &SignId, role: &str, now: &Now) {
        let (index, notice) = match self.attestable(id, now) {
            Ok(attestable) => attestable,
            Err(why) => return tracing::warn!(sign = %id, %why, "the sign is not attested"),
        };
        let number = self.keep.number();
        let sign = &mut self.signs[index];
        let until = now.wall + sign.glass.plan.attested_for;
        let role = role.chars().filter(|letter| !letter.is_control()).take(ROLE_MAX_CHARS).collect();
        sign.glass.attest(Attestation { notice, until, role });
        sign.changed_in = number;
        tracing::info!(sign = %id, "the sign is attested to show its notice");
        self.pace.urge(now.mono);
        self.control(now);
    }

    /// The sign by its index and the notice that a person can have seen on it, or why nobody can.
    fn attestable(&self, id: &SignId, now: &Now) -> Result<(usize, NoticeHash), String> {
        let known = self.signs.iter().position(|s| s.glass.plan.id == *id);
        let index = known.ok_or_else(|| format!("no sign {id} is configured"))?;
        let sign = &self.signs[index];
        let Some(board) = sign.board.as_ref().filter(|_| sign.next.is_none()) else {
            return Err(format!("the notice of sign {id} is still being drawn; try again in a moment"));
        };
        if !now.trusted {
            return Err("the clock cannot be believed yet, so nobody could say until when that holds".to_owned());
        }
        if !sign.glass.is_paper() && sign.glass.confirmed() != Some(board.notice) {
            return Err(format!(
                "sign {id} is not known to show its present notice; wait until its evidence is \"confirmed\" and look again"
            ));
        }
        Ok((index, board.notice))
    }
}
