//! The index `due`: entities with a deadline, sorted by the deadline.

use std::marker::PhantomData;

use aws_sdk_dynamodb::{operation::update_item::UpdateItemError, types::AttributeValue};
use jiff::Timestamp;

use crate::{
    Entity, Error, Key, Table,
    item::{Item, key_of, primary},
    table::read,
};

/// The number of partitions of the index. Each partition accepts 1,000 writes a second (`DynamoDB`'s limit). A change
/// of a deadline is two writes to the index: it removes the old entry and adds the new one.
const SHARDS: u32 = 4;
/// The maximum number of entries of one partition in a page. The entries of all partitions are read with one call of
/// [`Table::get_many`].
const AT_ONCE: i32 = 25;

/// A change keeps an entity's place in the index if the time until the place is at least a tenth of the time until the
/// deadline. A move costs two writes to the index, and most entities change again before their place is reached. The scan
/// moves an entity that it finds too early.
const KEPT: i64 = 10;

/// The index attributes of an entity with a deadline. They keep the stored place, unless it is past, after the deadline
/// or too near (see [`KEPT`]).
pub(crate) fn place(
    key: &Key,
    stored: Option<i64>,
    deadline: Timestamp,
    now: Timestamp,
) -> [(String, AttributeValue); 2] {
    let (deadline, now) = (deadline.as_millisecond(), now.as_millisecond());
    let keeps = |at: &i64| *at > now && *at <= deadline && (at - now).saturating_mul(KEPT) >= deadline - now;
    let at = stored.filter(keeps).unwrap_or(deadline);
    let kind = key.pk.split('#').next().unwrap_or_default();
    // Ids end in random digits.
    let shard = key.pk.bytes().map(u32::from).sum::<u32>() % SHARDS;
    [
        ("dueShard".to_owned(), AttributeValue::S(format!("{kind}#{shard}"))),
        ("dueAt".to_owned(), AttributeValue::N(at.to_string())),
    ]
}

/// The entities of a kind that are overdue at a time, page by page. See [`Table::due`].
#[derive(Debug)]
pub struct OverdueScan<T> {
    table: Table,
    now: Timestamp,
    /// The partitions that may have more entries, and where the next page of each begins.
    left: Vec<(String, Option<Item>)>,
    entity: PhantomData<fn() -> T>,
}

impl Table {
    /// The overdue entities of a kind (as in [`Key::of`]), page by page: those with a deadline before `now`.
    pub fn due<T: Entity>(&self, kind: &str, now: Timestamp) -> OverdueScan<T> {
        let left = (0..SHARDS).map(|shard| (format!("{kind}#{shard}"), None));
        OverdueScan { table: self.clone(), now, left: left.collect(), entity: PhantomData }
    }
}

impl Table {
    /// Moves an entity that was found too early to its deadline, unless it was changed in the meantime. This is the
    /// only write that does not raise the version.
    async fn move_place(&self, key: &Key, version: Option<AttributeValue>, deadline: Timestamp) -> Result<(), Error> {
        let call = self.client().update_item().table_name(self.name()).set_key(Some(primary(key)));
        let values = [(":deadline", Some(number(deadline))), (":version", version)];
        let values = values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let call = call
            .update_expression("SET dueAt = :deadline")
            .condition_expression("version = :version")
            .set_expression_attribute_values(Some(values));
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(
                    UpdateItemError::ConditionalCheckFailedException(_)
                    | UpdateItemError::TransactionConflictException(_),
                ) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }
}

impl<T: Entity> OverdueScan<T> {
    /// Whether there may be more overdue entities.
    pub fn more(&self) -> bool {
        !self.left.is_empty()
    }

    /// Returns the next page of at most 100 entities, the longest overdue first. Each page continues after the last
    /// key of the previous page, so an entity that stays overdue does not hide others. The entities in the index are
    /// read from the table; those that are no longer overdue are left out, so a page can be empty. An entity that
    /// cannot be read is logged.
    pub async fn next(&mut self) -> Result<Vec<T>, Error> {
        let (mut keys, mut left) = (Vec::new(), Vec::new());
        for (shard, after) in &self.left {
            let (found, last) = self.keys(shard, after.clone()).await?;
            keys.extend(found);
            left.extend(last.map(|last| (shard.clone(), Some(last))));
        }
        let mut due = Vec::with_capacity(keys.len());
        for item in self.table.get_items(&keys).await? {
            let (key, version, place) = (key_of(&item)?, item.get("version").cloned(), item.get("dueAt").cloned());
            match read::<T>(item).map(|entity| (entity.due(), entity)) {
                Ok((Some(deadline), entity)) if deadline < self.now => due.push(entity),
                // It may already have been moved. The index is eventually consistent.
                Ok((Some(deadline), _)) if place == Some(number(deadline)) => {}
                Ok((Some(deadline), _)) => {
                    if let Err(error) = self.table.move_place(&key, version, deadline).await {
                        tracing::error!(?key, error = &error as &dyn std::error::Error, "cannot be moved");
                    }
                }
                Ok((None, _)) => {}
                Err(error) => tracing::error!(?key, error = &error as &dyn std::error::Error, "cannot be read"),
            }
        }
        due.sort_by_cached_key(|entity| (entity.due(), entity.key().pk));
        self.left = left;
        Ok(due)
    }

    /// The next keys of a partition, the longest overdue first, and where the next page begins if there may be more.
    async fn keys(&self, shard: &str, after: Option<Item>) -> Result<(Vec<Key>, Option<Item>), Error> {
        let call = self.table.client().query().table_name(self.table.name()).index_name("due").limit(AT_ONCE);
        let answer = call
            .key_condition_expression("dueShard = :shard AND dueAt < :now")
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
            .expression_attribute_values(":now", number(self.now))
            .set_exclusive_start_key(after)
            .send()
            .await?;
        let keys = answer.items.unwrap_or_default().into_iter().map(read::<Key>).collect::<Result<_, _>>()?;
        Ok((keys, answer.last_evaluated_key))
    }
}

fn number(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.as_millisecond().to_string())
}
