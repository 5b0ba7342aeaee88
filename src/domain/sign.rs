//! What signs do and what they are told.

use std::time::Duration;

use super::id::{ActivityId, SignId, ZoneId};
use super::notice::{NoticeHash, SignState};
use super::time::Wall;

/// Longest time for which a sign's last confirmed poll may stand for its picture: a notice that nobody confirmed for two
/// hours is none.
pub const LEASE_MAX: Duration = Duration::from_secs(2 * 60 * 60);

/// Most languages of one sign that takes turns, the local one among them: as many pictures as the core keeps in mind for a sign, and at
/// half an hour each everybody's language comes round within two hours.
pub const TURNS_MAX: u8 = 4;

/// Something that a sign did with its own credential. Requests without it are no evidence; the only event they can become is
/// [`SignEvent::Handed`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum SignEvent {
    /// It asked what to show, and was answered with `offered` and told to come back in `refresh_seconds`.
    Polled {
        /// Which sign.
        sign: SignId,
        /// Picture named in the answer.
        offered: NoticeHash,
        /// Pace named in the answer, in seconds.
        refresh_seconds: u32,
        /// Whether it woke by itself. A wake by button or power has drawn something else first.
        timer: bool,
        /// Whether it says that it drew the picture of its previous wake from its own memory.
        cached: bool,
    },
    /// The whole picture `notice` was handed to the network for this sign.
    Fetched {
        /// Which sign.
        sign: SignId,
        /// Picture sent.
        notice: NoticeHash,
    },
    /// The sign broke off the transfer reported by an earlier [`SignEvent::Fetched`].
    FetchAborted {
        /// Which sign.
        sign: SignId,
        /// Picture whose transfer broke.
        notice: NoticeHash,
    },
    /// It says that it shows `notice`, or proved that it holds it complete.
    Shown {
        /// Which sign.
        sign: SignId,
        /// Picture shown.
        notice: NoticeHash,
    },
    /// A picture that may deny counting was handed to somebody, with or without the sign's credential. Tells nothing of the glass
    /// but that it may be there.
    Handed {
        /// Which sign.
        sign: SignId,
        /// Picture handed out.
        notice: NoticeHash,
    },
    /// It reported an error.
    Trouble {
        /// Which sign.
        sign: SignId,
    },
    /// It told how it is.
    Reported {
        /// Which sign.
        sign: SignId,
        /// What it told; what it did not is not known.
        health: Health,
    },
}

/// How a display is, as far as it tells. A value that it does not tell leaves what is known.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Health {
    /// Voltage of its battery, in millivolts.
    pub battery_mv: Option<u32>,
    /// Charge of its battery, in percent.
    pub battery_percent: Option<u8>,
    /// Whether it is on a charger or on mains power.
    pub powered: Option<bool>,
    /// Strength of its Wi-Fi signal, in dBm.
    pub signal_dbm: Option<i16>,
    /// Version of its firmware, at most [`WORD_MAX_BYTES`] printable ASCII characters.
    pub firmware: Option<String>,
    /// Its model, likewise.
    pub model: Option<String>,
}

/// Longest word that is taken from a display: longer than every firmware version and model name there is.
pub const WORD_MAX_BYTES: usize = 32;

/// A display that asked and that no sign of the configuration is. It was told nothing but that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stranger {
    /// What it calls itself: a MAC address, upper case with colons, or the id in the address that it asked for.
    pub name: String,
    /// Protocol that it spoke, as the configuration writes it.
    pub protocol: &'static str,
    /// Pixels from left to right and from top to bottom, if it said.
    pub size: Option<(u32, u32)>,
    /// What else it told.
    pub health: Health,
    /// When it asked last.
    pub asked: Wall,
}

/// What one sign is to show, as published to the listener; immutable.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Board {
    /// Which sign.
    pub sign: SignId,
    /// What it says.
    pub state: SignState,
    /// In which of its languages, as many as [`TURNS_MAX`]: 0 is the local one alone, then those that it shows in turn.
    pub turn: u8,
    /// Identity of the picture.
    pub notice: NoticeHash,
    /// Since when this picture is offered; a new value makes displays fetch and draw again, but for pages and paper.
    pub stamped: Wall,
    /// When the sign shall come back, in seconds.
    pub refresh_seconds: u32,
}

/// Longest name of a role: it is shown beside the sign.
pub const ROLE_MAX_BYTES: usize = 32;

/// What an operator may order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Order {
    /// Stop counting an activity in a zone until started again.
    Stop(ZoneId, ActivityId),
    /// Allow it again.
    Start(ZoneId, ActivityId),
    /// Let the sign ask for its credential once more within the next ten minutes.
    Pair(SignId),
    /// A member of staff, by role, saw the sign show its notice.
    Attest(SignId, String),
}
