//! Puts stored events on the bus again.

use std::sync::Arc;

use dynamo::{EventRecord, Key, Table};
use jiff::Timestamp;
use lambda_runtime::Context;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    Env, InvocationError, StartError,
    outcome::{Outcome, read_event, respond},
    relay::{Relay, fitting},
    retry,
};

/// The events to republish: those of one aggregate, or all since a time.
#[derive(Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Which {
    /// `{"aggregate": "order#ord_…"}`
    Aggregate { aggregate: String },
    /// `{"since": "2026-01-01T00:00:00Z"}` reads the whole table, page by page. If the invocation runs out of time,
    /// the response has a `next`: send it as `after` to continue.
    Since { since: Timestamp, after: Option<Key> },
}

#[derive(Debug, Default, Serialize)]
struct Republished {
    published: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Key>,
}

pub(crate) struct Republish {
    table: Table,
    relay: Relay,
    env: Env,
}

impl Republish {
    pub(crate) fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { table: env.table()?, relay: Relay::start(env)?, env: env.clone() })
    }

    async fn put(&self, mut events: &[EventRecord]) -> Result<usize, InvocationError> {
        let all = events.len();
        while !events.is_empty() {
            let (now, later) = events.split_at(fitting(events));
            if self.relay.put(now).await.contains(&true) {
                return Err(InvocationError::new("Bus", "the bus did not take every event; run it again"));
            }
            events = later;
        }
        Ok(all)
    }
}

/// Republishes the events, in the order of each aggregate. If the bus refuses an event, the invocation fails.
pub(crate) async fn republish(republish: Arc<Republish>, payload: Box<RawValue>, context: Context) -> Outcome {
    let store = |error: dynamo::Error| InvocationError::new("Store", error);
    let mut done = Republished::default();
    match read_event(&payload)? {
        Which::Aggregate { aggregate } => {
            let events: Vec<EventRecord> =
                republish.table.query(aggregate).prefix("event#").all().await.map_err(store)?;
            done.published = republish.put(&events).await?;
        }
        Which::Since { since, mut after } => loop {
            let (events, next) = republish.table.events_since(since, after.as_ref()).await.map_err(store)?;
            done.published += republish.put(&events).await?;
            if next.is_none() || !retry::time_for_a_page(&republish.env, &context) {
                done.next = next;
                break;
            }
            after = next;
        },
    }
    respond(&done)
}
