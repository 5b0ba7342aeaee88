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

    /// The code by which whoever stands before a sign can pause what is counted there, for one day.
    ///
    /// Fifty bits. A listener of ours answers some thousands of requests a second; after a whole day of ten thousand guesses a second at the
    /// codes of five signs and two days, somebody far away would have hit one with a chance of one in a hundred thousand, and won a pause.
    /// Ten characters keep the QR code of an address in the shop at 25 modules a side, so that it is read from as far as before.
    #[must_use]
    pub fn pause_code(&self, sign: &SignId, day: &str) -> String {
        const CHARACTERS: usize = 10;
        // RFC 4648 §6: letters and digits that a QR code holds in its shortest form.
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let tag = self.tag(&format!("pause|{sign}|{day}"));
        let bits = tag.iter().take(CHARACTERS).map(|byte| usize::from(byte % 32));
        bits.map(|bits| char::from(ALPHABET[bits])).collect()
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
    fn a_code_is_ten_letters_and_digits_that_a_qr_code_holds_in_its_shortest_form() {
        let code = Credentials::new([7; 32]).pause_code(&door(), "2026-11-24");
        assert_eq!(code.len(), 10);
        assert!(code.bytes().all(|byte| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte)), "{code}");
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
            one.pause_code(&door(), "2026-11-24"),
            one.pause_code(&door(), "2026-11-25"),
            one.pause_code(&till, "2026-11-24"),
            other.pause_code(&door(), "2026-11-24"),
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
