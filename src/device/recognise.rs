//! What one message makes of a family's entry for discovery: nothing, something of the family, or a sensor with its options.

use std::collections::BTreeMap;

use super::binding::OptionValue;
use super::decode::Refusal;
use super::profile::{Discover, variable};
use super::template::Fillings;
use super::value::{Fixed, Value, Variable};
use crate::domain::activity::{ActivityKind, SensorClass};

/// What a profile proposes for a message.
pub(super) struct Proposal {
    pub(super) options: BTreeMap<String, OptionValue>,
    pub(super) activity: ActivityKind,
    pub(super) class: SensorClass,
    pub(super) note: Option<String>,
}

/// What a message is.
pub(super) enum Recognised {
    /// Something of the family that is no sensor itself.
    Family,
    /// A sensor.
    Sensor(Proposal),
}

/// What the expression of an entry makes of a message: nothing if it is none of the family's.
pub(super) fn proposals(discover: &Discover, places: &Fillings, payload: &[u8]) -> Vec<Recognised> {
    if payload.is_empty() || payload.len() > super::profile::PAYLOAD_MAX_BYTES {
        return Vec::new();
    }
    let absent = Fixed::Null;
    let value = |name: &String| {
        let place = places.iter().find(|(place, _)| variable(place) == *name);
        place.and_then(|(_, values)| values.first()).map_or(Variable::Fixed(&absent), |text| Variable::Captured(text))
    };
    let variables: Vec<_> = discover.found.variables().iter().map(value).collect();
    let mut proposals = Vec::new();
    let outcome = discover.found.run(discover.payload, payload, &variables, &mut |output| {
        if proposals.len() == super::decode::MAX_READINGS {
            return Err(Refusal::TooMany);
        }
        proposals.extend(output.ok().and_then(recognised));
        Ok(())
    });
    if outcome.is_ok() { proposals } else { Vec::new() }
}

/// Reads `{}` or `{options, activity, class, note}`.
fn recognised(value: Value<'_>) -> Option<Recognised> {
    let Value::Object(entries) = value else { return None };
    if entries.is_empty() {
        return Some(Recognised::Family);
    }
    let word = |name: &str| value.field(name).and_then(Value::as_text);
    let activity = ActivityKind::WORDS.iter().find(|(known, _)| word("activity") == Some(known))?.1;
    let class = SensorClass::WORDS.iter().find(|(known, _)| word("class") == Some(known))?.1;
    let mut options = BTreeMap::new();
    if let Some(Value::Object(given)) = value.field("options") {
        for (name, value) in given {
            let value = match value {
                Value::Null => continue,
                Value::Bool(flag) => OptionValue::Bool(*flag),
                Value::Int(number) => OptionValue::Integer(*number),
                Value::Float(_) | Value::List(_) | Value::Object(_) => return None,
                Value::Text(text) => OptionValue::Text((*text).to_owned()),
            };
            options.insert((*name).to_owned(), value);
        }
    }
    Some(Recognised::Sensor(Proposal { options, activity, class, note: word("note").map(str::to_owned) }))
}
