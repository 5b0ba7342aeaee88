//! Who may speak for a sign, and who may give orders.
//!
//! Nothing is stored: every credential is an HMAC-SHA256 (RFC 2104) of a name under one secret of the daemon, so the
//! command line prints what the listener accepts, and a stolen disk image without the secret holds no credential.

use ring::hmac;

use crate::domain::id::SignId;
use crate::domain::notice::NoticeHash;

/// Bytes of a sign's credential and of a picture's key: 128 bits cannot be guessed over a network, and the
/// 32 digits fit the 48 characters that the smallest firmware keeps.
const SHORT_BYTES: usize = 16;

/// Makes and checks credentials.
#[derive(Clone)]
pub struct Credentials {
    key: hmac::Key,
}

impl Credentials {
    /// Takes the daemon's own secret, 32 random bytes that never leave the box.
    #[must_use]
    pub fn new(secret: [u8; 32]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &secret) }
    }

    /// The credential of a sign.
    #[must_use]
    pub fn sign(&self, sign: &SignId) -> String {
        hex(&self.tag(&format!("sign|{sign}"))[..SHORT_BYTES])
    }

    /// The operator's credential.
    #[must_use]
    pub fn operator(&self) -> String {
        hex(&self.tag("operator"))
    }

    /// The key in the address of one picture of one sign. It is told only to the sign itself, so whoever names it is
    /// that sign: TRMNL devices fetch pictures without any header that says who they are.
    #[must_use]
    pub fn picture(&self, sign: &SignId, notice: &str) -> String {
        hex(&self.tag(&format!("image|{sign}|{notice}"))[..SHORT_BYTES])
    }

    /// The key for the picture of `notice`, as its address names it.
    #[must_use]
    pub fn picture_of(&self, sign: &SignId, notice: &NoticeHash) -> String {
        self.picture(sign, &notice.short())
    }

    /// Six letters and digits under which TRMNL firmware announces itself on the network.
    #[must_use]
    pub fn friendly_id(&self, sign: &SignId) -> String {
        // Without 0, 1, I and O, which people mix up when they read them from a screen.
        const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        self.tag(&format!("friendly|{sign}"))
            .iter()
            .take(6)
            .map(|b| char::from(ALPHABET[usize::from(b % 32)]))
            .collect()
    }

    /// Whether `given` is `expected`, in a time that does not tell how much of it is right.
    #[must_use]
    pub fn same(&self, given: &str, expected: &str) -> bool {
        // Comparing two HMACs under a key that the caller does not know hides where they differ.
        let expected = hmac::sign(&self.key, expected.as_bytes());
        hmac::verify(&self.key, given.as_bytes(), expected.as_ref()).is_ok()
    }

    fn tag(&self, name: &str) -> [u8; 32] {
        let tag = hmac::sign(&self.key, name.as_bytes());
        tag.as_ref().try_into().expect("HMAC-SHA256 is 32 bytes long")
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string does not fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn door() -> SignId {
        SignId::new("door")
    }

    #[test]
    fn a_token_is_the_first_half_of_an_hmac_over_the_name() {
        // printf 'sign|door' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07 (32 times)
        assert_eq!(Credentials::new([7; 32]).sign(&door()), "8ee76fcf50ff509ecb43245ad0127d3d");
        assert_eq!(
            Credentials::new([7; 32]).operator(),
            "b056884f20d77ac1c6a2250a85c22646aee14a86720b02a2a9f9f3b8118f2665"
        );
    }

    #[test]
    fn every_sign_secret_and_purpose_has_its_own_credential() {
        let (one, other) = (Credentials::new([1; 32]), Credentials::new([2; 32]));
        let till = SignId::new("till");
        let all = [
            one.sign(&door()),
            one.sign(&till),
            other.sign(&door()),
            one.picture(&door(), "00"),
            one.picture(&door(), "01"),
            one.picture(&till, "00"),
            one.operator(),
        ];
        for (i, a) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|b| a != b), "{a} twice");
        }
    }

    #[test]
    fn only_the_whole_credential_is_the_credential() {
        let credentials = Credentials::new([1; 32]);
        let token = credentials.sign(&door());
        assert!(credentials.same(&token, &token));
        for wrong in ["", &token[..31], &format!("{token}0"), &token.to_uppercase()] {
            assert!(!credentials.same(wrong, &token), "{wrong}");
        }
    }

    #[test]
    fn a_friendly_id_has_six_characters_that_nobody_mixes_up() {
        let id = Credentials::new([1; 32]).friendly_id(&door());
        assert_eq!(id.len(), 6);
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() && !"01IO".contains(c)), "{id}");
    }
}
