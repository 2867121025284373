//! Republish: puts events that the table keeps on the bus again.

use std::sync::Arc;

use dynamo::{EventRecord, Table};
use jiff::Timestamp;
use lambda_runtime::Context;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    Env, StartError,
    function::{Fault, Outcome, event, json},
    relay::{Relay, fitting},
};

/// Which events: those of one aggregate, or all since a time.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Which {
    /// `{"aggregate": "order#ord_…"}`
    Aggregate(String),
    /// `{"since": "2026-01-01T00:00:00Z"}`: reads the whole table.
    Since(Timestamp),
}

#[derive(Debug, Serialize)]
struct Republished {
    published: usize,
}

pub(crate) struct Republish {
    table: Table,
    relay: Relay,
}

impl Republish {
    pub(crate) fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { table: env.table()?, relay: Relay::start(env)? })
    }
}

/// Republishes, in the order of each aggregate; an event that the bus refuses ends it with a fault.
pub(crate) async fn republish(republish: Arc<Republish>, payload: Box<RawValue>, _: Context) -> Outcome {
    let store = |error: dynamo::Error| Fault::new("Store", error);
    let events: Vec<EventRecord> = match event(&payload)? {
        Which::Aggregate(key) => republish.table.query(key).prefix("event#").all().await.map_err(store)?,
        Which::Since(time) => republish.table.events_since(time).await.map_err(store)?,
    };
    let mut left = events.as_slice();
    while !left.is_empty() {
        let (now, later) = left.split_at(fitting(left));
        if republish.relay.put(now).await.contains(&true) {
            return Err(Fault::new("Bus", "the bus did not take every event; run it again"));
        }
        left = later;
    }
    json(&Republished { published: events.len() })
}
