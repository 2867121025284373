//! Verifies quotes with the keys that checkout publishes.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use contracts::{Quote, events::checkout::QuoteKeyPublished};
use dynamo::{Entity, Error, Key, Table};
use jiff::Timestamp;
use lambda::{
    Problem,
    jws::{self, InvalidToken},
};
use serde::{Deserialize, Serialize};

use crate::problem::invalid_quote;

/// A key that checkout published. It is part of the read model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QuoteKey {
    kid: String,
    x: String,
    expires_at: Timestamp,
    version: u64,
}

impl QuoteKey {
    pub(crate) fn new(published: QuoteKeyPublished, version: u64) -> Self {
        let QuoteKeyPublished { kid, x, expires_at } = published;
        Self { kid, x, expires_at, version }
    }

    /// Whether quotes that are signed with this key can be valid at a time.
    pub(crate) fn is_valid(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

impl Entity for QuoteKey {
    fn key(&self) -> Key {
        Key::of("quote-key", &self.kid)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.expires_at)
    }
}

/// The maximum length of a key's id. Checkout's ids are shorter, and the store accepts longer keys.
const LONGEST_KID: usize = 64;

/// Verifies quotes. Keys are read once and cached until the process ends, because a key never changes.
#[derive(Debug, Clone)]
pub(crate) struct Quotes {
    table: Table,
    stage: String,
    known: Arc<RwLock<HashMap<String, QuoteKey>>>,
}

impl Quotes {
    /// Creates a verifier for one stage. Quotes of other stages are invalid.
    pub(crate) fn new(table: Table, stage: &str) -> Self {
        Self { table, stage: stage.to_owned(), known: Arc::default() }
    }

    /// Returns the quote if checkout signed it for orders and it has not expired.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Quote, Problem> {
        let kid = jws::key_id(token).map_err(invalid_quote)?;
        if kid.len() > LONGEST_KID {
            return Err(invalid_quote(InvalidToken::UnknownKey));
        }
        let key = self.key(&kid).await?.filter(|key| key.is_valid(now));
        let key = key.ok_or_else(|| invalid_quote(InvalidToken::UnknownKey))?;
        jws::verify(token, &key.x, &self.stage, now).map_err(invalid_quote)
    }

    async fn key(&self, kid: &str) -> Result<Option<QuoteKey>, Error> {
        // The keys behind a poisoned lock are complete, because keys are only inserted.
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(kid).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let key: Option<QuoteKey> = self.table.get(&Key::of("quote-key", kid)).await?;
        if let Some(key) = &key {
            self.known.write().unwrap_or_else(PoisonError::into_inner).insert(kid.to_owned(), key.clone());
        }
        Ok(key)
    }
}
