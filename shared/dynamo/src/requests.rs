//! Where it is remembered that a request took effect.
//!
//! Most services keep a record under the request's idempotency key. Where the id of what a request creates is derived from the
//! key, what is created is the record: it costs no write of its own. Both are under one key, so that a key means one request.

use std::fmt;

use contracts::Sealed;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Earlier, Error, IdempotencyKey, Key, RequestContext, Sealer, Table,
    derived::{Creates, DerivedIds},
    item::Item,
    version::CreatedBy,
};

/// How long a request with the same idempotency key is answered as before.
pub const KEY_LIVES: SignedDuration = SignedDuration::from_hours(24);

/// The record of a request with an idempotency key. Its reply is sealed, because it can contain personal data.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IdempotencyRecord {
    pub(crate) fingerprint: String,
    pub(crate) answer: Sealed<String>,
    pub(crate) expires: i64,
}

/// What answers are sealed for.
const ANSWER: &str = "answer";

impl IdempotencyRecord {
    pub(crate) fn new(fingerprint: &str, answer: &str, expires: i64, sealer: &Sealer) -> Result<Self, Error> {
        let answer = sealer.seal(ANSWER, &answer.to_owned()).map_err(Error::malformed)?;
        Ok(Self { fingerprint: fingerprint.to_owned(), answer, expires })
    }

    /// The answer, as JSON, if the record is of this request.
    pub(crate) fn answer_of(&self, fingerprint: &str, sealer: &Sealer) -> Result<String, Error> {
        if self.fingerprint != fingerprint {
            return Err(Error::KeyReused);
        }
        sealer.open(ANSWER, &self.answer).map_err(Error::malformed)
    }
}

impl Table {
    /// The same table, in which the ids of one kind of entity are derived from idempotency keys: those that
    /// [`crate::Commit::create`] stores under `Key::of(kind, id)`.
    #[must_use]
    pub fn creating<I: From<Uuid> + fmt::Display>(self, kind: &'static str, ids: DerivedIds) -> Self {
        let name = |id| I::from(id).to_string();
        self.with(Creates { kind, name, ids })
    }

    /// The id that is derived from a request's idempotency key.
    ///
    /// # Errors
    /// [`Error::Malformed`] if the request has no key, or the table derives no ids.
    pub fn derived_id<I: From<Uuid>>(&self, context: &RequestContext) -> Result<I, Error> {
        let (Some(creates), Some(key)) = (&self.creates, &context.idempotency_key) else {
            return Err(Error::malformed("there is nothing to derive an id from"));
        };
        Ok(creates.ids.derive(key).into())
    }

    /// The fingerprint of a request, for [`IdempotencyKey`]: of its operation, path and body.
    pub fn request_fingerprint(&self, request: &[u8]) -> String {
        match &self.creates {
            Some(Creates { ids, .. }) => ids.fingerprint(request),
            None => self.sealer().fingerprint("request", request),
        }
    }

    /// Where it is remembered that a request took effect.
    pub(crate) fn request_key(&self, key: &IdempotencyKey) -> Key {
        match &self.creates {
            Some(Creates { kind, name, ids }) => Key::of(kind, name(ids.derive(key))),
            None => Key::of("once", &key.key),
        }
    }

    /// The earlier request with the same idempotency key, if one took effect.
    ///
    /// # Errors
    /// [`Error::KeyReused`] if the key was used for another request, [`Error::KeyExpired`] if what it created is older than a
    /// day.
    pub async fn earlier(&self, context: &RequestContext) -> Result<Option<Earlier>, Error> {
        let Some(key) = &context.idempotency_key else { return Ok(None) };
        let item = self.item(&self.request_key(key)).await?;
        let Some(item) = item.filter(|item| !is_expired(item, context.now)) else { return Ok(None) };
        earlier(item, &key.fingerprint, context.now, self.sealer()).map(Some)
    }
}

/// The request of this fingerprint that an item under its key remembers.
pub(crate) fn earlier(mut item: Item, fingerprint: &str, now: Timestamp, sealer: &Sealer) -> Result<Earlier, Error> {
    let Some(created) = item.remove("createdBy") else {
        let record: IdempotencyRecord = serde_dynamo::from_item(item).map_err(Error::malformed)?;
        return record.answer_of(fingerprint, sealer).map(Earlier::Answered);
    };
    let created: CreatedBy = serde_dynamo::from_attribute_value(created).map_err(Error::malformed)?;
    if now >= created.at + KEY_LIVES {
        Err(Error::KeyExpired)
    } else if created.is_of(fingerprint) {
        Ok(Earlier::Created)
    } else {
        Err(Error::KeyReused)
    }
}

fn is_expired(item: &Item, now: Timestamp) -> bool {
    let expires = item.get("expires").and_then(|expires| expires.as_n().ok()?.parse::<i64>().ok());
    expires.is_some_and(|expires| expires <= now.as_second())
}
