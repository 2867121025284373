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

use crate::{Cause, Commit, Entity, Error, EventRecord, Key, Query, Sealer};

/// Most keys of one `BatchGetItem` call.
const BATCH_GET_LIMIT: usize = 100;

/// A service's table: `pk`, `sk`, and an index `gsi1` over `gsi1pk`, `gsi1sk` where a service lists by
/// something else than its keys. Cheap to clone.
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
        let different: Vec<_> = keys.iter().collect::<HashSet<_>>().into_iter().collect();
        let mut found = Vec::with_capacity(different.len());
        for chunk in different.chunks(BATCH_GET_LIMIT) {
            let mut wanted: Vec<Item> = chunk.iter().map(|key| primary(key)).collect();
            while !wanted.is_empty() {
                let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
                let request = request.map_err(Error::malformed)?;
                let answer = self.client.batch_get_item().request_items(self.name(), request).send().await?;
                for item in answer.responses.unwrap_or_default().remove(self.name()).unwrap_or_default() {
                    found.push(read(item)?);
                }
                let left = answer.unprocessed_keys.unwrap_or_default().remove(self.name());
                wanted = left.map(|keys| keys.keys).unwrap_or_default();
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

    /// Starts a transaction.
    pub fn commit<'a>(&'a self, cause: &'a Cause) -> Commit<'a> {
        Commit::new(self, cause)
    }

    /// Every event since a time, aggregate by aggregate. It reads the whole table: for repairs.
    pub async fn events_since(&self, time: Timestamp) -> Result<Vec<EventRecord>, Error> {
        let (mut events, mut start) = (Vec::new(), None);
        loop {
            let scan = self.client.scan().table_name(self.name()).set_exclusive_start_key(start);
            let answer = scan.filter_expression("begins_with(sk, :event)");
            let answer =
                answer.expression_attribute_values(":event", AttributeValue::S("event#".to_owned())).send().await?;
            for item in answer.items.unwrap_or_default() {
                events.push(read::<EventRecord>(item)?);
            }
            start = answer.last_evaluated_key;
            if start.is_none() {
                events.retain(|event| event.time >= time);
                events.sort_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
                return Ok(events);
            }
        }
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
    item.extend(primary(&entity.key()));
    item.insert("version".to_owned(), AttributeValue::N(entity.version().to_string()));
    if let Some(Key { pk, sk }) = entity.index() {
        item.insert("gsi1pk".to_owned(), AttributeValue::S(pk));
        item.insert("gsi1sk".to_owned(), AttributeValue::S(sk));
    }
    if let Some(at) = entity.expires() {
        item.insert("expires".to_owned(), AttributeValue::N(at.as_second().to_string()));
    }
    Ok(item)
}
