//! Quotes, verified with the keys that checkout published.

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

/// A key that checkout published: this service's read model.
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

    /// Whether quotes that it signed can be valid at that time.
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

/// The longest id of a key: more than any that checkout makes, and less than the store takes in a key.
const LONGEST_KID: usize = 64;

/// Verifies quotes; keys are read once and kept as long as the process lives: a key never changes.
#[derive(Debug, Clone)]
pub(crate) struct Quotes {
    table: Table,
    stage: String,
    known: Arc<RwLock<HashMap<String, QuoteKey>>>,
}

impl Quotes {
    /// Quotes of one stage: another stage's do not hold.
    pub(crate) fn new(table: Table, stage: &str) -> Self {
        Self { table, stage: stage.to_owned(), known: Arc::default() }
    }

    /// The quote, if checkout signed it for orders, and it still holds.
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
        // A poisoned lock still guards whole keys: they are only ever inserted.
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
