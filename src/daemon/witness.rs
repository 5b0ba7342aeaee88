//! The newest checkpoint of the ledger as customers and staff can take it with them: as text, and as a code to be photographed.

use std::sync::Arc;

use crate::http::Checkpoint;
use crate::sign::qr;

/// Both forms of a signed head.
///
/// Made in the loop: it is one small code, and heads come when counting or a sign changes, not when people pass.
pub(super) fn checkpoint(text: String) -> Arc<Checkpoint> {
    let code = qr::svg(&text).unwrap_or_default();
    Arc::new(Checkpoint { text, code })
}
