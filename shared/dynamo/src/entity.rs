//! What is stored, and under which key.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// The primary key of an item: partition and sort key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The partition: `order#ord_…`.
    pub pk: String,
    /// The place within it: `state` for the aggregate itself.
    pub sk: String,
}

impl Key {
    /// The key of an aggregate: `Key::of("order", id)`.
    pub fn of(kind: &str, id: impl fmt::Display) -> Self {
        Self { pk: format!("{kind}#{id}"), sk: "state".to_owned() }
    }

    /// The key of something that belongs to an aggregate and is listed with it.
    #[must_use]
    pub fn child(&self, kind: &str, id: impl fmt::Display) -> Self {
        Self { pk: self.pk.clone(), sk: format!("{kind}#{id}") }
    }

    /// What it is the key of: `order` of `order#ord_…`, and `event` of an event of that order.
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

/// Something stored under a key of its own.
///
/// Its field `version` counts its changes from 1: each event is one change, and so is a commit without an event. A decision
/// raises it; [`crate::Commit::save`] makes it a condition. What is written once has no such field: its version is 1.
pub trait Entity: Serialize + DeserializeOwned + Send + Sync {
    /// How long its events are kept: for ever, unless they are only an audit trail.
    const EVENTS_KEPT: Option<jiff::SignedDuration> = None;

    /// Where it is stored.
    fn key(&self) -> Key;

    /// The list that it is on, and what that is sorted by, if it is to be found by something else than its key:
    /// [`crate::Table::list`] finds it there.
    fn list(&self) -> Option<(String, String)> {
        None
    }

    /// When it is to be looked at, if nothing happens to it before: [`crate::Table::due`] finds it then.
    fn due(&self) -> Option<Timestamp> {
        None
    }

    /// When it may be forgotten. `DynamoDB` deletes lazily: whoever reads it compares the time.
    fn expires(&self) -> Option<Timestamp> {
        None
    }
}
