//! A service's table.

use std::{collections::HashSet, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, KeysAndAttributes},
};
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::{
    Error, EventRecord, Key, Sealer, Version,
    derived::Creates,
    item::{Item, primary, restore_id},
};

/// The maximum number of keys in one `BatchGetItem` call.
const BATCH_GET_LIMIT: usize = 100;

/// A service's table. Its key is `pk` and `sk`. It has up to three indexes, which contain only keys: `lists` over
/// `listName` and `listSort`, if the service lists items in another order than by key; `states` over `sk` and `listSort`,
/// if it also reads all lists as one; and `due` over `dueShard` and `dueAt`, if a schedule looks for overdue items. Cheap to clone. The methods for each kind of access are in a
/// separate module.
#[derive(Debug, Clone)]
pub struct Table {
    client: Client,
    name: Arc<str>,
    sealer: Sealer,
    /// Whether reads see every earlier write.
    pub(crate) consistent: bool,
    pub(crate) creates: Option<Creates>,
}

impl Table {
    /// Creates a handle of the table with this name. Cursors are sealed with `sealer`.
    pub fn new(client: Client, name: &str, sealer: Sealer) -> Self {
        Self { client, name: name.into(), sealer, consistent: true, creates: None }
    }

    /// The same table with eventually consistent reads. They cost half as much and may miss the changes of the last
    /// second, so they are for public lists and read models. Decisions and reads by id need the table itself.
    #[must_use]
    pub fn eventual(&self) -> Self {
        Self { consistent: false, ..self.clone() }
    }

    pub(crate) fn with(self, creates: Creates) -> Self {
        Self { creates: Some(creates), ..self }
    }

    /// The SDK's client, for calls that this crate does not provide.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The sealer of the table's cursors and stored replies.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// Reads one item, strongly consistent unless the table is [`Table::eventual`].
    pub async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, Error> {
        self.item(key).await?.map(read).transpose()
    }

    pub(crate) async fn item(&self, key: &Key) -> Result<Option<Item>, Error> {
        let call = self.client.get_item().table_name(self.name()).set_key(Some(primary(key)));
        Ok(call.consistent_read(self.consistent).send().await?.item)
    }

    /// Reads the event that took an entity to a version.
    pub async fn event(&self, key: &Key, version: u64) -> Result<Option<EventRecord>, Error> {
        self.get(&key.event(version)).await
    }

    /// Reads the last event of a log, in one call. The partition of the log must have no other events.
    pub async fn last_event(&self, log: &Key) -> Result<Option<EventRecord>, Error> {
        self.query(&log.pk).prefix("event#").newest_first().first().await
    }

    /// Reads many items like [`Table::get`], with one call for every 100 different keys. Missing items are left out, and
    /// the items are in no particular order.
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
                let request = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(self.consistent);
                let request = request.build().map_err(Error::malformed)?;
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

    /// Reads a page of the whole table, for checks of what is stored. Returns the page's entities of a [kind](Key::kind), and the
    /// key after which the next page begins.
    pub async fn scan<T: DeserializeOwned>(
        &self,
        kind: &str,
        after: Option<&Key>,
    ) -> Result<(Vec<T>, Option<Key>), Error> {
        let scan = self.client.scan().table_name(self.name()).set_exclusive_start_key(after.map(primary));
        let scan = scan
            .filter_expression("begins_with(pk, :kind) AND sk = :state")
            .expression_attribute_values(":kind", AttributeValue::S(format!("{kind}#")))
            .expression_attribute_values(":state", AttributeValue::S("state".to_owned()));
        let answer = scan.send().await?;
        let entities = answer.items.unwrap_or_default().into_iter().map(read).collect::<Result<_, _>>()?;
        Ok((entities, answer.last_evaluated_key.map(read).transpose()?))
    }

    /// Reads a page of the whole table, for repairs. Returns the page's events since a time, ordered within each
    /// aggregate, and the key after which the next page begins.
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
}

/// Reads an item as a type.
pub(crate) fn read<T: DeserializeOwned>(mut item: Item) -> Result<T, Error> {
    Version::gather(&mut item);
    restore_id(&mut item);
    serde_dynamo::from_item(item).map_err(Error::malformed)
}
