//! What an OpenEPaperLink access point says of one label: `GET /get_db?mac=…`.
//!
//! Names and meaning are those of OpenEPaperLink `ESP32_AP-Flasher/src/tag_db.cpp` (`fillNode`) and `newproto.cpp`: `pending` counts what
//! waits for the label, and is 0 once it has taken everything or everything was cancelled; `hash` begins with the first half of the MD5 of
//! the file that the label took last, and is all zeros after the label started anew; `updatecount` grows by one for each
//! thing taken; `lastseen` is when the label last asked, by the access point's clock.

use serde::Deserialize;

use crate::domain::sign::Health;

/// The content "Image URL": the access point fetches the picture from us.
const IMAGE_URL: u32 = 7;

/// How our addresses are told from others in the label's settings.
const OUR_PATH: &str = "/oepl/";

/// Voltages that mean "not measured": 0, and 1337 of labels without a gauge (`tag_db.cpp`, `getTagCount`).
const NOT_MEASURED_MV: [u32; 2] = [0, 1337];

/// What one answer says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Answer {
    /// Name of what the label took last.
    pub(super) hash: String,
    /// How many things wait for it.
    pub(super) pending: u32,
    /// How many things it took in its life.
    pub(super) updates: u64,
    /// When it last asked, in seconds by the access point's clock.
    pub(super) seen: i64,
    /// Whether it gets its content from us and nowhere else.
    pub(super) ours: bool,
    /// How it is.
    pub(super) health: Health,
}

impl Answer {
    /// Whether nobody knows what the label took last, as after it started anew.
    pub(super) fn is_blank(&self) -> bool {
        self.hash.bytes().all(|digit| digit == b'0')
    }
}

#[derive(Deserialize)]
struct Database {
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tag {
    mac: String,
    hash: String,
    #[serde(rename = "lastseen")]
    last_seen: i64,
    pending: u32,
    content_mode: u32,
    #[serde(rename = "modecfgjson", default)]
    settings: String,
    #[serde(rename = "updatecount")]
    updates: u64,
    #[serde(rename = "RSSI", default)]
    rssi: i16,
    #[serde(default)]
    battery_mv: u32,
    #[serde(rename = "ver", default)]
    version: u32,
}

/// The answer about the label `mac`, sixteen digits; `None` if the access point does not know it. The error is a sentence.
pub(super) fn parse(body: &[u8], mac: &str) -> Result<Option<Answer>, String> {
    let database: Database = serde_json::from_slice(body).map_err(|error| {
        // What serde says may repeat a value; the place is enough.
        let place = format!("line {} column {}", error.line(), error.column());
        format!("it does not tell what its labels took ({place}); update its firmware")
    })?;
    let tag = database.tags.into_iter().find(|tag| tag.mac.eq_ignore_ascii_case(mac));
    Ok(tag.map(answer))
}

fn answer(tag: Tag) -> Answer {
    let version = (tag.version > 0).then(|| format!("{:04x}", tag.version));
    Answer {
        hash: tag.hash,
        pending: tag.pending,
        updates: tag.updates,
        seen: tag.last_seen,
        ours: tag.content_mode == IMAGE_URL && tag.settings.to_ascii_lowercase().contains(OUR_PATH),
        health: Health {
            battery_mv: Some(tag.battery_mv).filter(|mv| !NOT_MEASURED_MV.contains(mv)),
            signal_dbm: Some(tag.rssi).filter(|dbm| (-127..0).contains(dbm)),
            firmware: version,
            ..Health::default()
        },
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) const MAC: &str = "0000021AC7B53B1A";

    /// As an access point of version 2.91 writes it.
    pub(in super::super) const ANSWER: &str = r##"{"tags":[{"mac":"0000021AC7B53B1A","hash":"a1b2c3d4e5f607180000000000000000","lastseen":1785312389,
        "nextupdate":1785312600,"nextcheckin":1785312449,"pending":0,"alias":"","contentMode":7,"LQI":176,"RSSI":-58,"temperature":21,
        "batteryMv":2943,"hwType":2,"wakeupReason":0,"capabilities":0,
        "modecfgjson":"{\"url\":\"http://192.168.1.10:8080/oepl/0000021AC7B53B1A.jpg?token=8ee7\",\"interval\":\"3\",\"#fetched\":1785312300}",
        "isexternal":false,"apip":"0.0.0.0","rotate":0,"lut":0,"invert":0,"updatecount":17,"updatelast":1785312380,"ch":11,"ver":39}]}"##;

    fn parsed(text: &str) -> Answer {
        parse(text.as_bytes(), MAC).unwrap().unwrap()
    }

    #[test]
    fn an_answer_tells_what_the_label_took_and_how_it_is() {
        let health = Health {
            battery_mv: Some(2_943),
            signal_dbm: Some(-58),
            firmware: Some("0027".to_owned()),
            ..Health::default()
        };
        let hash = "a1b2c3d4e5f607180000000000000000".to_owned();
        let expected = Answer { hash, pending: 0, updates: 17, seen: 1_785_312_389, ours: true, health };
        assert_eq!(parsed(ANSWER), expected);
        assert!(!expected.is_blank());
        assert!(Answer { hash: "0".repeat(32), ..expected }.is_blank());
    }

    #[test]
    fn a_label_that_is_fed_by_others_is_not_ours() {
        assert!(!parsed(&ANSWER.replace("\"contentMode\":7", "\"contentMode\":24")).ours);
        assert!(!parsed(&ANSWER.replace("/oepl/", "/weather/")).ours);
    }

    #[test]
    fn what_was_not_measured_is_not_known() {
        let odd = ANSWER.replace("2943", "1337").replace("-58", "0").replace("\"ver\":39", "\"ver\":0");
        assert_eq!(parsed(&odd).health, Health::default());
    }

    #[test]
    fn an_access_point_that_does_not_know_the_label_or_says_too_little_is_told_apart() {
        assert_eq!(parse(b"{\"tags\":[]}", MAC), Ok(None));
        assert_eq!(parse(ANSWER.as_bytes(), "0000021AC7B53B1B"), Ok(None));
        for short in ["", "[]", "{\"error\": \"malformatted parameter\"}", &ANSWER.replace("updatecount", "count")] {
            let error = parse(short.as_bytes(), MAC).unwrap_err();
            assert!(error.contains("update its firmware"), "{error}");
        }
    }
}
