//! The commit: everything that a change writes, in one transaction.

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use contracts::Event;
use jiff::SignedDuration;
use serde::Serialize;

use crate::{
    Cause, Entity, Error, IdempotencyKey, Key, Table, due,
    event::{Draft, EventRecord},
    outcome::{IdempotencyRecord, Part, decode, decode_put},
    query::{LIST_NAME, LIST_SORT},
    table::{Item, primary},
};

/// How long an idempotency record is kept.
const IDEMPOTENCY_KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How long a consumed-message record is kept: longer than any redrive (a dead letter lives 14 days).
pub const INBOX_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

const ABSENT: &str = "attribute_not_exists(pk)";
const ABSENT_OR_EXPIRED: &str = "attribute_not_exists(pk) OR expires < :now";

/// One transaction in the making. Nothing is written before [`Commit::run`].
#[must_use = "a commit writes nothing until it is run"]
pub struct Commit<'a> {
    table: &'a Table,
    cause: &'a Cause,
    writes: Vec<(Part, TransactWriteItem)>,
    changed: Option<Changed>,
    failed: Option<Error>,
    /// Whether the consumed-message record is written.
    consumes: bool,
}

/// The entity saved last, and the events that its change states.
struct Changed {
    key: Key,
    item: Item,
    version: u64,
    events: Vec<Draft>,
    record: fn(Draft, &Key, u64, &Cause) -> Result<EventRecord, Error>,
}

impl Table {
    /// Starts a transaction.
    pub fn commit<'a>(&'a self, cause: &'a Cause) -> Commit<'a> {
        Commit { table: self, cause, writes: Vec::new(), changed: None, failed: None, consumes: true }
    }

    /// The reply to an earlier request with the same idempotency key, as JSON, if that request took effect.
    ///
    /// # Errors
    /// [`Error::KeyReused`] if the key was used for another request.
    pub async fn answered(&self, cause: &Cause) -> Result<Option<String>, Error> {
        let Some(IdempotencyKey { key, fingerprint }) = &cause.idempotency_key else { return Ok(None) };
        let record = self.get::<IdempotencyRecord>(&Key::of("once", key)).await?;
        let record = record.filter(|record| record.expires > cause.now.as_second());
        record.map(|record| record.answer_of(fingerprint, self.sealer())).transpose()
    }
}

impl Commit<'_> {
    /// Saves an entity in its new version, if the stored one is the version before: each event that
    /// follows counts as one change, no event as one as well. Version 1 must not be stored yet.
    pub fn save<T: Entity>(self, entity: &T) -> Self {
        self.step(|commit| {
            let (key, (item, version)) = (entity.key(), item_of(entity)?);
            commit.changed = Some(Changed { key, item, version, events: Vec::new(), record: Draft::record::<T> });
            Ok(())
        })
    }

    /// An event of the entity saved before it: it takes the next version.
    pub fn event<E: Event>(mut self, event: &E) -> Self {
        match (Draft::new(event, self.cause), &mut self.changed) {
            (Ok(draft), Some(changed)) => changed.events.push(draft),
            (Ok(_), None) => self.failed = Some(Error::Malformed(format!("{} belongs to no saved entity", E::NAME))),
            (Err(error), _) => self.failed = Some(error),
        }
        self
    }

    /// Writes a row of a read model, unless what is stored is of the same or a later version.
    /// [`Error::Stale`] says that it was.
    pub fn project<T: Entity>(self, row: &T) -> Self {
        self.step(|commit| {
            let (item, version) = item_of(row)?;
            let put = Put::builder()
                .condition_expression("attribute_not_exists(pk) OR version < :version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string()));
            commit.put(Part::Projection, item, put)
        })
    }

    /// Writes an entity whatever is stored: for records that only one writer knows.
    pub fn put_record<T: Entity>(self, entity: &T) -> Self {
        self.step(|commit| commit.put(Part::Record, item_of(entity)?.0, Put::builder()))
    }

    /// Deletes what is stored under a key, if anything is.
    pub fn delete(self, key: &Key) -> Self {
        self.step(|commit| {
            let delete = Delete::builder().table_name(commit.table.name()).set_key(Some(primary(key)));
            let delete = delete.build().map_err(Error::malformed)?;
            commit.writes.push((Part::Record, TransactWriteItem::builder().delete(delete).build()));
            Ok(())
        })
    }

    /// Claims a key for a holder; [`Error::Taken`] says who was first.
    pub fn claim(self, key: &Key, holder: impl std::fmt::Display) -> Self {
        self.step(|commit| {
            let mut item = primary(key);
            item.insert("holder".to_owned(), AttributeValue::S(holder.to_string()));
            commit.put(Part::Claim, item, Put::builder().condition_expression(ABSENT))
        })
    }

    /// Keeps the answer beside the request's idempotency key, if it has one: a repeated request gets
    /// the same answer, as [`Error::Answered`].
    pub fn answer(self, reply: &impl Serialize) -> Self {
        self.step(|commit| {
            let Some(IdempotencyKey { key, fingerprint }) = &commit.cause.idempotency_key else { return Ok(()) };
            let expires = (commit.cause.now + IDEMPOTENCY_KEPT).as_second();
            let answer = serde_json::to_string(reply).map_err(Error::malformed)?;
            let record = IdempotencyRecord::new(fingerprint, &answer, expires, commit.table.sealer())?;
            let mut item: Item = serde_dynamo::to_item(record).map_err(Error::malformed)?;
            item.extend(primary(&Key::of("once", key)));
            commit.put_unless_expired(Part::IdempotencyKey { fingerprint: fingerprint.clone() }, item)
        })
    }

    /// Leaves the message that led here unconsumed: another commit consumes it, or it is delivered again.
    pub fn unconsumed(mut self) -> Self {
        self.consumes = false;
        self
    }

    /// Writes everything or nothing. A single row of a read model is a conditional put: it costs half, and a second try of it
    /// finds it stored.
    ///
    /// # Errors
    /// What the conditions said, in this order: [`Error::Answered`] or [`Error::KeyReused`],
    /// [`Error::Consumed`], [`Error::Taken`], [`Error::Stale`], [`Error::Conflict`].
    pub async fn run(self) -> Result<(), Error> {
        let commit = self.step(Self::consume);
        if let Some(error) = commit.failed {
            return Err(error);
        }
        let (parts, items): (Vec<Part>, Vec<TransactWriteItem>) = commit.writes.into_iter().unzip();
        if let ([Part::Projection], [TransactWriteItem { put: Some(put), .. }]) = (&parts[..], &items[..]) {
            let call = commit.table.client().put_item().table_name(put.table_name()).set_item(Some(put.item().clone()));
            let call = call.set_condition_expression(put.condition_expression.clone());
            let call = call.set_expression_attribute_values(put.expression_attribute_values.clone());
            return call.send().await.map(drop).map_err(decode_put);
        }
        // The SDK makes one request token for the call and repeats it when it tries again, so a lost
        // answer is not a second change. A token of our own would outlive a change of mind: another run of
        // the handler writes something else.
        let call = commit.table.client().transact_write_items().set_transact_items(Some(items));
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(decode(&parts, error, commit.table.sealer())),
        }
    }

    /// The consumed-message record: part of every commit that a message leads to, unless it is [`Commit::unconsumed`].
    fn consume(&mut self) -> Result<(), Error> {
        let Some(inbox) = self.cause.inbox.as_ref().filter(|_| self.consumes) else { return Ok(()) };
        let mut item = primary(&Key::of("inbox", format_args!("{}#{}", inbox.consumer, inbox.event)));
        let expires = (self.cause.now + INBOX_KEPT).as_second();
        item.insert("expires".to_owned(), AttributeValue::N(expires.to_string()));
        self.put_unless_expired(Part::Inbox, item)
    }

    /// Closes the entity before, then takes the next step; after a failure nothing is done.
    fn step(mut self, f: impl FnOnce(&mut Self) -> Result<(), Error>) -> Self {
        if self.failed.is_none() {
            self.failed = self.close().and_then(|()| f(&mut self)).err();
        }
        self
    }

    /// Writes the entity saved last, now that its events are known.
    fn close(&mut self) -> Result<(), Error> {
        let Some(Changed { key, item, version, events, record }) = self.changed.take() else { return Ok(()) };
        let changes = events.len().max(1) as u64;
        let before = version
            .checked_sub(changes)
            .ok_or_else(|| Error::Malformed(format!("{} at version {version} after {changes} changes", key.pk)))?;
        let put = match before {
            0 => Put::builder().condition_expression(ABSENT),
            _ => Put::builder()
                .condition_expression("version = :before")
                .expression_attribute_values(":before", AttributeValue::N(before.to_string())),
        };
        self.put(Part::State, item, put)?;
        for (at, draft) in (before + 1..).zip(events) {
            let item = serde_dynamo::to_item(record(draft, &key, at, self.cause)?).map_err(Error::malformed)?;
            self.put(Part::State, item, Put::builder().condition_expression(ABSENT))?;
        }
        Ok(())
    }

    fn put_unless_expired(&mut self, part: Part, item: Item) -> Result<(), Error> {
        let now = AttributeValue::N(self.cause.now.as_second().to_string());
        let put = Put::builder().condition_expression(ABSENT_OR_EXPIRED).expression_attribute_values(":now", now);
        self.put(part, item, put)
    }

    fn put(&mut self, part: Part, item: Item, put: aws_sdk_dynamodb::types::builders::PutBuilder) -> Result<(), Error> {
        let put = put
            .table_name(self.table.name())
            .set_item(Some(item))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .build()
            .map_err(Error::malformed)?;
        self.writes.push((part, TransactWriteItem::builder().put(put).build()));
        Ok(())
    }
}

/// The item of an entity, and its version: its fields, its keys, its place in the indexes and its expiry.
fn item_of<T: Entity>(entity: &T) -> Result<(Item, u64), Error> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(Error::malformed)?;
    // Absent fields are not written, because each byte is billed.
    item.retain(|_, value| !value.is_null());
    item.extend(primary(&entity.key()));
    let version = match item.get("version") {
        Some(AttributeValue::N(version)) => version.parse().map_err(Error::malformed)?,
        _ => 1,
    };
    item.insert("version".to_owned(), AttributeValue::N(version.to_string()));
    if let Some((name, sort)) = entity.list() {
        item.insert(LIST_NAME.to_owned(), AttributeValue::S(name));
        item.insert(LIST_SORT.to_owned(), AttributeValue::S(sort));
    }
    if let Some(at) = entity.due() {
        item.extend(due::place(&entity.key(), at));
    }
    if let Some(at) = entity.expires() {
        item.insert("expires".to_owned(), AttributeValue::N(at.as_second().to_string()));
    }
    Ok((item, version))
}
