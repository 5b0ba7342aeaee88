//! Why an interlock is not open, in words that a technician understands.

use std::fmt;

use crate::domain::id::{SensorId, SignId};

/// Why an interlock stands where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
#[cfg_attr(test, derive(Hash))]
pub enum Reason {
    /// Nothing is known yet.
    Starting,
    /// The daemon is going down.
    Stopping,
    /// The store could not be opened; the text says what to do.
    StoreUnusable(String),
    /// The wall clock is behind what the store has already seen.
    ClockUntrusted,
    /// No connection to the broker since the start.
    BrokerNotReached,
    /// The connection was lost for longer than the grace.
    BrokerLost,
    /// The operator's off switch.
    StoppedByOperator,
    /// The shop is closed; the text says when it opens.
    OutsideHours(String),
    /// A visitor objected; the text says until when.
    Paused(String),
    /// No sign covers the zone.
    NoSign,
    /// A picture of the notice is being drawn.
    Drawing(SignId),
    /// The picture could not be drawn.
    CannotDraw(SignId),
    /// The sign has not asked for its picture with its credential.
    NotPolled(SignId),
    /// It was told of the notice and has not fetched it.
    NotFetched(SignId),
    /// It fetched the notice and has not come back.
    NotReturned(SignId),
    /// It was given the notice and has not said that it shows it.
    NotSaid(SignId),
    /// It is a board on paper, and nobody has said that it hangs there.
    NotAttested(SignId),
    /// It is a board on paper, and it is too long ago that somebody looked at it.
    AttestationEnded(SignId),
    /// It is a board on paper, and somebody looked at it when it was to say something else.
    NoticeChanged(SignId),
    /// It is confirmed to show its notice, and a member of staff has yet to see it.
    NotSighted(SignId),
    /// So many signs show the notice, so many have to, and this is what the next of them lacks.
    TooFewSigns(usize, usize, Box<Reason>),
    /// It missed its poll; nobody knows what it shows.
    Overdue(SignId),
    /// It woke by button or power, or reported an error, and must be confirmed afresh.
    Redrawn(SignId),
    /// It may still show a "not counting" whose validity has not ended.
    StillDenies(SignId),
    /// The broker has not yet returned the marker that separates old messages from new ones.
    AwaitingMarker,
    /// A sensor has not confirmed that it is switched off.
    SensorStillOn(SensorId),
}

impl Reason {
    /// How near a sign is to covering, of which this is what is missing: what comes by itself is told before what somebody has to do.
    #[must_use]
    pub fn nearness(&self) -> u8 {
        let by_itself = matches!(self, Self::NotReturned(_) | Self::NotSaid(_));
        let by_staff = matches!(
            self,
            Self::NotAttested(_) | Self::AttestationEnded(_) | Self::NoticeChanged(_) | Self::NotSighted(_)
        );
        if by_itself { 2 } else { u8::from(!by_staff) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("starting"),
            Self::Stopping => f.write_str("the daemon is stopping"),
            Self::StoreUnusable(what) => write!(f, "the store cannot be used: {what}"),
            Self::ClockUntrusted => {
                f.write_str("the clock shows a time before the last figures were kept; waiting until it is set")
            }
            Self::BrokerNotReached => f.write_str("the broker has not been reached since the start"),
            Self::BrokerLost => f.write_str("the connection to the broker is lost"),
            Self::StoppedByOperator => f.write_str("stopped by the operator"),
            Self::OutsideHours(opens) => write!(f, "outside opening hours; opens {opens}"),
            Self::Paused(until) => write!(f, "paused at a visitor's request until {until}"),
            Self::NoSign => f.write_str("no sign covers this zone"),
            Self::Drawing(sign) => write!(f, "the notice for sign {sign} is being drawn"),
            Self::CannotDraw(sign) => write!(f, "the notice for sign {sign} cannot be drawn; see the log"),
            Self::NotPolled(sign) => write!(f, "sign {sign} has not yet asked for its notice with its credential"),
            Self::NotFetched(sign) => write!(f, "sign {sign} was offered the notice and has not fetched it yet"),
            Self::NotReturned(sign) => write!(f, "sign {sign} fetched the notice; waiting until it comes back"),
            Self::NotSaid(sign) => write!(f, "sign {sign} was given the notice; waiting until it says that it shows it"),
            Self::NotAttested(sign) => {
                write!(f, "the printed board of sign {sign} has not been attested; {}", LooksAt(sign))
            }
            Self::AttestationEnded(sign) => {
                write!(f, "the attestation of the printed board of sign {sign} has run out; {}", LooksAt(sign))
            }
            Self::NoticeChanged(sign) => {
                write!(f, "the notice of sign {sign} has changed; print and hang the new one, then {}", LooksAt(sign))
            }
            Self::NotSighted(sign) => write!(f, "sign {sign} is confirmed, and has to be seen as well; {}", LooksAt(sign)),
            Self::TooFewSigns(shown, quorum, missing) => {
                write!(f, "{shown} of {quorum} signs that have to show the notice do; {missing}")
            }
            Self::Overdue(sign) => write!(f, "sign {sign} missed its poll; nobody knows what it shows"),
            Self::Redrawn(sign) => write!(f, "sign {sign} restarted or reported an error; waiting until it is confirmed again"),
            Self::StillDenies(sign) => {
                write!(f, "sign {sign} may still say that nobody counts; waiting until it is confirmed or that has run out")
            }
            Self::AwaitingMarker => f.write_str(
                "waiting for the broker to return a marker; if this lasts, allow the daemon's user to read and write noticed/#",
            ),
            Self::SensorStillOn(sensor) => write!(f, "sensor {sensor} has not confirmed that it is switched off"),
        }
    }
}

/// What mends a board that nobody has attested.
struct LooksAt<'a>(&'a SignId);

impl fmt::Display for LooksAt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a member of staff looks at it and then runs: noticed sign attest {} --by ROLE", self.0)
    }
}
