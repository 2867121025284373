//! Authenticated encryption for values that leave a service: cursors, and sealed fields of events.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use contracts::Sealed;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, Salt},
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use serde::{Serialize, de::DeserializeOwned};

/// The value was not sealed by this platform for this purpose, or it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not sealed by this platform for this purpose")]
pub struct SealError;

/// Seals and opens values (AES-256-GCM, keys by HKDF-SHA-256 from the platform's secret).
#[derive(Clone)]
pub struct Sealer {
    secret: std::sync::Arc<[u8]>,
}

impl Sealer {
    /// Creates a sealer from the platform's secret, which is at least 32 random bytes.
    pub fn new(secret: &[u8]) -> Self {
        Self { secret: secret.into() }
    }

    /// Seals a value for a purpose. It can be opened only for the same purpose.
    pub fn seal<T: Serialize>(&self, purpose: &str, value: &T) -> Result<Sealed<T>, SealError> {
        let plain = serde_json::to_vec(value).map_err(|_| SealError)?;
        Ok(Sealed::from_ciphertext(URL_SAFE_NO_PAD.encode(self.seal_bytes(purpose, plain)?)))
    }

    /// Opens a value that [`Self::seal`] sealed for the same purpose.
    pub fn open<T: DeserializeOwned>(&self, purpose: &str, sealed: &Sealed<T>) -> Result<T, SealError> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed.ciphertext()).map_err(|_| SealError)?;
        let (nonce, ciphertext) = bytes.split_at_checked(NONCE_LEN).ok_or(SealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError)?;
        let mut buffer = ciphertext.to_vec();
        let plain = self.key(purpose)?.open_in_place(nonce, Aad::empty(), &mut buffer).map_err(|_| SealError)?;
        serde_json::from_slice(plain).map_err(|_| SealError)
    }

    /// A keyed fingerprint of bytes (HMAC-SHA-256, base64url). It is equal for equal bytes and an equal purpose, and
    /// it reveals nothing without the secret.
    pub fn fingerprint(&self, purpose: &str, bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.fingerprint_key(purpose), bytes))
    }

    /// Whether a text is the fingerprint of these bytes, in constant time.
    pub fn is_fingerprint(&self, text: &str, purpose: &str, bytes: &[u8]) -> bool {
        let tag = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        hmac::verify(&self.fingerprint_key(purpose), bytes, &tag).is_ok()
    }

    fn fingerprint_key(&self, purpose: &str) -> hmac::Key {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.secret);
        hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, purpose.as_bytes()).as_ref())
    }

    fn seal_bytes(&self, purpose: &str, mut buffer: Vec<u8>) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| SealError)?;
        let key = self.key(purpose)?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut buffer)
            .map_err(|_| SealError)?;
        Ok([nonce.as_slice(), &buffer].concat())
    }

    fn key(&self, purpose: &str) -> Result<LessSafeKey, SealError> {
        let secret = Salt::new(HKDF_SHA256, b"souk").extract(&self.secret);
        let info = [purpose.as_bytes()];
        let okm = secret.expand(&info, &AES_256_GCM).map_err(|_| SealError)?;
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_secret_and_purpose_open_what_was_sealed() {
        let sealer = Sealer::new(&[7; 32]);
        let card = sealer.seal("card", &"pm_card_visa".to_owned()).unwrap();
        assert_eq!(sealer.open("card", &card).as_deref(), Ok("pm_card_visa"));
        assert_eq!(sealer.open("address", &card), Err(SealError));
        assert_eq!(Sealer::new(&[8; 32]).open("card", &card), Err(SealError));
        assert!(!card.ciphertext().contains("visa"));
    }

    #[test]
    fn a_fingerprint_depends_on_secret_purpose_and_bytes() {
        let of = |secret: u8, purpose: &str, bytes: &[u8]| Sealer::new(&[secret; 32]).fingerprint(purpose, bytes);
        assert_eq!(of(7, "request", b"a"), of(7, "request", b"a"));
        let is = |text: &str| Sealer::new(&[7; 32]).is_fingerprint(text, "request", b"a");
        assert!(is(&of(7, "request", b"a")));
        assert!(!is(&of(7, "request", b"b")) && !is(&of(8, "request", b"a")) && !is("") && !is("ü"));
        assert!(
            [of(8, "request", b"a"), of(7, "other", b"a"), of(7, "request", b"b")]
                .iter()
                .all(|other| *other != of(7, "request", b"a"))
        );
    }

    #[test]
    fn a_forged_text_does_not_open() {
        let sealer = Sealer::new(&[7; 32]);
        for text in ["", "forged", "Zm9yZ2VkZm9yZ2VkZm9yZ2VkZm9yZ2Vk", "ü"] {
            assert_eq!(sealer.open("card", &Sealed::<String>::from_ciphertext(text.to_owned())), Err(SealError));
        }
    }
}
