//! Tests of this crate with the embedded store: conditions, transactions, pages.

mod commit;
mod due;
mod log;
mod query;
mod requests;
mod slice;

use std::ops::Deref;

use contracts::{Event, EventId};
use emulators::Cloud;
use jiff::{SignedDuration, Timestamp};
use lambda::testing::Harness;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ConsumedMessage, Entity, IdempotencyKey, Ids, Key, RequestContext, Sealer, Table, Version};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A counter with an owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    id: u32,
    owner: String,
    kind: String,
    count: u32,
    version: Version,
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

/// A counter that was read at a version.
fn counter(id: u32, version: u64) -> Counter {
    Counter { id, owner: "ada".to_owned(), kind: "usual".to_owned(), count: 0, version: Version::of(version) }
}

fn context(seed: u128) -> RequestContext {
    RequestContext {
        now: NOW,
        principal: "ada".to_owned(),
        causation: format!("request-{seed}"),
        correlation: "request".to_owned(),
        trace: None,
        ids: Ids::new(NOW, seed),
        message: None,
        idempotency_key: None,
    }
}

fn consuming(seed: u128, event: u128) -> RequestContext {
    let message = ConsumedMessage { consumer: "count".to_owned(), id: EventId::from(Uuid::from_u128(event)) };
    RequestContext { message: Some(message), ..context(seed) }
}

fn requested(seed: u128, key: &str, fingerprint: &str) -> RequestContext {
    RequestContext {
        idempotency_key: Some(IdempotencyKey { key: key.to_owned(), fingerprint: fingerprint.to_owned() }),
        ..context(seed)
    }
}

/// A separate table, which exists as long as the test uses it.
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
    fresh(Harness::new(Cloud::memory().http_client()).await)
}

/// A table whose store refuses every `UpdateItem`.
async fn table_without_updates() -> Fresh {
    let cloud = Cloud::memory();
    let client = emulators::http_client(move |target, body| {
        let cloud = cloud.clone();
        let target = if target.ends_with(".UpdateItem") { "DynamoDB_20120810.Refused".to_owned() } else { target };
        async move { Ok(cloud.dispatch(&target, &body).await) }
    });
    fresh(Harness::with_http_client(client).await)
}

fn fresh(harness: Harness) -> Fresh {
    let name = harness.env().variable("TABLE").unwrap();
    Fresh { table: Table::new(harness.env().dynamodb(), name, Sealer::new(&[7; 32])), _harness: harness }
}
