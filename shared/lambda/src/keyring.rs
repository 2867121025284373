//! A service's signing keys. Each key is published before it signs, and stays published until everything that it
//! signed has expired.

use contracts::Sealed;
use dynamo::{Entity, Error, Key, SealError, Sealer, Table, Version};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    Problem,
    jws::{Jwk, JwkSet, SKEW, SigningKey},
};

/// How long a key is published before it signs: longer than any client caches the keys, and longer than events take
/// to arrive.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// The age at which a key gets a successor.
const ROTATED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest time for which a key signs, even if the schedule failed for weeks.
const SIGNS_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The purpose that private keys are sealed with.
const PURPOSE: &str = "signing-key";

/// A service's keys, oldest first: one item in its table, under [`key`].
///
/// `VALID_SECS` is how many seconds a signed statement is valid, and so how long a key still verifies after it last
/// signed. It is not stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyRing<const VALID_SECS: i64> {
    keys: Vec<RingKey>,
    /// The number of keys that were published so far.
    pub version: Version,
}

/// One key, and the time in which it signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RingKey {
    /// The key's id, as in the header of what it signs.
    pub kid: String,
    /// The Ed25519 public key, base64url.
    pub x: String,
    private: Sealed<SigningKey>,
    signs_from: Timestamp,
    signs_until: Timestamp,
}

/// A new key, for the event that announces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    /// The key's id.
    pub kid: String,
    /// The Ed25519 public key, base64url.
    pub x: String,
    /// When everything signed with it has expired. A successor may make that earlier.
    pub expires_at: Timestamp,
}

/// It is too early for a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the newest key is still young")]
pub struct NotDue;

impl From<NotDue> for Problem {
    fn from(NotDue: NotDue) -> Self {
        Self::AlreadyDone
    }
}

/// The key of a service's ring in its table, to read the ring together with other items.
pub fn key() -> Key {
    Key::of("keyring", "signing")
}

impl SigningKey {
    /// Seals the private key, to store it.
    ///
    /// # Errors
    /// [`SealError`] if it cannot be sealed.
    pub fn seal(&self, sealer: &Sealer) -> Result<Sealed<Self>, SealError> {
        sealer.seal(PURPOSE, self)
    }
}

impl RingKey {
    /// Opens the private key, to sign with.
    ///
    /// # Errors
    /// [`SealError`] if it was sealed with another secret.
    pub fn open(&self, sealer: &Sealer) -> Result<SigningKey, SealError> {
        sealer.open(PURPOSE, &self.private)
    }
}

impl<const VALID_SECS: i64> KeyRing<VALID_SECS> {
    /// Loads the ring from a service's table, or an empty one.
    ///
    /// # Errors
    /// An error of the store.
    pub async fn load(table: &Table) -> Result<Self, Error> {
        Ok(table.get(&key()).await?.unwrap_or_default())
    }

    /// The key to sign with: the newest one that may sign at this time.
    pub fn signer(&self, now: Timestamp) -> Option<&RingKey> {
        self.keys.iter().rfind(|key| key.signs_from <= now && now < key.signs_until)
    }

    /// The keys to verify with, and the one that will sign next.
    pub fn published(&self, now: Timestamp) -> impl Iterator<Item = &RingKey> {
        self.keys.iter().filter(move |key| now < Self::verifies_until(key))
    }

    /// The published keys, as a JWK set.
    pub fn jwk_set(&self, now: Timestamp) -> JwkSet {
        JwkSet { keys: self.published(now).map(|key| Jwk::new(key.kid.clone(), key.x.clone())).collect() }
    }

    /// Publishes a new key if it is time. If no other key can sign, the new key signs at once: otherwise nothing could
    /// be signed until its event has arrived.
    ///
    /// # Errors
    /// [`NotDue`] if it is too early.
    pub fn rotate(
        mut self,
        public: &Jwk,
        private: Sealed<SigningKey>,
        now: Timestamp,
    ) -> Result<(Self, NewKey), NotDue> {
        let signs_from = match (self.signer(now), self.keys.last()) {
            (Some(_), Some(newest)) if now < newest.signs_from + ROTATED_AFTER => return Err(NotDue),
            // If the successor is late, it starts to sign earlier, so that there is always a key that signs.
            (Some(signer), _) => signer.signs_until.min(now + AHEAD),
            (None, _) => now,
        };
        for older in &mut self.keys {
            older.signs_until = older.signs_until.min(signs_from);
        }
        self.keys.retain(|key| now < Self::verifies_until(key));
        let (kid, x) = (public.kid.clone(), public.x.clone());
        let key = RingKey { kid, x, private, signs_from, signs_until: signs_from + SIGNS_FOR };
        let new = NewKey { kid: key.kid.clone(), x: key.x.clone(), expires_at: Self::verifies_until(&key) };
        self.keys.push(key);
        Ok((self, new))
    }

    /// When everything signed with a key has expired.
    fn verifies_until(key: &RingKey) -> Timestamp {
        key.signs_until + SignedDuration::from_secs(VALID_SECS) + SKEW
    }
}

impl<const VALID_SECS: i64> Entity for KeyRing<VALID_SECS> {
    fn key(&self) -> Key {
        key()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::START;

    const VALID_FOR: SignedDuration = SignedDuration::from_mins(10);

    type Ring = KeyRing<{ VALID_FOR.as_secs() }>;

    fn rotate(ring: Ring, name: &str, now: Timestamp) -> Result<Ring, NotDue> {
        let public = Jwk::new(name.to_owned(), "x".to_owned());
        ring.rotate(&public, Sealed::from_ciphertext(String::new()), now).map(|(ring, _)| ring)
    }

    fn signer(ring: &Ring, now: Timestamp) -> Option<&str> {
        ring.signer(now).map(|key| key.kid.as_str())
    }

    fn published(ring: &Ring, now: Timestamp) -> Vec<String> {
        ring.jwk_set(now).keys.into_iter().map(|key| key.kid).collect()
    }

    #[test]
    fn the_first_key_signs_at_once() {
        assert_eq!(signer(&Ring::default(), START), None);
        let ring = rotate(Ring::default(), "a", START).unwrap();
        assert_eq!(signer(&ring, START), Some("a"));
        assert_eq!(rotate(ring.clone(), "b", START), Err(NotDue));
        assert_eq!(rotate(ring, "b", START + SignedDuration::from_hours(1)), Err(NotDue));
    }

    #[test]
    fn a_successor_is_published_before_it_signs() {
        let due = START + ROTATED_AFTER;
        let ring = rotate(rotate(Ring::default(), "a", START).unwrap(), "b", due).unwrap();
        assert_eq!((signer(&ring, due), published(&ring, due)), (Some("a"), vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(signer(&ring, due + AHEAD), Some("b"));
        assert_eq!(rotate(ring.clone(), "c", due), Err(NotDue));
        assert_eq!(rotate(ring, "c", due + AHEAD), Err(NotDue));
    }

    #[test]
    fn a_key_is_published_until_the_last_thing_that_it_signed_is_void() {
        let due = START + ROTATED_AFTER;
        let ring = rotate(rotate(Ring::default(), "a", START).unwrap(), "b", due).unwrap();
        let last_signed = due + AHEAD - SignedDuration::from_secs(1);
        assert_eq!(signer(&ring, last_signed), Some("a"));
        assert_eq!(published(&ring, last_signed + VALID_FOR), ["a", "b"]);
        assert_eq!(published(&ring, due + AHEAD + VALID_FOR), ["a", "b"]);
        assert_eq!(published(&ring, due + AHEAD + VALID_FOR + SKEW), ["b"]);
        let ring = rotate(ring, "c", due + AHEAD + ROTATED_AFTER).unwrap();
        assert_eq!(ring.keys.len(), 2, "what verifies nothing is forgotten");
    }

    #[test]
    fn others_are_told_for_how_long_a_key_may_verify() {
        let (public, private) = (Jwk::new("a".to_owned(), "x".to_owned()), Sealed::from_ciphertext(String::new()));
        let (ring, new) = Ring::default().rotate(&public, private, START).unwrap();
        let expires_at = START + SIGNS_FOR + VALID_FOR + SKEW;
        assert_eq!(new, NewKey { kid: public.kid, x: public.x, expires_at });
        assert_eq!(published(&ring, expires_at - SignedDuration::from_secs(1)), ["a"]);
        assert_eq!(published(&ring, expires_at), [""; 0]);
        let ring = rotate(ring, "b", expires_at).unwrap();
        assert_eq!((signer(&ring, expires_at), ring.keys.len()), (Some("b"), 1));
    }

    #[test]
    fn a_key_that_was_never_rotated_is_replaced_at_once_when_its_time_is_over() {
        let ring = rotate(Ring::default(), "a", START).unwrap();
        let over = START + SIGNS_FOR;
        assert_eq!(signer(&ring, over), None);
        assert_eq!(signer(&rotate(ring, "b", over).unwrap(), over), Some("b"));
    }

    #[test]
    fn a_successor_that_comes_late_signs_as_soon_as_the_other_no_longer_does() {
        let ring = rotate(Ring::default(), "a", START).unwrap();
        let over = START + SIGNS_FOR;
        let late = over - SignedDuration::from_secs(1);
        let ring = rotate(ring, "b", late).unwrap();
        assert_eq!((signer(&ring, late), signer(&ring, over)), (Some("a"), Some("b")));
    }

    #[test]
    fn a_key_is_opened_with_the_secret_that_sealed_it() {
        let (key, sealer) = (SigningKey::generate(), Sealer::new(b"a secret of at least thirty-two characters"));
        let (ring, _) = Ring::default().rotate(&key.public(), key.seal(&sealer).unwrap(), START).unwrap();
        let kept = ring.signer(START).unwrap();
        assert_eq!(kept.open(&sealer).unwrap().public(), key.public());
        let other = Sealer::new(b"another secret of more than thirty-two characters");
        assert_eq!(kept.open(&other).err(), Some(SealError));
    }
}
