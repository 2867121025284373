//! The commit: all writes of a change, in one transaction or in one conditional put.

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use contracts::{EventSet, Sealed};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{
    Entity, Error, KEY_LIVES, Key, RequestContext, Table, Version, due,
    event::Draft,
    item::{Item, leave_out_id, primary},
    outcome::{Part, decode, decode_put},
    query::{LIST_NAME, LIST_SORT},
    requests::IdempotencyRecord,
    stamp,
    version::CreatedBy,
};

/// How long a consumed-message record is kept: longer than any redrive (a dead letter lives 14 days).
pub const INBOX_KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);

const ABSENT: &str = "attribute_not_exists(pk)";
const ABSENT_OR_EXPIRED: &str = "attribute_not_exists(pk) OR expires < :now";

/// A change that is being prepared, and the reply to its request. Nothing is written before [`Commit::run`].
#[must_use = "a commit writes nothing until it is run"]
pub struct Commit<'a, R = ()> {
    table: &'a Table,
    context: &'a RequestContext,
    writes: Vec<(Part, TransactWriteItem)>,
    saved: Option<Saved>,
    version: Version,
    /// Whether the commit creates the entity that records its request.
    creates: bool,
    failed: Option<Error>,
    reply: R,
}

/// The entity that was saved last, or the log, and the events of its change.
struct Saved {
    key: Key,
    /// The new state. A log has none.
    item: Option<Item>,
    before: Version,
    events: Vec<Draft>,
    events_kept: Option<SignedDuration>,
}

/// The result of a successful commit. A reply that is stored with an idempotency key can be made only from this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed<R = ()>(R);

impl<R> Committed<R> {
    /// The reply to a request that changes nothing. Nothing is written.
    pub const fn unchanged(reply: R) -> Self {
        Self(reply)
    }

    /// The reply.
    pub fn into_reply(self) -> R {
        self.0
    }
}

impl Table {
    /// Starts a commit.
    pub fn commit<'a>(&'a self, context: &'a RequestContext) -> Commit<'a> {
        Commit {
            table: self,
            context,
            writes: Vec::new(),
            saved: None,
            version: Version::default(),
            creates: false,
            failed: None,
            reply: (),
        }
    }
}

impl<'a> Commit<'a> {
    /// Stores the reply beside the request's idempotency key, if the request has one: a repeated request gets the same
    /// reply, as [`Error::Repeated`]. [`Commit::run`] returns the reply.
    pub fn answer<R: Serialize>(self, reply: R) -> Commit<'a, R> {
        let commit = self.step(|commit| {
            let Some(key) = &commit.context.idempotency_key else { return Ok(()) };
            // The created entity records the request.
            if commit.creates {
                return Ok(());
            }
            let remembered = primary(&commit.table.request_key(key));
            let puts = commit.writes.iter().filter_map(|(_, write)| write.put());
            // The key created an entity that this commit also saves. A transaction cannot write an item twice.
            if puts.into_iter().any(|put| remembered.iter().all(|(name, value)| put.item().get(name) == Some(value))) {
                return Err(Error::KeyReused);
            }
            let expires = (commit.context.now + KEY_LIVES).as_second();
            let answer = serde_json::to_string(&reply).map_err(Error::malformed)?;
            let record = IdempotencyRecord::new(&key.fingerprint, &answer, expires, commit.table.sealer())?;
            let mut item: Item = serde_dynamo::to_item(record).map_err(Error::malformed)?;
            item.extend(remembered);
            commit.put_unless_expired(Part::Request(key.fingerprint.clone()), item)
        });
        let Commit { table, context, writes, saved, version, creates, failed, reply: () } = commit;
        Commit { table, context, writes, saved, version, creates, failed, reply }
    }
}

impl<R> Commit<'_, R> {
    /// Saves an entity on the condition that the stored version is the version that was read. Each event that is
    /// added raises the version by one. A change without an event also raises it by one. An entity of version 0 must
    /// not exist yet.
    pub fn save<T: Entity>(self, entity: &T) -> Self {
        self.step(|commit| {
            let (item, before) = item_of(entity, commit.context.now)?;
            commit.saved = Some(Saved::new(entity, item, before));
            Ok(())
        })
    }

    /// Saves a new entity whose id is [`Table::derived_id`]. The entity records the request, so no other record of the
    /// request is written. A repeated request fails with [`Error::Repeated`].
    ///
    /// The commit fails with [`Error::Malformed`] if the id is another one.
    pub fn create<T: Entity>(self, entity: &T) -> Self {
        self.step(|commit| {
            let request = commit.context.idempotency_key.as_ref();
            let request = request.filter(|request| commit.table.request_key(request) == entity.key());
            let request = request.ok_or_else(|| Error::malformed("the entity's id is not derived from the request"))?;
            let (item, mut before) = item_of(entity, commit.context.now)?;
            before.set_created_by(CreatedBy::new(&request.fingerprint, commit.context.now));
            commit.saved = Some(Saved::new(entity, item, before));
            commit.creates = true;
            Ok(())
        })
    }

    /// An event of the entity saved before it: it takes the next version.
    pub fn event<E: EventSet>(mut self, event: &E) -> Self {
        match (Draft::new(event, self.context), &mut self.saved) {
            (Ok(draft), Some(saved)) => saved.events.push(draft),
            (Ok(_), None) => {
                self.failed = Some(Error::Malformed(format!("{} belongs to no saved entity", event.name())));
            }
            (Err(error), _) => self.failed = Some(error),
        }
        self
    }

    /// Appends an event to a log: an aggregate of up to 99,999,999 events, of which no state is stored. `after` is the version
    /// of the log's last event, or 0. If there is a later event already, the commit fails with [`Error::Conflict`]. A commit
    /// that only appends one event is one put.
    pub fn append<E: EventSet>(self, log: &Key, after: u64, event: &E) -> Self {
        let (log, before) = (log.clone(), Version::of(after));
        let start = |commit: &mut Self| {
            commit.saved = Some(Saved { key: log, item: None, before, events: Vec::new(), events_kept: None });
            Ok(())
        };
        self.step(start).event(event)
    }

    /// Adds a private part to the event before it: personal data, sealed with a key of its subject. It is stored beside
    /// the event and never put on the bus. [`Commit::amend`] replaces or removes it.
    pub fn private<T>(mut self, part: &Sealed<T>) -> Self {
        match self.saved.as_mut().and_then(|saved| saved.events.last_mut()) {
            Some(event) => event.set_private(part),
            None => self.failed = self.failed.or_else(|| Some(Error::malformed("a private part belongs to no event"))),
        }
        self
    }

    /// Replaces the private part of a stored event of an aggregate, or removes it. The commit fails with
    /// [`Error::Removed`] if there is no such event, or if a part that is to be replaced was removed.
    pub fn amend<T>(self, aggregate: &Key, version: u64, part: Option<&Sealed<T>>) -> Self {
        self.step(|commit| {
            let update = Update::builder()
                .table_name(commit.table.name())
                .set_key(Some(primary(&aggregate.event(version))))
                .expression_attribute_names("#private", "private");
            let update = match part {
                Some(part) => update
                    .condition_expression("attribute_exists(#private)")
                    .update_expression("SET #private = :private")
                    .expression_attribute_values(":private", AttributeValue::S(part.ciphertext().to_owned())),
                None => update.condition_expression("attribute_exists(pk)").update_expression("REMOVE #private"),
            };
            let update = update.build().map_err(Error::malformed)?;
            commit.writes.push((Part::Amendment, TransactWriteItem::builder().update(update).build()));
            Ok(())
        })
    }

    /// The new version of the entity that was saved last, or of the log.
    pub fn version(&self) -> Version {
        self.saved.as_ref().map_or_else(|| self.version.clone(), Saved::version)
    }

    /// Writes a row of a read model, unless the stored row has the same or a later version. Then the commit fails
    /// with [`Error::Stale`].
    pub fn project<T: Entity>(self, row: &T) -> Self {
        self.step(|commit| {
            let (mut item, version) = item_of(row, commit.context.now)?;
            version.put(&mut item)?;
            let put = Put::builder()
                .condition_expression("attribute_not_exists(pk) OR version < :version")
                .expression_attribute_values(":version", AttributeValue::N(version.to_string()));
            commit.put(Part::Projection, item, put)
        })
    }

    /// Writes an entity without a condition, for records that have only one writer.
    pub fn put_record<T: Entity>(self, entity: &T) -> Self {
        self.step(|commit| commit.put(Part::Record, item_of(entity, commit.context.now)?.0, Put::builder()))
    }

    /// Deletes the item under a key, if there is one.
    pub fn delete(self, key: &Key) -> Self {
        self.step(|commit| {
            let delete = Delete::builder().table_name(commit.table.name()).set_key(Some(primary(key)));
            let delete = delete.build().map_err(Error::malformed)?;
            commit.writes.push((Part::Record, TransactWriteItem::builder().delete(delete).build()));
            Ok(())
        })
    }

    /// Claims a key for a holder. If it is already claimed, the commit fails with [`Error::Taken`], which contains the
    /// holder.
    pub fn claim(self, key: &Key, holder: impl Serialize) -> Self {
        self.step(|commit| {
            let mut item = primary(key);
            let holder = serde_dynamo::to_attribute_value(holder).map_err(Error::malformed)?;
            item.insert("holder".to_owned(), holder);
            commit.put(Part::Claim, item, Put::builder().condition_expression(ABSENT))
        })
    }

    /// Writes everything or nothing, and returns the reply. A change of one item is a conditional put, which costs
    /// half as much as a transaction.
    ///
    /// # Errors
    /// The first condition that failed, in this order: [`Error::Repeated`], [`Error::KeyReused`] or [`Error::KeyExpired`],
    /// [`Error::Consumed`], [`Error::Taken`], [`Error::Stale`], [`Error::Conflict`], [`Error::Removed`].
    pub async fn run(self) -> Result<Committed<R>, Error> {
        let commit = self.step(Self::consume);
        if let Some(error) = commit.failed {
            return Err(error);
        }
        let (parts, mut items): (Vec<Part>, Vec<TransactWriteItem>) = commit.writes.into_iter().unzip();
        if let ([part], [TransactWriteItem { put: Some(put), .. }]) = (&parts[..], &mut items[..]) {
            let is_state = *part == Part::State || commit.creates;
            let stamp = is_state.then(|| stamp::add(&mut put.item, &commit.context.causation));
            let call = commit.table.client().put_item().table_name(put.table_name()).set_item(Some(put.item().clone()));
            let call = call
                .set_condition_expression(put.condition_expression.clone())
                .set_expression_attribute_values(put.expression_attribute_values.clone())
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            match call.send().await {
                Ok(_) => {}
                Err(error) => decode_put(part, error, stamp, commit.table.sealer(), commit.context.now)?,
            }
        } else {
            // The SDK makes one request token for the call and sends it again with each retry, so a lost reply does
            // not cause a second change. We do not set the token: another run of the handler can write something
            // else.
            let call = commit.table.client().transact_write_items().set_transact_items(Some(items));
            call.send().await.map_err(|error| decode(&parts, error, commit.table.sealer(), commit.context.now))?;
        }
        Ok(Committed(commit.reply))
    }

    /// Adds the consumed-message record to the commit, if the change is caused by a message.
    fn consume(&mut self) -> Result<(), Error> {
        let Some(message) = &self.context.message else { return Ok(()) };
        let mut item = primary(&Key::of("inbox", format_args!("{}#{}", message.consumer, message.id)));
        let expires = (self.context.now + INBOX_KEPT).as_second();
        item.insert("expires".to_owned(), AttributeValue::N(expires.to_string()));
        self.put_unless_expired(Part::ConsumedMessage, item)
    }

    /// Completes the entity that was saved last, then runs `f`. Does nothing after a failure.
    fn step(mut self, f: impl FnOnce(&mut Self) -> Result<(), Error>) -> Self {
        if self.failed.is_none() {
            self.failed = self.close().and_then(|()| f(&mut self)).err();
        }
        self
    }

    /// Adds the write of the entity that was saved last. All its events are known now.
    fn close(&mut self) -> Result<(), Error> {
        let Some(saved) = self.saved.take() else { return Ok(()) };
        self.version = saved.version();
        let Saved { key, item, before, events, events_kept } = saved;
        if let Some(item) = item {
            self.put_state(item, &before)?;
        }
        for (at, draft) in (before.number() + 1..).zip(events) {
            let record = draft.record(&key, at, self.context, events_kept)?;
            let item = serde_dynamo::to_item(record).map_err(Error::malformed)?;
            self.put(Part::State, item, Put::builder().condition_expression(ABSENT))?;
        }
        Ok(())
    }

    /// Adds the write of a state on the condition that the stored version is `before`.
    fn put_state(&mut self, mut item: Item, before: &Version) -> Result<(), Error> {
        self.version.put(&mut item)?;
        match (before.number(), &self.context.idempotency_key) {
            (0, Some(request)) if before.created_at().is_some() => {
                self.put_unless_expired(Part::Request(request.fingerprint.clone()), item)
            }
            (0, _) => self.put(Part::State, item, Put::builder().condition_expression(ABSENT)),
            (before, _) => {
                let put = Put::builder()
                    .condition_expression("version = :before")
                    .expression_attribute_values(":before", AttributeValue::N(before.to_string()));
                self.put(Part::State, item, put)
            }
        }
    }

    fn put_unless_expired(&mut self, part: Part, item: Item) -> Result<(), Error> {
        let now = AttributeValue::N(self.context.now.as_second().to_string());
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

impl Saved {
    fn new<T: Entity>(entity: &T, item: Item, before: Version) -> Self {
        Self { key: entity.key(), item: Some(item), before, events: Vec::new(), events_kept: T::EVENTS_KEPT }
    }

    /// The new version of the entity: one higher for each event, or one higher if there are no events.
    fn version(&self) -> Version {
        self.before.raised(self.before.number() + self.events.len().max(1) as u64, self.item.as_ref())
    }
}

/// Returns the item of an entity without its version, and the version. The item contains the fields, the keys, the
/// index attributes and the expiry.
fn item_of<T: Entity>(entity: &T, now: Timestamp) -> Result<(Item, Version), Error> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(Error::malformed)?;
    // Absent fields are not written, because each byte is billed.
    item.retain(|_, value| !value.is_null());
    let version = Version::take(&mut item)?;
    item.extend(primary(&entity.key()));
    leave_out_id(&mut item);
    if let Some((name, sort)) = entity.list() {
        item.insert(LIST_NAME.to_owned(), AttributeValue::S(name));
        item.insert(LIST_SORT.to_owned(), AttributeValue::S(sort));
    }
    if let Some(at) = entity.due() {
        item.extend(due::place(&entity.key(), version.due_at(), at, now));
    }
    if let Some(at) = entity.expires() {
        item.insert("expires".to_owned(), AttributeValue::N(at.as_second().to_string()));
    }
    Ok((item, version))
}
