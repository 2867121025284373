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
    /// `{"since": "dead-letters"}` finds the time from the relay's dead letters.
    DeadLetters { since: DeadLettersOnly },
    /// `{"since": "2026-01-01T00:00:00Z"}`
    Since(Scan),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum DeadLettersOnly {
    DeadLetters,
}

/// Reads the whole table, page by page.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Scan {
    since: Timestamp,
    /// The last item of the pages before.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Key>,
    /// Whether the dead letters about these events are then deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    dead_letters: bool,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Republished {
    /// The number of events.
    published: usize,
    /// The number of dead letters that were found.
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letters: Option<usize>,
    /// The invocation ran out of time: invoke the function with this.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<Scan>,
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

/// An event arrives in the stream at most this much later than its time: the longest time for which Lambda runs a function.
const LONGEST_RUN: SignedDuration = SignedDuration::from_mins(15);
/// The maximum number of messages in one call to SQS.
const SQS_BATCH: usize = 10;
/// After this number of empty replies in a row, the queue counts as empty. SQS asks only some of its servers, so a reply can
/// be empty although there are messages.
const EMPTY_REPLIES: usize = 3;
/// The maximum number of dead letters of an invocation. All of them are received before the first of them becomes visible
/// again, after 30 s.
const MOST_LETTERS: usize = 1000;

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

/// A dead letter that was received.
struct Received {
    receipt: String,
    /// No event of its batch is older than this.
    since: Timestamp,
}

impl DeadLetters {
    async fn receive(&self) -> Result<Vec<Received>, InvocationError> {
        let mut letters = Vec::new();
        let mut empty = 0;
        while empty < EMPTY_REPLIES && letters.len() < MOST_LETTERS {
            let call = self.client.receive_message().queue_url(&self.queue).max_number_of_messages(10);
            let messages = call.send().await.map_err(failed)?.messages.unwrap_or_default();
            empty = if messages.is_empty() { empty + 1 } else { 0 };
            for message in messages {
                let letter: DeadLetter = serde_json::from_str(message.body.as_deref().unwrap_or_default())
                    .map_err(|error| InvocationError::new("DeadLetter", error))?;
                let since = letter.batch.approximate_arrival_of_first_record - LONGEST_RUN;
                letters.push(Received { receipt: message.receipt_handle.unwrap_or_default(), since });
            }
        }
        Ok(letters)
    }

    async fn delete(&self, letters: &[&Received]) -> Result<(), InvocationError> {
        for letters in letters.chunks(SQS_BATCH) {
            let entry = |(at, letter): (usize, &&Received)| {
                DeleteMessageBatchRequestEntry::builder().id(at.to_string()).receipt_handle(&letter.receipt).build()
            };
            let entries = letters.iter().enumerate().map(entry).collect::<Result<_, _>>().map_err(failed)?;
            let call = self.client.delete_message_batch().queue_url(&self.queue).set_entries(Some(entries));
            let answer = call.send().await.map_err(failed)?;
            if let Some(left) = answer.failed().first() {
                return Err(InvocationError::new("DeadLetter", left.message().unwrap_or("a dead letter is left")));
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
    async fn since(&self, mut which: Scan, context: &Context) -> Result<Republished, InvocationError> {
        let mut published = 0;
        loop {
            let (events, last) = self.table.events_since(which.since, which.after.as_ref()).await.map_err(store)?;
            published += self.put(&events).await?;
            let more = last.is_some();
            which.after = last;
            if !more || !retry::time_for_a_page(&self.env, context) {
                return Ok(Republished { published, dead_letters: None, next: more.then_some(which) });
            }
        }
    }

    /// The same. Then deletes the dead letters about these events. Without a time, the time is that of the first event of
    /// the dead letters.
    async fn since_dead_letters(&self, which: Option<Scan>, context: &Context) -> Result<Republished, InvocationError> {
        let letters = self.dead_letters.receive().await?;
        let dead_letters = Some(letters.len());
        let from_letters = letters.iter().map(|letter| letter.since).min();
        let which = which.or(from_letters.map(|since| Scan { since, after: None, dead_letters: true }));
        let Some(which) = which else { return Ok(Republished { dead_letters, ..Republished::default() }) };
        let since = which.since;
        let done = self.since(which, context).await?;
        if done.next.is_none() {
            let done_with: Vec<_> = letters.iter().filter(|letter| letter.since >= since).collect();
            self.dead_letters.delete(&done_with).await?;
        }
        Ok(Republished { dead_letters, ..done })
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
    let done = match read_event(&payload)? {
        Which::Aggregate { aggregate } => {
            let events: Vec<EventRecord> =
                republish.table.query(aggregate).prefix("event#").all().await.map_err(store)?;
            Republished { published: republish.put(&events).await?, ..Republished::default() }
        }
        Which::DeadLetters { since: DeadLettersOnly::DeadLetters } => {
            republish.since_dead_letters(None, &context).await?
        }
        Which::Since(which) if which.dead_letters => republish.since_dead_letters(Some(which), &context).await?,
        Which::Since(which) => republish.since(which, &context).await?,
    };
    respond(&done)
}
