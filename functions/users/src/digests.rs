//! Keyed hashes (HMAC-SHA-256 with the platform's secret). They replace values that must be found but not read, such
//! as an e-mail address in a key, and they prove that this service made a text.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;

/// Makes and verifies keyed hashes for one purpose.
#[derive(Clone)]
pub(crate) struct Digests {
    key: hmac::Key,
}

impl Digests {
    /// Creates it from the platform's secret.
    pub(crate) fn new(secret: &[u8]) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret) }
    }

    /// The hash of bytes.
    pub(crate) fn of(&self, purpose: &str, bytes: &[u8]) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(hmac::sign(&self.key, &message(purpose, bytes)).as_ref());
        hash
    }

    /// The hash of a text, in a form that can be part of a key.
    pub(crate) fn name(&self, purpose: &str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.of(purpose, text.as_bytes()))
    }

    /// Verifies the hash of bytes, in constant time.
    pub(crate) fn matches(&self, purpose: &str, bytes: &[u8], hash: &[u8]) -> bool {
        hmac::verify(&self.key, &message(purpose, bytes), hash).is_ok()
    }
}

fn message(purpose: &str, bytes: &[u8]) -> Vec<u8> {
    ["users ".as_bytes(), purpose.as_bytes(), b"\0", bytes].concat()
}

impl std::fmt::Debug for Digests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Digests(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_one_secret_purpose_and_text() {
        let digests = Digests::new(b"secret");
        let hash = digests.of("email", b"ada@example.com");
        assert!(digests.matches("email", b"ada@example.com", &hash));
        assert!(!digests.matches("email", b"eve@example.com", &hash));
        assert!(!digests.matches("address", b"ada@example.com", &hash));
        assert!(!Digests::new(b"other").matches("email", b"ada@example.com", &hash));
    }
}
