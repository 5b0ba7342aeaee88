//! All device profiles by name: those inside the program, and those that a technician adds or replaces.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::binding::Binding;
use super::profile::{Profile, ProfileError};
use super::template::Asked;
use crate::domain::id::is_valid_id;

/// Profiles that ship inside the program.
const BUILTIN: &[(&str, &str)] = &[
    ("amcrest2mqtt.toml", include_str!("../../config/profiles/amcrest2mqtt.toml")),
    ("axis-dataq.toml", include_str!("../../config/profiles/axis-dataq.toml")),
    ("axis.toml", include_str!("../../config/profiles/axis.toml")),
    ("blue-iris.toml", include_str!("../../config/profiles/blue-iris.toml")),
    ("bosch.toml", include_str!("../../config/profiles/bosch.toml")),
    ("cam2mqtt.toml", include_str!("../../config/profiles/cam2mqtt.toml")),
    ("chirpstack.toml", include_str!("../../config/profiles/chirpstack.toml")),
    ("dahua.toml", include_str!("../../config/profiles/dahua.toml")),
    ("deconz2mqtt.toml", include_str!("../../config/profiles/deconz2mqtt.toml")),
    ("domoticz.toml", include_str!("../../config/profiles/domoticz.toml")),
    ("esphome.toml", include_str!("../../config/profiles/esphome.toml")),
    ("frigate.toml", include_str!("../../config/profiles/frigate.toml")),
    ("home-assistant.toml", include_str!("../../config/profiles/home-assistant.toml")),
    ("homie.toml", include_str!("../../config/profiles/homie.toml")),
    ("instar.toml", include_str!("../../config/profiles/instar.toml")),
    ("irisys.toml", include_str!("../../config/profiles/irisys.toml")),
    ("json.toml", include_str!("../../config/profiles/json.toml")),
    ("milesight.toml", include_str!("../../config/profiles/milesight.toml")),
    ("mysensors.toml", include_str!("../../config/profiles/mysensors.toml")),
    ("neolink.toml", include_str!("../../config/profiles/neolink.toml")),
    ("onvif.toml", include_str!("../../config/profiles/onvif.toml")),
    ("openvino-counter.toml", include_str!("../../config/profiles/openvino-counter.toml")),
    ("ring-mqtt.toml", include_str!("../../config/profiles/ring-mqtt.toml")),
    ("rtl_433.toml", include_str!("../../config/profiles/rtl_433.toml")),
    ("shelly-gen1.toml", include_str!("../../config/profiles/shelly-gen1.toml")),
    ("shelly-gen2.toml", include_str!("../../config/profiles/shelly-gen2.toml")),
    ("tasmota.toml", include_str!("../../config/profiles/tasmota.toml")),
    ("terabee.toml", include_str!("../../config/profiles/terabee.toml")),
    ("text.toml", include_str!("../../config/profiles/text.toml")),
    ("the-things-stack.toml", include_str!("../../config/profiles/the-things-stack.toml")),
    ("theengs.toml", include_str!("../../config/profiles/theengs.toml")),
    ("unifi-protect.toml", include_str!("../../config/profiles/unifi-protect.toml")),
    ("viseron.toml", include_str!("../../config/profiles/viseron.toml")),
    ("vl53l1x-counter.toml", include_str!("../../config/profiles/vl53l1x-counter.toml")),
    ("xovis.toml", include_str!("../../config/profiles/xovis.toml")),
    ("zigbee2mqtt.toml", include_str!("../../config/profiles/zigbee2mqtt.toml")),
    ("zwave-js-ui.toml", include_str!("../../config/profiles/zwave-js-ui.toml")),
];

/// Most profiles: a folder with more was filled by mistake.
const MAX_PROFILES: usize = 256;

/// The profiles known to one configuration.
#[derive(Clone, Debug)]
pub struct Catalogue {
    profiles: BTreeMap<String, Arc<Profile>>,
}

impl Catalogue {
    /// No profiles.
    #[must_use]
    pub fn empty() -> Self {
        Self { profiles: BTreeMap::new() }
    }

    /// The file of a profile inside the program.
    #[must_use]
    pub fn source(name: &str) -> Option<&'static str> {
        let file_name = format!("{name}.toml");
        BUILTIN.iter().find(|(known, _)| *known == file_name).map(|(_, text)| *text)
    }

    /// The profiles inside the program.
    #[must_use]
    pub fn builtin() -> Self {
        let mut catalogue = Self::empty();
        for (file_name, text) in BUILTIN {
            catalogue.add(file_name, text).expect("a test compiles every profile inside the program");
        }
        catalogue
    }

    /// Adds the profile of a file such as `mydoor.toml`; its name is the file's without `.toml` and replaces one of the same name.
    pub fn add(&mut self, file_name: &str, text: &str) -> Result<(), ProfileError> {
        let last = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = last.strip_suffix(".toml").filter(|name| is_valid_id(name));
        let error = |what: String, help: &str| ProfileError {
            file: file_name.to_owned(),
            line: 1,
            column: 1,
            what,
            help: help.to_owned(),
        };
        let Some(name) = name else {
            let what = format!("\"{}\" is no name for a profile", last.escape_debug());
            return Err(error(what, "use lower-case letters, digits, - and _, and the ending .toml"));
        };
        if self.profiles.len() >= MAX_PROFILES && !self.profiles.contains_key(name) {
            return Err(error(
                format!("there are more than {MAX_PROFILES} profiles"),
                "remove those that no sensor uses",
            ));
        }
        let profile = Profile::parse(name, file_name, text)?;
        self.profiles.insert(name.to_owned(), Arc::new(profile));
        Ok(())
    }

    /// Names of all profiles, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.profiles.keys().map(String::as_str).collect()
    }

    /// What of `binding`'s subscriptions some family keeps to itself, because it carries pictures, names, plates or passwords: the
    /// subscription, what it asks for, and the family.
    #[must_use]
    pub fn asks_for_private(&self, binding: &Binding) -> Option<(String, String, String)> {
        let examples = self.profiles.values().filter_map(|profile| {
            let example = profile.example.as_ref()?;
            Some((profile, Binding::new(profile, &example.topic, &example.options).ok()?))
        });
        for (profile, example) in examples {
            for filter in binding.subscriptions() {
                let asked = Asked::of(filter);
                if let Some((private, _)) = example.rejections().find(|(_, pattern)| pattern.is_asked_for(&asked)) {
                    return Some((filter.clone(), private.to_owned(), profile.name.clone()));
                }
            }
        }
        None
    }

    /// The profile of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Profile>> {
        self.profiles.get(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_inside_the_program_compiles() {
        for (file_name, text) in BUILTIN {
            let result = Profile::parse("x", file_name, text).map(|_| ());
            assert!(result.is_ok(), "{}", result.unwrap_err());
        }
        assert_eq!(Catalogue::builtin().names().len(), BUILTIN.len());
    }

    #[test]
    fn a_technicians_profile_replaces_the_one_of_its_name() {
        let mut catalogue = Catalogue::builtin();
        let own = include_str!("../../config/profiles/json.toml").replacen("title = \"", "title = \"Own ", 1);
        catalogue.add("/etc/noticed/profiles/json.toml", &own).unwrap();
        assert!(catalogue.get("json").unwrap().title().starts_with("Own "));
        assert_eq!(catalogue.names().len(), BUILTIN.len());
    }

    #[test]
    fn a_bad_profile_leaves_the_catalogue_as_it_was() {
        let mut catalogue = Catalogue::builtin();
        let error = catalogue.add("json.toml", "title = 1").unwrap_err();
        assert_eq!((error.line, error.file.as_str()), (1, "json.toml"));
        assert!(catalogue.add("../Bad Name.toml", "").unwrap_err().what.contains("Bad Name"));
        assert!(catalogue.add("readme.md", "").is_err());
        assert_eq!(catalogue.names().len(), BUILTIN.len());
    }
}
