//! The index `due`: what waits, by when it is to be looked at.

use std::marker::PhantomData;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::{
    Entity, Error, Key, Table,
    table::{Item, read},
};

/// What waits is spread over so many partitions of the index, each of which takes 1,000 writes a second
/// (`DynamoDB`'s limit): every change of something that waits is two there, of the old place and the new.
const SHARDS: u32 = 4;
/// Most of one partition in a page; those of all partitions are one call of [`Table::get_many`].
const AT_ONCE: i32 = 25;

/// The attributes that put something into the index.
pub(crate) fn place(key: &Key, at: Timestamp) -> [(String, AttributeValue); 2] {
    let kind = key.pk.split('#').next().unwrap_or_default();
    // Ids end in random digits.
    let shard = key.pk.bytes().map(u32::from).sum::<u32>() % SHARDS;
    [
        ("dueShard".to_owned(), AttributeValue::S(format!("{kind}#{shard}"))),
        ("dueAt".to_owned(), AttributeValue::N(at.as_millisecond().to_string())),
    ]
}

/// What was due of a kind at a time, page by page: see [`Table::due`].
#[derive(Debug)]
pub struct Due<T> {
    table: Table,
    now: Timestamp,
    /// The partitions in which there may be more, and where each goes on.
    left: Vec<(String, Option<Item>)>,
    entity: PhantomData<fn() -> T>,
}

impl Table {
    /// The overdue entities of a kind (as in [`Key::of`]), page by page: those to be looked at before `now`.
    pub fn due<T: Entity>(&self, kind: &str, now: Timestamp) -> Due<T> {
        let left = (0..SHARDS).map(|shard| (format!("{kind}#{shard}"), None));
        Due { table: self.clone(), now, left: left.collect(), entity: PhantomData }
    }
}

impl<T: Entity> Due<T> {
    /// Whether there may be more of them.
    pub fn more(&self) -> bool {
        !self.left.is_empty()
    }

    /// The next of them, at most 100, the longest overdue first: after those that were there before, whatever became of
    /// them, so that what stays due keeps nothing else from being found. The index says which; they are read as they
    /// are, so what was looked at since is left out, and there may be none. What cannot be read is logged.
    pub async fn next(&mut self) -> Result<Vec<T>, Error> {
        let (mut keys, mut left) = (Vec::new(), Vec::new());
        for (shard, after) in &self.left {
            let (found, last) = self.keys(shard, after.clone()).await?;
            keys.extend(found);
            left.extend(last.map(|last| (shard.clone(), Some(last))));
        }
        let mut due = Vec::with_capacity(keys.len());
        for item in self.table.get_items(&keys).await? {
            let key = item.get("pk").cloned();
            match read::<T>(item) {
                Ok(entity) if entity.due().is_some_and(|at| at < self.now) => due.push(entity),
                Ok(_) => {}
                Err(error) => tracing::error!(?key, error = &error as &dyn std::error::Error, "cannot be read"),
            }
        }
        due.sort_by_cached_key(|entity| (entity.due(), entity.key().pk));
        self.left = left;
        Ok(due)
    }

    /// The next keys of a partition, the longest overdue first, and where it goes on if there may be more.
    async fn keys(&self, shard: &str, after: Option<Item>) -> Result<(Vec<Key>, Option<Item>), Error> {
        let call = self.table.client().query().table_name(self.table.name()).index_name("due").limit(AT_ONCE);
        let answer = call
            .key_condition_expression("dueShard = :shard AND dueAt < :now")
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_owned()))
            .expression_attribute_values(":now", AttributeValue::N(self.now.as_millisecond().to_string()))
            .set_exclusive_start_key(after)
            .send()
            .await?;
        let keys = answer.items.unwrap_or_default().into_iter().map(read::<Key>).collect::<Result<_, _>>()?;
        Ok((keys, answer.last_evaluated_key))
    }
}
