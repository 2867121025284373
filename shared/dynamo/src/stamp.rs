//! Stamps: they show that a single put took effect when it is sent a second time.
//!
//! A put has no request token. If its reply is lost, the SDK sends it again. The condition then fails, because the first
//! attempt or a later writer changed the item. So an item stores the stamps of its last changes, and a failed condition
//! returns the item.
//!
//! If the second attempt collides with a transaction on the item, it fails with a conflict, and the handler runs again.
//! The handler can then make the same change twice. So a change that adds to a value is never a single put.

use aws_sdk_dynamodb::types::AttributeValue;
use ring::digest::{Context, SHA256};

use crate::item::Item;

const STAMPS: &str = "stamps";
/// The number of stamps that an item stores. Between a put and its second attempt, one writer fewer than this can write.
const REMEMBERED: usize = 4;
/// The attributes that a stamp does not depend on.
const KEPT_BESIDE: [&str; 5] = ["version", STAMPS, "dueShard", "dueAt", "createdBy"];

/// Adds the stamp of this change to an item before it is written, and returns the stamp.
pub(crate) fn add(item: &mut Item, causation: &str) -> u64 {
    let version = item.get("version").and_then(|version| version.as_n().ok()?.parse().ok()).unwrap_or_default();
    let stamp = of(item, version, causation);
    let earlier = item.remove(STAMPS);
    let earlier = earlier.iter().filter_map(|earlier| earlier.as_l().ok()).flatten().cloned();
    let stamps = [number(stamp)].into_iter().chain(earlier).take(REMEMBERED).collect();
    item.insert(STAMPS.to_owned(), AttributeValue::L(stamps));
    stamp
}

/// Whether an item has a stamp.
pub(crate) fn has(item: &Item, stamp: u64) -> bool {
    item.get(STAMPS).and_then(|stamps| stamps.as_l().ok()).is_some_and(|stamps| stamps.contains(&number(stamp)))
}

/// 64 bits of SHA-256 over the written item, the new version and the cause of the change.
fn of(item: &Item, version: u64, causation: &str) -> u64 {
    let mut digest = Context::new(&SHA256);
    add_text(&mut digest, causation);
    digest.update(&version.to_be_bytes());
    add_map(&mut digest, item.iter().filter(|(name, _)| !KEPT_BESIDE.contains(&name.as_str())));
    let digest = digest.finish();
    u64::from_be_bytes(digest.as_ref().first_chunk().copied().unwrap_or_default())
}

fn number(stamp: u64) -> AttributeValue {
    AttributeValue::N(stamp.to_string())
}

fn add_map<'a>(digest: &mut Context, map: impl Iterator<Item = (&'a String, &'a AttributeValue)>) {
    let mut fields: Vec<_> = map.collect();
    fields.sort_unstable_by_key(|(name, _)| *name);
    for (name, value) in fields {
        add_text(digest, name);
        add_value(digest, value);
    }
}

fn add_value(digest: &mut Context, value: &AttributeValue) {
    match value {
        AttributeValue::S(text) | AttributeValue::N(text) => add_text(digest, text),
        AttributeValue::L(values) => values.iter().for_each(|value| add_value(digest, value)),
        AttributeValue::M(map) => add_map(digest, map.iter()),
        AttributeValue::B(bytes) => digest.update(bytes.as_ref()),
        AttributeValue::Bool(is) => digest.update(&[u8::from(*is)]),
        // Nulls are not written, and no entity has sets.
        _ => {}
    }
}

fn add_text(digest: &mut Context, text: &str) {
    digest.update(&(text.len() as u64).to_be_bytes());
    digest.update(text.as_bytes());
}
