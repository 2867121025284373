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

/// The primary key of an item.
pub(crate) fn key_of(item: &Item) -> Result<Key, Error> {
    let text = |name| match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text.clone()),
        _ => Err(Error::malformed(format_args!("an item without {name}"))),
    };
    Ok(Key { pk: text("pk")?, sk: text("sk")? })
}
