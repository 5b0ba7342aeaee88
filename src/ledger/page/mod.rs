//! The verifier as one page of HTML: what [`super::verify`] judges, written a second time for a browser without a network.
//!
//! The two share no code, so that a mistake in one is found by the other: `tests/it/verifier.rs` holds them against each other. Its parts
//! stand in this folder and are put together here; digests in its policy let the browser run exactly these and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::tree::sha256;

mod words;

pub use words::Words;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");

/// In the order in which they need each other.
const PARTS: [&str; 7] = [
    include_str!("read.js"),
    include_str!("entry.js"),
    include_str!("note.js"),
    include_str!("evidence.js"),
    include_str!("pictures.js"),
    include_str!("verify.js"),
    include_str!("show.js"),
];

/// The whole page: needs no other file and asks for none.
#[must_use]
pub fn html() -> String {
    let script = format!("'use strict';\n{{\n{}}}\n", PARTS.concat()).replace("{words}", words::JSON.trim_end());
    let source = |text: &str| format!("'sha256-{}'", STANDARD.encode(sha256(&[text.as_bytes()])));
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        source(&script),
        source(STYLE)
    );
    PAGE.replace("{policy}", &policy).replace("{style}", STYLE).replace("{script}", &script)
}
