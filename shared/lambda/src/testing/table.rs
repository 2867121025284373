//! A test's own table: in the emulator, or in the `DynamoDB` that `SOUK_TEST_DYNAMODB` names.

use std::{env, thread, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    client::Waiters,
    error::SdkError,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
        ScalarAttributeType,
    },
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};

use tokio::runtime::Builder;

use crate::https;

/// How long AWS may take to make a table.
const PATIENCE: Duration = Duration::from_mins(1);

/// The address of the `DynamoDB` to test against; none for the emulator.
fn elsewhere() -> Option<String> {
    env::var("SOUK_TEST_DYNAMODB").ok().filter(|address| !address.is_empty())
}

/// The caller's own credentials, where the tests leave this process.
pub(super) fn credentials() -> impl Iterator<Item = (String, String)> {
    let variables = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
    let needed = variables.into_iter().filter(|_| elsewhere().is_some());
    needed.filter_map(|name| Some((name.to_owned(), env::var(name).ok()?)))
}

/// The emulator's HTTP client, whose requests to `DynamoDB` go elsewhere if they should.
pub(super) fn http_client(emulator: SharedHttpClient) -> SharedHttpClient {
    match elsewhere() {
        Some(address) => SharedHttpClient::new(Parted { address, dynamodb: https::client(), others: emulator }),
        None => emulator,
    }
}

/// The timeout of an attempt of a call. Stores other than the emulator can be slow with the largest transactions.
pub(super) fn attempt_timeout() -> Duration {
    Duration::from_secs(if elsewhere().is_some() { 30 } else { 2 })
}

#[derive(Debug)]
struct Parted<T> {
    address: String,
    dynamodb: T,
    others: T,
}

impl HttpClient for Parted<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Parted {
            address: self.address.clone(),
            dynamodb: self.dynamodb.http_connector(settings, components),
            others: self.others.http_connector(settings, components),
        })
    }
}

impl HttpConnector for Parted<SharedHttpConnector> {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        if !target.starts_with("DynamoDB_") {
            return self.others.call(request);
        }
        match request.set_uri(self.address.as_str()) {
            Ok(()) => self.dynamodb.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        }
    }
}

/// A table that no other test uses.
#[derive(Debug)]
pub(super) struct Fresh {
    name: String,
    /// What deletes it: a client without any connection that belongs to the test's runtime.
    client: Client,
}

impl Fresh {
    /// Makes it, with every index that a service's template describes.
    pub(super) async fn make(name: String, client: impl Fn() -> Client) -> Self {
        let key = |attribute: &str, kind| {
            KeySchemaElement::builder().attribute_name(attribute).key_type(kind).build().expect("whole")
        };
        let attribute = |(name, kind)| {
            AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().expect("whole")
        };
        let attributes = ["pk", "sk", "listName", "listSort", "dueShard"].map(|name| (name, ScalarAttributeType::S));
        let attributes = attributes.into_iter().chain([("dueAt", ScalarAttributeType::N)]).map(attribute);
        let index = |name, hash, range| {
            GlobalSecondaryIndex::builder()
                .index_name(name)
                .key_schema(key(hash, KeyType::Hash))
                .key_schema(key(range, KeyType::Range))
                .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
                .build()
                .expect("whole")
        };
        let maker = client();
        let made = maker
            .create_table()
            .table_name(&name)
            .billing_mode(BillingMode::PayPerRequest)
            .key_schema(key("pk", KeyType::Hash))
            .key_schema(key("sk", KeyType::Range))
            .set_attribute_definitions(Some(attributes.collect()))
            .global_secondary_indexes(index("lists", "listName", "listSort"))
            .global_secondary_indexes(index("states", "sk", "listSort"))
            .global_secondary_indexes(index("due", "dueShard", "dueAt"))
            .send()
            .await;
        // No other test uses the name: a second attempt may find the table of the first one.
        if let Err(error) = made.map_err(SdkError::into_service_error) {
            assert!(error.is_resource_in_use_exception(), "no table is made: {error}");
        }
        maker.wait_until_table_exists().table_name(&name).wait(PATIENCE).await.expect("the table gets ready");
        Self { name, client: client() }
    }
}

impl Drop for Fresh {
    /// What is left in an emulator goes with it.
    fn drop(&mut self) {
        if elsewhere().is_none() {
            return;
        }
        let deletion = self.client.delete_table().table_name(&self.name).send();
        // The test's own runtime may be about to end, and cannot be waited for in here.
        let deleted = thread::spawn(|| {
            let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime starts");
            runtime.block_on(deletion).map(drop).map_err(|error| error.into_service_error().to_string())
        });
        match deleted.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("the table {} stays: {error}", self.name),
            Err(_) => eprintln!("the table {} stays", self.name),
        }
    }
}
