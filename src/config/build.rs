//! Makes what holds from what was said, once nothing is wrong with it.

use std::sync::Arc;

use super::entry::{ActivitySaid, SensorSaid, ZoneSaid};
use super::file::Said;
use super::findings::Placed;
use super::sign::SignSaid;
use super::{Activity, Config, Sensor, Sign, Zone};
use crate::device::binding::Binding;
use crate::domain::id::{ActivityId, SensorId, SignId, ZoneId};
use crate::notice::wording::Wordings;

/// The configuration, or nothing if any part of it is missing.
pub(super) fn build(
    said: Said,
    (bindings, pressed): (Vec<Option<Binding>>, Vec<Option<Binding>>),
    wordings: Wordings,
) -> Option<Config> {
    Some(Config {
        shop: said.shop?,
        controller: said.controller?,
        broker: said.broker?,
        store: said.store?,
        signage: said.signage?,
        operator: said.operator?,
        activities: said.activities.into_iter().map(activity).collect::<Option<_>>()?,
        zones: said.zones.into_iter().map(zone).collect::<Option<_>>()?,
        sensors: said
            .sensors
            .into_iter()
            .zip(bindings)
            .map(|(said, bound)| sensor(said, bound?))
            .collect::<Option<_>>()?,
        objection: said.objection?,
        buttons: said
            .buttons
            .into_iter()
            .zip(pressed)
            .map(|(said, bound)| said.build(bound?))
            .collect::<Option<_>>()?,
        signs: said.signs.into_iter().map(sign).collect::<Option<_>>()?,
        wordings: Arc::new(wordings),
    })
}

fn activity(said: ActivitySaid) -> Option<Activity> {
    Some(Activity {
        id: ActivityId::new(&said.id?.value),
        kind: said.kind?.value,
        purpose: said.purpose?.value,
        legal_basis: said.legal_basis?,
        interest: said.interest?,
        balancing_test: said.balancing_test,
        retention: said.retention?,
        objection: said.objection?,
        interlock: said.interlock?,
    })
}

fn zone(said: ZoneSaid) -> Option<Zone> {
    Some(Zone {
        id: ZoneId::new(&said.id?.value),
        name: said.name?,
        quorum: said.quorum?.value,
        evidence: said.evidence?,
    })
}

fn sensor(said: SensorSaid, binding: Binding) -> Option<Sensor> {
    Some(Sensor {
        id: SensorId::new(&said.id?.value),
        zone: ZoneId::new(&said.zone?.value),
        from: said.from.map(|from| ZoneId::new(&from.value)),
        activity: ActivityId::new(&said.activity?.value),
        class: said.class?.value,
        binding,
        control: said.control?,
    })
}

fn sign(said: SignSaid) -> Option<Sign> {
    Some(Sign {
        id: SignId::new(&said.id?.value),
        zones: said.zones?.iter().map(|zone: &Placed<String>| ZoneId::new(&zone.value)).collect(),
        protocol: said.protocol?,
        panel: said.panel?,
        address: said.address.map(|address| address.value),
        language: said.language?.value,
        second_language: said.second_language.map(|language| language.value),
        alternate_languages: said.alternate_languages,
        refresh: said.refresh?,
        transition_refresh: said.transition_refresh?,
        grace: said.grace?,
        access_point: said.access_point.map(|url| url.value),
        attested_for: said.attested_for?,
    })
}
