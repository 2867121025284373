//! The keys that quotes are signed with: each is published before it is used, and stays published until
//! its last quote is void.

use contracts::{Sealed, events::checkout::QuoteKeyPublished};
use jiff::{SignedDuration, Timestamp};
use lambda::jws::{Jwk, SigningKey};
use serde::{Deserialize, Serialize};

use crate::quote::VALID_FOR;

/// How long a key signs.
const SIGNS_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How long before its last signature a key gets its successor: that long a rotation may fail.
const RENEWED_BEFORE: SignedDuration = SignedDuration::from_hours(24);
/// How long a key is published before it signs: long enough for others to have learned of it.
const PUBLISHED_BEFORE: SignedDuration = SignedDuration::from_mins(5);

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuoteKey {
    kid: String,
    /// The public key, base64url.
    x: String,
    pub(crate) sealed: Sealed<SigningKey>,
    signs_from: Timestamp,
    signs_until: Timestamp,
}

/// Every key that is published, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuoteKeys {
    keys: Vec<QuoteKey>,
    pub(crate) version: u64,
}

impl QuoteKey {
    /// From when on nothing signed with it is valid.
    fn expires_at(&self) -> Timestamp {
        self.signs_until + VALID_FOR
    }

    fn signs_at(&self, now: Timestamp) -> bool {
        self.signs_from <= now && now < self.signs_until
    }
}

impl QuoteKeys {
    /// The key to sign with now: the newest that others know.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<&QuoteKey> {
        self.keys.iter().rfind(|key| key.signs_at(now))
    }

    /// What quotes that are still valid can be verified with.
    pub(crate) fn published(&self, now: Timestamp) -> Vec<Jwk> {
        let live = self.keys.iter().filter(|key| now < key.expires_at());
        live.map(|key| Jwk::new(key.kid.clone(), key.x.clone())).collect()
    }

    /// Publishes a new key if the newest one has signed for long enough. None: it is not time yet.
    ///
    /// Where no other key can sign meanwhile, as at the very first, the new one is used at once: without it
    /// there would be no quotes at all, and its event is on its way.
    pub(crate) fn rotate(
        mut self,
        new: &SigningKey,
        sealed: Sealed<SigningKey>,
        now: Timestamp,
    ) -> Option<(Self, QuoteKeyPublished)> {
        if self.keys.last().is_some_and(|key| now < key.signs_until - RENEWED_BEFORE) {
            return None;
        }
        self.keys.retain(|key| now < key.expires_at());
        let usable = now + PUBLISHED_BEFORE;
        let signs_from = if self.signing(now).is_some() && self.signing(usable).is_some() { usable } else { now };
        let (kid, x) = (new.kid.clone(), new.x.clone());
        let key = QuoteKey { kid, x, sealed, signs_from, signs_until: signs_from + SIGNS_FOR };
        let event = QuoteKeyPublished { kid: key.kid.clone(), x: key.x.clone(), expires_at: key.expires_at() };
        self.keys.push(key);
        self.version += 1;
        Some((self, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn rotate(keys: QuoteKeys, now: Timestamp) -> Option<(QuoteKeys, QuoteKeyPublished)> {
        keys.rotate(&SigningKey::generate(), Sealed::from_ciphertext(String::new()), now)
    }

    fn signing(keys: &QuoteKeys, now: Timestamp) -> Option<&str> {
        keys.signing(now).map(|key| key.kid.as_str())
    }

    #[test]
    fn the_first_key_signs_at_once() {
        assert_eq!(QuoteKeys::default().signing(NOW), None);
        let (keys, event) = rotate(QuoteKeys::default(), NOW).unwrap();
        assert_eq!(signing(&keys, NOW), Some(event.kid.as_str()));
        assert_eq!(rotate(keys, NOW), None);
    }

    #[test]
    fn a_successor_is_published_before_it_signs() {
        let (keys, first) = rotate(QuoteKeys::default(), NOW).unwrap();
        let renewal = NOW + SIGNS_FOR - RENEWED_BEFORE;
        let (keys, second) = rotate(keys, renewal).unwrap();
        assert_eq!(keys.published(renewal).len(), 2);
        assert_eq!(signing(&keys, renewal), Some(first.kid.as_str()));
        assert_eq!(signing(&keys, renewal + PUBLISHED_BEFORE), Some(second.kid.as_str()));
    }

    #[test]
    fn a_key_stays_published_until_its_last_quote_is_void() {
        let (keys, first) = rotate(QuoteKeys::default(), NOW).unwrap();
        let last_quote = NOW + SIGNS_FOR - SignedDuration::from_secs(1);
        assert_eq!(signing(&keys, last_quote), Some(first.kid.as_str()));
        assert!(last_quote + VALID_FOR < first.expires_at);
        assert_eq!(keys.published(last_quote + VALID_FOR).len(), 1);
        assert_eq!(keys.published(first.expires_at), []);
        let (keys, _) = rotate(keys, first.expires_at).unwrap();
        assert_eq!((keys.keys.len(), keys.signing(first.expires_at).is_some()), (1, true));
    }

    #[test]
    fn a_key_that_comes_late_signs_at_once() {
        let (keys, _) = rotate(QuoteKeys::default(), NOW).unwrap();
        let late = NOW + SIGNS_FOR - SignedDuration::from_secs(1);
        let (keys, second) = rotate(keys, late).unwrap();
        assert_eq!(signing(&keys, late), Some(second.kid.as_str()));
    }
}
