//! Entities and their keys.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The primary key of an item: partition and sort key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The partition: `order#ord_…`.
    pub pk: String,
    /// The sort key within the partition: `state` for the aggregate itself.
    pub sk: String,
}

/// The sort key of every aggregate.
pub(crate) const STATE: &str = "state";

impl Key {
    /// The key of an aggregate: `Key::of("order", id)`.
    pub fn of(kind: &str, id: impl fmt::Display) -> Self {
        Self { pk: format!("{kind}#{id}"), sk: STATE.to_owned() }
    }

    /// The key of an item that belongs to an aggregate and is listed with it.
    #[must_use]
    pub fn child(&self, kind: &str, id: impl fmt::Display) -> Self {
        Self { pk: self.pk.clone(), sk: format!("{kind}#{id}") }
    }

    /// The kind of item: `order` for `order#ord_…`, and `event` for an event of that order.
    pub fn kind(&self) -> &str {
        let kinds = if self.sk == "state" { &self.pk } else { &self.sk };
        kinds.split('#').next().unwrap_or_default()
    }

    /// The key of an aggregate's event.
    pub(crate) fn event(&self, version: u64) -> Self {
        let scope = if self.sk == "state" { String::new() } else { format!("{}#", self.sk) };
        Self { pk: self.pk.clone(), sk: format!("event#{scope}{version:08}") }
    }
}

/// An entity that is stored under its own key.
///
/// The field `version` counts the changes of the entity, from 1. Each event is one change, and so is a commit without
/// an event. [`crate::Commit::save`] raises it and makes it the condition of the write. An entity that is written
/// only once does not have this field; its version is 1.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync {
    /// How long its events are kept. By default they are kept for ever; events that are only an audit trail can
    /// expire.
    const EVENTS_KEPT: Option<jiff::SignedDuration> = None;

    /// The key of the entity.
    fn key(&self) -> Key;

    /// The list that contains the entity, and its sort key in that list. [`crate::Table::list`] reads the list.
    fn list(&self) -> Option<(String, String)> {
        None
    }

    /// The deadline of the entity. After it, [`crate::Table::due`] finds the entity.
    fn due(&self) -> Option<Timestamp> {
        None
    }

    /// The time after which the entity may be deleted. `DynamoDB` deletes later than this, so readers must compare
    /// the time.
    fn expires(&self) -> Option<Timestamp> {
        None
    }
}
