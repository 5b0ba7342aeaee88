//! Names that the technician gives to shop, zones, sensors, signs and activities.
//!
//! Cheap to clone, impossible to mix up.

use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the name as it stands in the configuration; [`is_valid_id`] has been checked there.
            #[must_use]
            pub fn new(name: &str) -> Self {
                Self(Arc::from(name))
            }

            /// The name as written in the configuration.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// One area of the shop that a visitor would recognise.
    ZoneId
);
id!(
    /// One processing activity (GDPR Art. 30).
    ActivityId
);
id!(
    /// One door counter, presence sensor or camera.
    SensorId
);
id!(
    /// One display, page or board that carries the notice.
    SignId
);

/// Longest name accepted, in bytes: names travel in MQTT topics, URLs and picture file names.
pub const ID_MAX_BYTES: usize = 48;

/// Whether `name` may be an id: lower-case letters, digits, `-` and `_`, starting with a letter or digit.
#[must_use]
pub fn is_valid_id(name: &str) -> bool {
    let mut bytes = name.bytes();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.len() <= ID_MAX_BYTES && bytes.next().is_some_and(plain) && bytes.all(|b| plain(b) || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_plain_names() {
        for good in ["a", "front-door", "door_2", "7up"] {
            assert!(is_valid_id(good), "{good}");
        }
        for bad in ["", "-a", "Front", "front door", "drzwi/1", "wejście", &"x".repeat(49)] {
            assert!(!is_valid_id(bad), "{bad}");
        }
    }
}
