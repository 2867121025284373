//! Tests of the adapters, with a service that has one counter, invoked like Lambda does.

mod consumer;
mod http;
mod page;
mod problem;
mod relay;
mod roles;
mod schedule;
mod service_api;

use contracts::Role;
use dynamo::{Entity, Key, Table, Version};
use emulators::Cloud;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Call, Created, Env, Event, Found, Function, Problem, Service, StartError,
    testing::{Harness, Request, user},
};

#[derive(Debug, Clone)]
pub(crate) struct Counters {
    table: Table,
}

impl Service for Counters {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { table: env.table()? })
    }

    fn table(&self) -> &Table {
        &self.table
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Counter {
    count: u32,
    version: Version,
}

impl Entity for Counter {
    fn key(&self) -> Key {
        Key::of("counter", 1)
    }
}

/// It was counted.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Counted {
    by: u32,
}

impl contracts::Event for Counted {
    const SOURCE: &'static str = "souk.test";
    const NAME: &'static str = "Counted.v1";
}

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Count {
    #[garde(range(min = 1, max = 10))]
    by: u32,
}

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct GetCount {}

#[derive(Debug, Serialize, JsonSchema)]
struct CountView {
    count: u32,
}

impl Counters {
    async fn counter(&self) -> Result<Counter, Problem> {
        Ok(self.table.get(&Key::of("counter", 1)).await?.unwrap_or_default())
    }
}

fn count() -> Function {
    Function::http("count", |counters: Counters, call: Call<Count>| async move {
        let Counter { count, version } = counters.counter().await?;
        let counter = Counter { count: count + call.input.by, version };
        let commit = counters.table.commit(&call.context).save(&counter).event(&Counted { by: call.input.by });
        let reply = Created::at("/v1/count", CountView { count: counter.count }).version(&commit.version());
        Ok(commit.answer(reply).run().await?)
    })
    .versioned()
}

fn get_count() -> Function {
    let handle = |counters: Counters, _: Call<GetCount>| async move {
        let counter = counters.counter().await?;
        Ok(Found::new(CountView { count: counter.count }).version(&counter.version))
    };
    Function::http("get-count", handle).public().versioned()
}

fn on_counted() -> Function {
    Function::consumer("on-counted", |counters: Counters, event: Event<Counted>| async move {
        assert_ne!(event.data.by, 13, "thirteen is unlucky");
        let Counter { count, version } = counters.counter().await?;
        let counter = Counter { count: count + event.data.by, version };
        counters.table.commit(&event.context).save(&counter).run().await?;
        Ok(())
    })
}

async fn harness() -> Harness {
    Harness::new(Cloud::memory().http_client()).await
}

fn counting(by: u32) -> Request {
    Request::new("POST", "/v1/count").from(user(1), &[Role::Customer]).json(&json!({"by": by}))
}

async fn counted(harness: &Harness) -> u64 {
    let answer = harness.call(get_count, Request::new("GET", "/v1/count")).await;
    answer.json["count"].as_u64().unwrap()
}
