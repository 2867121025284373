//! A service's table.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, KeysAndAttributes},
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::{Cause, Commit, Due, Entity, Error, EventRecord, Key, Query, Sealer, due};

/// Most keys of one `BatchGetItem` call.
const BATCH_GET_LIMIT: usize = 100;

/// A service's table: `pk`, `sk`, an index `gsi1` over `gsi1pk`, `gsi1sk` where a service lists by
/// something else than its keys, and an index `due` of keys alone over `dueShard`, `dueAt` where a
/// schedule looks after what waits. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: Arc<str>,
    sealer: Sealer,
}

pub(crate) type Item = HashMap<String, AttributeValue>;

impl Table {
    /// The table of that name; cursors are sealed with `sealer`.
    pub fn new(client: Client, name: &str, sealer: Sealer) -> Self {
        Self { client, name: name.into(), sealer }
    }

    /// The SDK's client, for the rare call that this kit does not know.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What seals the table's cursors and kept answers.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Reads one item, strongly consistent.
    pub async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        let call = self.client.get_item().table_name(self.name()).set_key(Some(primary(key))).consistent_read(true);
        call.send().await?.item.map(read).transpose()
    }

    /// Reads many items, strongly consistent, in one call for each 100 different keys; what is not
    /// there is left out, and the order is not that of the keys.
    pub async fn get_many<T: DeserializeOwned>(&self, keys: &[Key]) -> Result<Vec<T>, Error> {
        self.get_items(keys).await?.into_iter().map(read).collect()
    }

    pub(crate) async fn get_items(&self, keys: &[Key]) -> Result<Vec<Item>, Error> {
        let mut seen = HashSet::new();
        let different: Vec<_> = keys.iter().filter(|key| seen.insert(*key)).collect();
        let mut found = Vec::with_capacity(different.len());
        for chunk in different.chunks(BATCH_GET_LIMIT) {
            let mut wanted: Vec<Item> = chunk.iter().map(|key| primary(key)).collect();
            while !wanted.is_empty() {
                let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
                let request = request.map_err(Error::malformed)?;
                let answer = self.client.batch_get_item().request_items(self.name(), request).send().await?;
                let before = found.len();
                found.extend(answer.responses.unwrap_or_default().remove(self.name()).unwrap_or_default());
                let left = answer.unprocessed_keys.unwrap_or_default().remove(self.name());
                wanted = left.map(|keys| keys.keys).unwrap_or_default();
                if found.len() == before && !wanted.is_empty() {
                    return Err(Error::Conflict);
                }
            }
        }
        Ok(found)
    }

    /// Starts a query over one partition: `table.query(key.pk)`.
    pub fn query(&self, pk: impl Into<String>) -> Query {
        Query::partition(self.clone(), pk.into())
    }

    /// Starts a query over one partition of the index: eventually consistent.
    pub fn query_index(&self, gsi1pk: impl Into<String>) -> Query {
        Query::index(self.clone(), gsi1pk.into())
    }

    /// What was to be looked at before `now`, of entities of a kind (as in [`Key::of`]), page by page.
    pub fn due<T: Entity>(&self, kind: &str, now: Timestamp) -> Due<T> {
        Due::new(self.clone(), kind, now)
    }

    /// Starts a transaction.
    pub fn commit<'a>(&'a self, cause: &'a Cause) -> Commit<'a> {
        Commit::new(self, cause)
    }

    /// A page of the whole table, for repairs: the events since a time that stand in it, those of an aggregate in their
    /// order; and the key after which the next page begins.
    pub async fn events_since(
        &self,
        time: Timestamp,
        after: Option<&Key>,
    ) -> Result<(Vec<EventRecord>, Option<Key>), Error> {
        let scan = self.client.scan().table_name(self.name()).set_exclusive_start_key(after.map(primary));
        let scan = scan
            .filter_expression("begins_with(sk, :event)")
            .expression_attribute_values(":event", AttributeValue::S("event#".to_owned()));
        let answer = scan.send().await?;
        let events = answer.items.unwrap_or_default().into_iter().map(read::<EventRecord>);
        let mut events = events.collect::<Result<Vec<_>, _>>()?;
        events.retain(|event| event.time >= time);
        Ok((events, answer.last_evaluated_key.map(read).transpose()?))
    }

    /// The answer that a request with an idempotency key got when it took effect before, if it did.
    ///
    /// # Errors
    /// [`Error::KeyReused`] where the key stands for another request.
    pub async fn answered(&self, cause: &Cause) -> Result<Option<String>, Error> {
        let Some(once) = &cause.once else { return Ok(None) };
        let record = self.get::<crate::outcome::OnceRecord>(&Key::of("once", &once.key)).await?;
        let record = record.filter(|record| record.expires > cause.now.as_second());
        record.map(|record| record.answer_of(&once.fingerprint, &self.sealer)).transpose()
    }
}

/// The primary key as an item.
pub(crate) fn primary(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// Reads an item as a type.
pub(crate) fn read<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    serde_dynamo::from_item(item).map_err(Error::malformed)
}

/// The item of an entity: its fields beside its keys, its place in the index and its expiry.
pub(crate) fn item_of<T: Entity>(entity: &T) -> Result<Item, Error> {
    let mut item: Item = serde_dynamo::to_item(entity).map_err(Error::malformed)?;
    // What is not there is not written: each byte is billed.
    item.retain(|_, value| !value.is_null());
    item.extend(primary(&entity.key()));
    item.insert("version".to_owned(), AttributeValue::N(entity.version().to_string()));
    if let Some(Key { pk, sk }) = entity.index() {
        item.insert("gsi1pk".to_owned(), AttributeValue::S(pk));
        item.insert("gsi1sk".to_owned(), AttributeValue::S(sk));
    }
    if let Some(at) = entity.due() {
        item.extend(due::place(&entity.key(), at));
    }
    if let Some(at) = entity.expires() {
        item.insert("expires".to_owned(), AttributeValue::N(at.as_second().to_string()));
    }
    Ok(item)
}
