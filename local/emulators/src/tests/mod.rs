//! Through the real SDK clients, as services use them.

mod durability;
mod dynamo;
mod events;
mod queues;
mod served;
mod settling;
mod streams;

use std::{path::PathBuf, time::Duration};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
    StreamSpecification, StreamViewType, TimeToLiveSpecification,
};
use jiff::Timestamp;

use crate::{Cloud, VirtualClock};

/// The SDK clients of a cloud.
struct Clients {
    dynamo: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    events: aws_sdk_eventbridge::Client,
}

macro_rules! client {
    ($sdk:ident, $http_client:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version($sdk::config::BehaviorVersion::latest())
                .region($sdk::config::Region::new("eu-west-1"))
                .credentials_provider(Credentials::new("local", "local", None, None, "tests"))
                .http_client($http_client)
                .build(),
        )
    };
}

fn clients(cloud: &Cloud) -> Clients {
    Clients {
        dynamo: client!(aws_sdk_dynamodb, cloud.http_client()),
        sqs: client!(aws_sdk_sqs, cloud.http_client()),
        events: client!(aws_sdk_eventbridge, cloud.http_client()),
    }
}

fn cloud() -> (Cloud, Clients) {
    let cloud = Cloud::memory();
    let clients = clients(&cloud);
    (cloud, clients)
}

/// A cloud in which no time passes unless the test says so.
fn frozen_cloud() -> (VirtualClock, Cloud, Clients) {
    let clock = VirtualClock::new("2026-01-01T12:00:00Z".parse().unwrap());
    let cloud = Cloud::with_clock(None, clock.clone()).unwrap();
    let clients = clients(&cloud);
    (clock, cloud, clients)
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A folder that is removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        Self(std::env::temp_dir().join(format!("souk-emulators-{}", uuid::Uuid::new_v4())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Clients {
    /// A table with keys pk and sk and a stream.
    async fn create_table(&self, name: &str) {
        let key = |name: &str, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
        let text = |name: &str| {
            let kind = ScalarAttributeType::S;
            AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap()
        };
        let stream =
            StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages);
        self.dynamo
            .create_table()
            .table_name(name)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key("pk", KeyType::Hash))
            .key_schema(key("sk", KeyType::Range))
            .attribute_definitions(text("pk"))
            .attribute_definitions(text("sk"))
            .stream_specification(stream.build().unwrap())
            .send()
            .await
            .unwrap();
    }

    async fn put(&self, table: &str, pk: &str, value: &str) {
        let item = [("pk", pk), ("sk", "a"), ("value", value)].map(|(name, value)| (name.to_owned(), text(value)));
        self.dynamo.put_item().table_name(table).set_item(Some(item.into())).send().await.unwrap();
    }

    /// From now on items of a table expire.
    async fn let_expire(&self, table: &str) {
        let ttl = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires").build().unwrap();
        let set = self.dynamo.update_time_to_live().table_name(table).time_to_live_specification(ttl);
        set.send().await.unwrap();
    }

    /// Puts an item that expires.
    async fn put_until(&self, table: &str, pk: &str, expires: Timestamp) {
        let put = self.dynamo.put_item().table_name(table).item("pk", text(pk)).item("sk", text("a"));
        put.item("expires", AttributeValue::N(expires.as_second().to_string())).send().await.unwrap();
    }

    /// Makes a queue and answers its URL.
    async fn create_queue(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        let mut create = self.sqs.create_queue().queue_name(name);
        for (name, value) in attributes {
            create = create.attributes((*name).into(), *value);
        }
        create.send().await.unwrap().queue_url.unwrap()
    }

    async fn send(&self, queue: &str, body: &str) {
        self.sqs.send_message().queue_url(queue).message_body(body).send().await.unwrap();
    }

    async fn receive(&self, queue: &str) -> Vec<aws_sdk_sqs::types::Message> {
        let receive = self.sqs.receive_message().queue_url(queue).max_number_of_messages(10);
        let receive = receive.message_system_attribute_names("All".into()).message_attribute_names("All");
        receive.send().await.unwrap().messages.unwrap_or_default()
    }

    async fn bodies(&self, queue: &str) -> Vec<String> {
        self.receive(queue).await.into_iter().map(|message| message.body.unwrap()).collect()
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// A redrive policy to the queue named `name`.
fn redrive_to(name: &str, max_receive_count: u32) -> String {
    let arn = format!("arn:aws:sqs:eu-west-1:000000000000:{name}");
    serde_json::json!({ "deadLetterTargetArn": arn, "maxReceiveCount": max_receive_count }).to_string()
}
