//! Paths as people and devices write them.

use axum::extract::Request as HttpRequest;
use axum::http::uri::{PathAndQuery, Uri};

/// `//api//display/` means `/api/display`: people type base URLs with a trailing slash into displays, and
/// TRMNL firmware appends its paths to them as they are.
pub(super) fn tidy(mut request: HttpRequest) -> HttpRequest {
    if let Some(tidied) = tidied(request.uri()) {
        *request.uri_mut() = tidied;
    }
    request
}

fn tidied(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let sloppy = path != "/" && (path.contains("//") || path.ends_with('/'));
    if !sloppy && !is_shouted(path) {
        return None;
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let mut tidied = format!("/{}", segments.join("/"));
    if segments.first().is_some_and(|first| SHOUTED.iter().any(|own| first.eq_ignore_ascii_case(own))) {
        tidied.make_ascii_lowercase();
    }
    if let Some(query) = uri.query() {
        tidied.extend(["?", query]);
    }
    PathAndQuery::try_from(tidied).ok().map(Uri::from)
}

/// Where the full notice is, and where it is with the button above it.
const SHOUTED: [&str; 2] = ["notice", "n"];

/// Whether it is the address of the full notice in capitals: a QR code of capitals and digits is a third smaller (ISO/IEC 18004
/// §7.3.4), so signs carry it that way.
fn is_shouted(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    SHOUTED.iter().any(|own| first.eq_ignore_ascii_case(own)) && path.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sloppy_paths_are_tidied_and_good_ones_left_alone() {
        let tidied = |text: &'static str| tidied(&Uri::from_static(text)).map(|uri| uri.to_string());
        assert_eq!(tidied("//api/display"), Some("/api/display".to_owned()));
        assert_eq!(tidied("/api//display/"), Some("/api/display".to_owned()));
        assert_eq!(tidied("///"), Some("/".to_owned()));
        assert_eq!(tidied("/signs/door/image.png/?n=a//b"), Some("/signs/door/image.png?n=a//b".to_owned()));
        assert_eq!(tidied("/signs/door?token=//"), None);
        assert_eq!(tidied("/"), None);
    }

    #[test]
    fn the_notice_is_found_in_capitals_and_nothing_else_changes_its_letters() {
        let tidied = |text: &'static str| tidied(&Uri::from_static(text)).map(|uri| uri.to_string());
        assert_eq!(tidied("/NOTICE/PL"), Some("/notice/pl".to_owned()));
        assert_eq!(tidied("/Notice"), Some("/notice".to_owned()));
        assert_eq!(tidied("//NOTICE/PL/?A=B"), Some("/notice/pl?A=B".to_owned()));
        assert_eq!(tidied("/notice/pl?A=B"), None);
        assert_eq!(tidied("/N/AB2C"), Some("/n/ab2c".to_owned()));
        assert_eq!(tidied("/NOTICES/PL"), None);
        assert_eq!(tidied("/SIGNS/DOOR"), None);
    }
}
