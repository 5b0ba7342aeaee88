//! Pictures: each must be what its hash says, for nothing else shows what customers could read.

use super::{Fault, Place};
use crate::domain::notice::NoticeHash;
use crate::ledger::entry::from_hex;
use crate::ledger::export::{Export, Picture};
use crate::sign::panel::Panel;
use crate::sign::picture::identity;
use crate::sign::unpack;

/// Checks every picture, and says of which notices there is none.
pub(super) fn check(export: &Export, shown: &[NoticeHash]) -> Result<Vec<NoticeHash>, Fault> {
    let mut given = Vec::new();
    for (index, picture) in export.notices.iter().enumerate() {
        given.push(hash_of(picture).map_err(|what| Fault::at(Place::Notice(index), what))?);
    }
    Ok(shown.iter().filter(|notice| !given.contains(notice)).copied().collect())
}

fn hash_of(picture: &Picture) -> Result<NoticeHash, String> {
    let named = from_hex(&picture.hash).map(NoticeHash).ok_or("its hash is not 64 small hexadecimal digits")?;
    let panel = Panel::parse(&picture.panel).map_err(|error| error.to_string())?;
    let bytes = picture.bytes().ok_or("its picture is not base64")?;
    let found = unpack::png(&bytes, panel).map(|canvas| identity(&canvas)).map_err(|error| error.to_string())?;
    if found == named { Ok(named) } else { Err(format!("its picture is the notice {found} and not {named}")) }
}
