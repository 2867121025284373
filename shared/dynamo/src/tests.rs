//! The kit against the embedded store: conditions, transactions, pages.

mod commit;
mod query;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Region},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType,
    },
};
use contracts::{Event, EventId};
use emulators::Cloud;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Cause, Entity, Ids, Inbox, Key, Once, Sealer, Table};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A counter that somebody owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    id: u32,
    owner: String,
    count: u32,
    version: u64,
}

impl Entity for Counter {
    const EVENTS_KEPT: Option<SignedDuration> = Some(SignedDuration::from_hours(1));

    fn key(&self) -> Key {
        Key::of("counter", self.id)
    }

    fn version(&self) -> u64 {
        self.version
    }

    fn index(&self) -> Option<Key> {
        Some(Key { pk: format!("owner#{}", self.owner), sk: format!("{:04}", self.id) })
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
    Counter { id, owner: "ada".to_owned(), count: 0, version }
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
        once: None,
    }
}

fn consuming(seed: u128, event: u128) -> Cause {
    let inbox = Inbox { consumer: "count".to_owned(), event: EventId::from(Uuid::from_u128(event)) };
    Cause { inbox: Some(inbox), ..cause(seed) }
}

fn requested(seed: u128, key: &str, fingerprint: &str) -> Cause {
    Cause { once: Some(Once { key: key.to_owned(), fingerprint: fingerprint.to_owned() }), ..cause(seed) }
}

async fn table() -> Table {
    let credentials = Credentials::new("test", "test", None, None, "test");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(credentials)
        .http_client(Cloud::memory().http_client());
    let client = Client::from_conf(config.build());
    let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let attribute = |name: &str| {
        let text = ScalarAttributeType::S;
        AttributeDefinition::builder().attribute_name(name).attribute_type(text).build().unwrap()
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name("gsi1")
        .key_schema(key("gsi1pk", KeyType::Hash))
        .key_schema(key("gsi1sk", KeyType::Range))
        .projection(Projection::builder().projection_type(ProjectionType::All).build());
    client
        .create_table()
        .table_name("test")
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .set_attribute_definitions(Some(["pk", "sk", "gsi1pk", "gsi1sk"].map(attribute).into()))
        .global_secondary_indexes(index.build().unwrap())
        .send()
        .await
        .unwrap();
    Table::new(client, "test", Sealer::new(&[7; 32]))
}
