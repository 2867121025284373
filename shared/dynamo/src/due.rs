//! The index `due`: what waits, by when it is to be looked at.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use crate::{Error, Key, Table, table::read};

/// What waits is spread over so many partitions of the index, each of which takes 1,000 writes a second
/// (`DynamoDB`'s limit): every change of something that waits is two there, of the old place and the new.
const SHARDS: u32 = 4;
/// Most that is looked at of one partition; all of them are one call of [`Table::get_many`].
const AT_ONCE: i32 = 25;

/// The partitions of what is of a kind.
pub(crate) fn shards(kind: &str) -> impl Iterator<Item = String> {
    (0..SHARDS).map(move |shard| format!("{kind}#{shard}"))
}

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

/// The keys in a partition that were due before a time, the longest overdue first.
pub(crate) async fn keys(table: &Table, shard: String, now: Timestamp) -> Result<Vec<Key>, Error> {
    let query = table.client().query().table_name(table.name()).index_name("due").limit(AT_ONCE);
    let query = query
        .key_condition_expression("dueShard = :shard AND dueAt < :now")
        .expression_attribute_values(":shard", AttributeValue::S(shard))
        .expression_attribute_values(":now", AttributeValue::N(now.as_millisecond().to_string()));
    query.send().await?.items.unwrap_or_default().into_iter().map(read::<Key>).collect()
}
