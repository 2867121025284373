//! Items, as the SDK has them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Error, Key};

/// The attributes of an item, by name.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The primary key as an item.
pub(crate) fn primary(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}

/// Removes the attribute `id` of an aggregate if the key contains it. Each stored byte is billed.
pub(crate) fn leave_out_id(item: &mut Item) {
    if item.contains_key("id") && item.get("id") == id_in_key(item).as_ref() {
        item.remove("id");
    }
}

/// Adds the attribute `id` that [`leave_out_id`] removed.
pub(crate) fn restore_id(item: &mut Item) {
    if let (false, Some(id)) = (item.contains_key("id"), id_in_key(item)) {
        item.insert("id".to_owned(), id);
    }
}

/// The id in the key of an aggregate: `ord_…` in `order#ord_…`.
fn id_in_key(item: &Item) -> Option<AttributeValue> {
    let Key { pk, sk } = key_of(item).ok()?;
    let (_, id) = pk.split_once('#').filter(|_| sk == "state")?;
    Some(AttributeValue::S(id.to_owned()))
}

/// The primary key of an item.
pub(crate) fn key_of(item: &Item) -> Result<Key, Error> {
    let text = |name| match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(Error::malformed(format_args!("an item without {name}"))),
    };
    Ok(Key { pk: text("pk")?, sk: text("sk")? })
}
