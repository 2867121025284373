//! The ids of entities as they would be if they were derived from the idempotency key alone, without its caller.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

/// The entities that were created with each idempotency key.
#[derive(Default)]
pub(crate) struct Created {
    /// The id of the first entity, by kind and idempotency key.
    first: BTreeMap<(String, String), String>,
    /// The first entity's id, by the ids of later entities with the same key.
    instead: BTreeMap<String, String>,
}

impl Created {
    /// The body of a call, in which all entities that were created with one key have one id.
    pub(crate) fn rename(&mut self, key: Option<&str>, body: &Bytes) -> Bytes {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let items = asked["TransactItems"].as_array().into_iter().flatten().map(|item| &item["Put"]["Item"]);
        let created = items.chain([&asked["Item"]]).find(|item| item["createdBy"].is_object());
        let created = created.and_then(|item| item["pk"]["S"].as_str()?.split_once('_'));
        if let (Some((kind, id)), Some(key)) = (created, key) {
            let first = self.first.entry((kind.to_owned(), key.to_owned())).or_insert_with(|| id.to_owned());
            if first != id {
                self.instead.insert(id.to_owned(), first.clone());
            }
        }
        let text = String::from_utf8_lossy(body).into_owned();
        self.instead.iter().fold(text, |text, (id, first)| text.replace(id, first)).into()
    }
}
