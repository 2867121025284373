//! The records of requests with an idempotency key.
//!
//! Most tables store a record under the idempotency key. In a table that derives ids from idempotency keys
//! ([`Table::creating`]), the created entity is the record, which saves a write. Such a table stores other records under
//! the same derived id, so each key is accepted for only one request.

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

/// The time for which a repeated request gets the reply of the first.
pub const KEY_LIVES: SignedDuration = SignedDuration::from_hours(24);

/// The record of a request with an idempotency key. Its reply is sealed, because it can contain personal data.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IdempotencyRecord {
    pub(crate) fingerprint: String,
    pub(crate) answer: Sealed<String>,
    pub(crate) expires: i64,
}

/// The purpose for which replies are sealed.
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
    /// The same table, with ids of one kind of entity that are derived from idempotency keys.
    /// [`Commit::create`](crate::Commit::create) stores such an entity under `Key::of(kind, id)`.
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

    /// The fingerprint of a request, for [`IdempotencyKey`]. `request` is its operation, path and body.
    pub fn request_fingerprint(&self, request: &[u8]) -> String {
        match &self.creates {
            Some(Creates { ids, .. }) => ids.fingerprint(request),
            None => self.sealer().fingerprint("request", request),
        }
    }

    /// The key of the item that records a request.
    pub(crate) fn request_key(&self, key: &IdempotencyKey) -> Key {
        match &self.creates {
            Some(Creates { kind, name, ids }) => Key::of(kind, name(ids.derive(key))),
            None => Key::of("once", &key.key),
        }
    }

    /// The earlier request with the same idempotency key, if one took effect.
    ///
    /// # Errors
    /// [`Error::KeyReused`] if the key was used for another request, [`Error::KeyExpired`] if the key created an entity
    /// more than a day ago.
    pub async fn earlier(&self, context: &RequestContext) -> Result<Option<Earlier>, Error> {
        let Some(key) = &context.idempotency_key else { return Ok(None) };
        let item = self.item(&self.request_key(key)).await?;
        let Some(item) = item.filter(|item| !is_expired(item, context.now)) else { return Ok(None) };
        earlier(item, &key.fingerprint, context.now, self.sealer()).map(Some)
    }
}

/// The request that an item records, if it has this fingerprint.
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
