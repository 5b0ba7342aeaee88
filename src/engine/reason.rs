//! Why an interlock is not open, in words that a technician understands.

use std::fmt;

use crate::domain::id::{SensorId, SignId};

/// Why an interlock stands where it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
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
            Self::NoSign => f.write_str("no sign covers this zone"),
            Self::Drawing(sign) => write!(f, "the notice for sign {sign} is being drawn"),
            Self::CannotDraw(sign) => write!(f, "the notice for sign {sign} cannot be drawn; see the log"),
            Self::NotPolled(sign) => write!(f, "sign {sign} has not yet asked for its notice with its credential"),
            Self::NotFetched(sign) => write!(f, "sign {sign} was offered the notice and has not fetched it yet"),
            Self::NotReturned(sign) => write!(f, "sign {sign} fetched the notice; waiting until it comes back"),
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
