//! The kit against the embedded store: conditions, transactions, pages.

mod commit;
mod due;
mod query;

use std::ops::Deref;

use contracts::{Event, EventId};
use emulators::Cloud;
use jiff::{SignedDuration, Timestamp};
use lambda::testing::Harness;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Cause, Entity, IdempotencyKey, Ids, Inbox, Key, Sealer, Table};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A counter that somebody owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    id: u32,
    owner: String,
    kind: String,
    count: u32,
    version: u64,
}

impl Entity for Counter {
    const EVENTS_KEPT: Option<SignedDuration> = Some(SignedDuration::from_hours(1));

    fn key(&self) -> Key {
        Key::of("counter", self.id)
    }

    fn list(&self) -> Option<(String, String)> {
        Some((format!("owner#{}", self.owner), format!("{:04}", self.id)))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counted {
    count: u32,
}

impl Event for Counted {
    const SOURCE: &'static str = "souk.test";
    const NAME: &'static str = "Counted.v1";
}

fn counter(id: u32, version: u64) -> Counter {
    Counter { id, owner: "ada".to_owned(), kind: "usual".to_owned(), count: 0, version }
}

fn cause(seed: u128) -> Cause {
    Cause {
        now: NOW,
        principal: "ada".to_owned(),
        causation: "request".to_owned(),
        correlation: "request".to_owned(),
        trace: None,
        ids: Ids::new(NOW, seed),
        inbox: None,
        idempotency_key: None,
    }
}

fn consuming(seed: u128, event: u128) -> Cause {
    let inbox = Inbox { consumer: "count".to_owned(), event: EventId::from(Uuid::from_u128(event)) };
    Cause { inbox: Some(inbox), ..cause(seed) }
}

fn requested(seed: u128, key: &str, fingerprint: &str) -> Cause {
    Cause {
        idempotency_key: Some(IdempotencyKey { key: key.to_owned(), fingerprint: fingerprint.to_owned() }),
        ..cause(seed)
    }
}

/// A table of its own, for as long as a test has it.
struct Fresh {
    table: Table,
    _harness: Harness,
}

impl Deref for Fresh {
    type Target = Table;

    fn deref(&self) -> &Table {
        &self.table
    }
}

async fn table() -> Fresh {
    let harness = Harness::new(Cloud::memory().http_client()).await;
    let name = harness.env().variable("TABLE").unwrap();
    Fresh { table: Table::new(harness.env().dynamodb(), name, Sealer::new(&[7; 32])), _harness: harness }
}
