//! What TRMNL firmware takes of an answer, to the byte (§1.4, §1.6). Whatever it does not take it passes over in silence, and the
//! glass stays as it is.

use serde_json::Value;

use super::line::Answer;

/// Largest picture of firmware from 1.6.1 on, in bytes.
pub(super) const PICTURE_MAX_BYTES: usize = 90_000;

/// Longest address that fits the firmware's buffer.
const URL_MAX_BYTES: usize = 1023;

/// Longest name that is not cut.
const NAME_MAX_BYTES: usize = 31;

/// What `/api/display` said.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) url: String,
    pub(super) name: String,
    pub(super) refresh: u64,
}

impl Told {
    /// `Ok(None)` is the answer of a server that has nothing to show yet.
    pub(super) fn read(answer: &Answer) -> Result<Option<Self>, String> {
        if answer.code != 200 {
            return Err(format!("HTTP {}", answer.code));
        }
        let value = answer.json().ok_or("no JSON")?;
        let refresh =
            value["refresh_rate"].as_u64().filter(|rate| *rate > 0).ok_or("refresh_rate is no whole number")?;
        // The client for Kindles looks for it with sed.
        let compact = format!("\"refresh_rate\":{refresh}");
        let text = String::from_utf8_lossy(&answer.body);
        let fields = [
            (value["status"] == 0, "status is not 0"),
            (text.contains(&compact), "refresh_rate is not compact"),
            (value["reset_firmware"] == Value::Bool(false), "reset_firmware is not false: it would be wiped"),
            (value["update_firmware"] == Value::Bool(false), "update_firmware is not false"),
            (value["firmware_url"].is_null(), "firmware_url is not null"),
            (value["special_function"] == "none", "special_function is not none"),
            (value["maximum_compatibility"].is_boolean(), "maximum_compatibility is no boolean"),
            (value["image_url_timeout"].is_u64(), "image_url_timeout is no whole number"),
        ];
        if let Some((_, wrong)) = fields.iter().find(|(right, _)| !right) {
            return Err((*wrong).to_owned());
        }
        let text = |field: &str| value[field].as_str().map(str::to_owned).ok_or_else(|| format!("{field} is no text"));
        let (url, name) = (text("image_url")?, text("filename")?);
        if url.is_empty() && name.is_empty() {
            return Ok(None);
        }
        if !url.starts_with("http://") || url.len() > URL_MAX_BYTES {
            return Err(format!("image_url is {url}"));
        }
        if name.is_empty()
            || name.len() > NAME_MAX_BYTES
            || ["empty_state", "screen_wiper.png"].contains(&name.as_str())
        {
            return Err(format!("filename is {name}"));
        }
        Ok(Some(Self { url, name, refresh }))
    }

    /// The notice that the address of the picture names.
    pub(super) fn notice(&self) -> Option<String> {
        Some(self.url.split_once("?n=")?.1.get(..16)?.to_owned())
    }
}

/// Whether the firmware draws this picture right on a panel of `width` and `height` pixels: of exactly that size, greyscale of one
/// bit, not interlaced.
pub(super) fn picture(answer: &Answer, (width, height): (u32, u32)) -> Result<(), String> {
    let body = &answer.body;
    let number = |at: usize| body.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    let wrong = [
        (answer.code == 200, format!("HTTP {}", answer.code)),
        (answer.header("content-type") == Some("image/png"), format!("type {:?}", answer.header("content-type"))),
        (answer.header("content-length").is_some(), "no length".to_owned()),
        (answer.header("content-encoding").is_none(), "compressed".to_owned()),
        (body.len() <= PICTURE_MAX_BYTES, format!("{} bytes", body.len())),
        (body.starts_with(b"\x89PNG\r\n\x1a\n"), "no PNG".to_owned()),
        (number(16) == Some(width) && number(20) == Some(height), "another size than the panel's".to_owned()),
        (body.get(24..29) == Some(&[1, 0, 0, 0, 0]), "not greyscale of one bit".to_owned()),
    ];
    wrong.into_iter().find(|(right, _)| !right).map_or(Ok(()), |(_, wrong)| Err(wrong))
}
