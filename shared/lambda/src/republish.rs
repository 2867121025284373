//! Puts stored events on the bus again.

use std::sync::Arc;

use aws_sdk_sqs::{Client, error::DisplayErrorContext, types::DeleteMessageBatchRequestEntry};
use dynamo::{EventRecord, Key, Table};
use jiff::{SignedDuration, Timestamp};
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
    /// `{"since": "2026-01-01T00:00:00Z"}`, or `{"since": "dead-letters"}` for the time of the first event that the relay
    /// gave up on. Reads the whole table, page by page. If the invocation runs out of time, the response has a `next`:
    /// send it as `after` to continue.
    Since { since: Since, after: Option<Key> },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Since {
    Relay(Relayed),
    Time(Timestamp),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Relayed {
    DeadLetters,
}

/// Lambda's message about a batch that the relay gave up on.
#[derive(Debug, Deserialize)]
struct DeadLetter {
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: Batch,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batch {
    approximate_arrival_of_first_record: Timestamp,
}

/// The time between an event and its arrival in the stream is at most the time for which a function can run: Lambda's
/// maximum.
const LONGEST_RUN: SignedDuration = SignedDuration::from_mins(15);
/// The maximum number of messages in one call to SQS.
const SQS_BATCH: usize = 10;
/// After so many empty replies in a row, there are no messages. A reply can be empty although there are some, because SQS
/// asks only some of its servers.
const EMPTY_REPLIES: usize = 3;
/// How long received dead letters are invisible, in seconds: longer than it takes to receive all, and shorter than an
/// invocation that runs out of time, so that the next one finds them.
const INVISIBLE: i32 = 30;

#[derive(Debug, Default, Serialize)]
struct Republished {
    published: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Key>,
}

pub(crate) struct Republish {
    table: Table,
    relay: Relay,
    dead_letters: DeadLetters,
    env: Env,
}

/// The queue of the relay's dead letters.
struct DeadLetters {
    client: Client,
    queue: String,
}

/// The dead letters that were received.
struct Received {
    receipts: Vec<String>,
    /// When the first of their events arrived.
    first: Timestamp,
}

impl DeadLetters {
    async fn receive(&self) -> Result<Option<Received>, InvocationError> {
        let (mut receipts, mut first) = (Vec::new(), None);
        let mut empty = 0;
        while empty < EMPTY_REPLIES {
            let call = self.client.receive_message().queue_url(&self.queue).max_number_of_messages(10);
            let answer = call.visibility_timeout(INVISIBLE).send().await.map_err(failed)?;
            let messages = answer.messages.unwrap_or_default();
            empty = if messages.is_empty() { empty + 1 } else { 0 };
            for message in messages {
                let letter: DeadLetter = serde_json::from_str(message.body.as_deref().unwrap_or_default())
                    .map_err(|error| InvocationError::new("DeadLetter", error))?;
                let arrived = letter.batch.approximate_arrival_of_first_record;
                first = Some(first.map_or(arrived, |first: Timestamp| first.min(arrived)));
                receipts.extend(message.receipt_handle);
            }
        }
        Ok(first.map(|first| Received { receipts, first }))
    }

    async fn delete(&self, receipts: &[String]) -> Result<(), InvocationError> {
        for receipts in receipts.chunks(SQS_BATCH) {
            let entry = |(at, receipt): (usize, &String)| {
                DeleteMessageBatchRequestEntry::builder().id(at.to_string()).receipt_handle(receipt).build()
            };
            let entries = receipts.iter().enumerate().map(entry).collect::<Result<_, _>>().map_err(failed)?;
            let call = self.client.delete_message_batch().queue_url(&self.queue).set_entries(Some(entries));
            let answer = call.send().await.map_err(failed)?;
            if let Some(failed) = answer.failed().first() {
                return Err(InvocationError::new("DeadLetter", failed.message().unwrap_or("a dead letter is left")));
            }
        }
        Ok(())
    }
}

fn failed(error: impl std::error::Error) -> InvocationError {
    InvocationError::new("DeadLetter", DisplayErrorContext(error))
}

impl Republish {
    pub(crate) fn start(env: &Env) -> Result<Self, StartError> {
        let dead_letters = DeadLetters { client: env.sqs(), queue: env.variable("RELAY_DEAD_LETTERS_URL")?.to_owned() };
        Ok(Self { table: env.table()?, relay: Relay::start(env)?, dead_letters, env: env.clone() })
    }

    /// Republishes the events since a time, page by page, as long as there is time.
    async fn since(
        &self,
        since: Timestamp,
        mut after: Option<Key>,
        context: &Context,
    ) -> Result<Republished, InvocationError> {
        let mut published = 0;
        loop {
            let (events, next) = self.table.events_since(since, after.as_ref()).await.map_err(store)?;
            published += self.put(&events).await?;
            if next.is_none() || !retry::time_for_a_page(&self.env, context) {
                return Ok(Republished { published, next });
            }
            after = next;
        }
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

fn store(error: dynamo::Error) -> InvocationError {
    InvocationError::new("Store", error)
}

/// Republishes the events, in the order of each aggregate. If the bus refuses an event, the invocation fails.
pub(crate) async fn republish(republish: Arc<Republish>, payload: Box<RawValue>, context: Context) -> Outcome {
    let mut done = Republished::default();
    match read_event(&payload)? {
        Which::Aggregate { aggregate } => {
            let events: Vec<EventRecord> =
                republish.table.query(aggregate).prefix("event#").all().await.map_err(store)?;
            done.published = republish.put(&events).await?;
        }
        Which::Since { since: Since::Time(since), after } => {
            done = republish.since(since, after, &context).await?;
        }
        Which::Since { since: Since::Relay(Relayed::DeadLetters), after } => {
            if let Some(Received { receipts, first }) = republish.dead_letters.receive().await? {
                done = republish.since(first - LONGEST_RUN, after, &context).await?;
                if done.next.is_none() {
                    republish.dead_letters.delete(&receipts).await?;
                }
            }
        }
    }
    respond(&done)
}
