//! `ClientRequestToken`s of the last ten minutes.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor},
};

const WINDOW_MS: i64 = 10 * 60 * 1000;

/// A token and what was asked with it, both as hashes: the SDK makes a token for every transaction, so a load test leaves
/// a million of them.
#[derive(Clone, Copy)]
pub(super) struct Key {
    token: u64,
    items: u64,
}

pub(super) enum Seen {
    Never,
    /// With the same items: do nothing again.
    Same,
    Other,
}

#[derive(Default)]
pub(super) struct Tokens {
    items: HashMap<u64, u64>,
    ages: VecDeque<(i64, u64)>,
}

impl Tokens {
    pub(super) fn look_up(&mut self, key: Key, now_ms: i64) -> Seen {
        while let Some((_, token)) = self.ages.pop_front_if(|(since, _)| *since + WINDOW_MS <= now_ms) {
            self.items.remove(&token);
        }
        match self.items.get(&key.token) {
            None => Seen::Never,
            Some(items) if *items == key.items => Seen::Same,
            Some(_) => Seen::Other,
        }
    }

    pub(super) fn remember(&mut self, key: Key, now_ms: i64) {
        self.items.insert(key.token, key.items);
        self.ages.push_back((now_ms, key.token));
    }
}

/// The key of a request with this token. Of the body only the items count.
pub(super) fn key(token: &str, body: &[u8]) -> serde_json::Result<Key> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Request {
        transact_items: Fingerprint,
    }
    let request: Request = serde_json::from_slice(body)?;
    Ok(Key { token: hash(token), items: request.transact_items.0 })
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// A hash of JSON that does not depend on the order of members: the SDK keeps maps in hash maps, so the same transaction
/// is written in another order each time.
struct Fingerprint(u64);

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<u64, A::Error> {
        let mut sum = 1_u64;
        while let Some((name, value)) = map.next_entry::<std::borrow::Cow<'de, str>, Fingerprint>()? {
            sum = sum.wrapping_add(hash((name, value.0)));
        }
        Ok(hash(sum))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<u64, A::Error> {
        let mut all = 2;
        while let Some(value) = seq.next_element::<Fingerprint>()? {
            all = hash((all, value.0));
        }
        Ok(all)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<u64, E> {
        Ok(hash(value))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<u64, E> {
        Ok(hash(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<u64, E> {
        Ok(hash(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<u64, E> {
        Ok(hash(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<u64, E> {
        Ok(hash(value.to_bits()))
    }

    fn visit_unit<E: de::Error>(self) -> Result<u64, E> {
        Ok(hash(()))
    }
}
