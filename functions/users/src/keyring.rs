//! The keys that access tokens are signed with: each is published before it signs, and verifies until the
//! last token that it signed has expired.

use contracts::{Sealed, events::users::SigningKeyPublished};
use jiff::{SignedDuration, Timestamp};
use lambda::jws::{Jwk, SigningKey};
use serde::{Deserialize, Serialize};

/// How long an access token is valid.
pub(crate) const TOKEN_LASTS: SignedDuration = SignedDuration::from_mins(10);

/// How far the clocks of two functions may be apart.
pub(crate) const SKEW: SignedDuration = SignedDuration::from_secs(5);

/// A successor is published so long before it signs: longer than anyone keeps a copy of the keys.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// A key that has signed for so long gets a successor.
const ROTATED_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A key signs no longer than this, even if the schedule failed for weeks.
const SIGNS_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The keys, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyRing {
    keys: Vec<RingKey>,
    pub(crate) version: u64,
}

/// One key, and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RingKey {
    pub(crate) kid: String,
    pub(crate) x: String,
    pub(crate) private: Sealed<SigningKey>,
    signs_from: Timestamp,
    signs_until: Timestamp,
}

/// Why there is no new key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The newest key is still young.
    NotDue,
}

impl RingKey {
    /// From when on nothing signed with it is valid.
    fn verifies_until(&self) -> Timestamp {
        self.signs_until + TOKEN_LASTS + SKEW
    }
}

impl KeyRing {
    /// The key to sign with.
    pub(crate) fn signer(&self, now: Timestamp) -> Option<&RingKey> {
        self.keys.iter().rfind(|key| key.signs_from <= now && now < key.signs_until)
    }

    /// The keys to verify with, and the one that will sign next.
    pub(crate) fn published(&self, now: Timestamp) -> impl Iterator<Item = &RingKey> {
        self.keys.iter().filter(move |key| now < key.verifies_until())
    }

    /// Publishes a new key if it is time. It signs at once where no other can.
    pub(crate) fn rotate(
        mut self,
        key: &Jwk,
        private: Sealed<SigningKey>,
        now: Timestamp,
    ) -> Result<(Self, SigningKeyPublished), Rejection> {
        let signs_from = match (self.signer(now), self.keys.last()) {
            (Some(_), Some(newest)) if now < newest.signs_from + ROTATED_AFTER => return Err(Rejection::NotDue),
            (Some(_), _) => now + AHEAD,
            (None, _) => now,
        };
        for older in &mut self.keys {
            older.signs_until = older.signs_until.min(signs_from);
        }
        self.keys.retain(|key| now < key.verifies_until());
        let (kid, x) = (key.kid.clone(), key.x.clone());
        let key = RingKey { kid, x, private, signs_from, signs_until: signs_from + SIGNS_FOR };
        let event = SigningKeyPublished { kid: key.kid.clone(), x: key.x.clone(), expires_at: key.verifies_until() };
        self.keys.push(key);
        self.version += 1;
        Ok((self, event))
    }
}

#[cfg(test)]
mod tests {
    use lambda::testing::START;

    use super::*;

    fn rotate(ring: KeyRing, name: &str, now: Timestamp) -> Result<KeyRing, Rejection> {
        let key = Jwk::new(name.to_owned(), "x".to_owned());
        ring.rotate(&key, Sealed::from_ciphertext(String::new()), now).map(|(ring, _)| ring)
    }

    fn signer(ring: &KeyRing, now: Timestamp) -> Option<&str> {
        ring.signer(now).map(|key| key.kid.as_str())
    }

    fn published(ring: &KeyRing, now: Timestamp) -> Vec<&str> {
        ring.published(now).map(|key| key.kid.as_str()).collect()
    }

    #[test]
    fn the_first_key_signs_at_once() {
        assert_eq!(signer(&KeyRing::default(), START), None);
        let ring = rotate(KeyRing::default(), "a", START).unwrap();
        assert_eq!((signer(&ring, START), ring.version), (Some("a"), 1));
        assert_eq!(rotate(ring, "b", START + SignedDuration::from_hours(1)), Err(Rejection::NotDue));
    }

    #[test]
    fn a_successor_is_published_before_it_signs() {
        let due = START + ROTATED_AFTER;
        let ring = rotate(rotate(KeyRing::default(), "a", START).unwrap(), "b", due).unwrap();
        assert_eq!((signer(&ring, due), published(&ring, due)), (Some("a"), vec!["a", "b"]));
        assert_eq!(signer(&ring, due + AHEAD), Some("b"));
        assert_eq!(rotate(ring, "c", due + AHEAD), Err(Rejection::NotDue));
    }

    #[test]
    fn a_key_verifies_until_its_last_token_has_expired() {
        let due = START + ROTATED_AFTER;
        let ring = rotate(rotate(KeyRing::default(), "a", START).unwrap(), "b", due).unwrap();
        assert_eq!(published(&ring, due + AHEAD + TOKEN_LASTS), ["a", "b"]);
        assert_eq!(published(&ring, due + AHEAD + TOKEN_LASTS + SKEW), ["b"]);
        let ring = rotate(ring, "c", due + AHEAD + ROTATED_AFTER).unwrap();
        assert_eq!(ring.keys.len(), 2, "what verifies nothing is forgotten");
    }

    #[test]
    fn a_key_that_was_never_rotated_is_replaced_at_once_when_its_time_is_over() {
        let ring = rotate(KeyRing::default(), "a", START).unwrap();
        let over = START + SIGNS_FOR;
        assert_eq!(signer(&ring, over), None);
        assert_eq!(signer(&rotate(ring, "b", over).unwrap(), over), Some("b"));
    }
}
