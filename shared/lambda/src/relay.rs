//! The relay: from the table's stream to the bus. The table is the outbox.

use std::sync::Arc;

use aws_lambda_events::dynamodb::{Event as StreamEvent, EventRecord as StreamRecord};
use aws_sdk_eventbridge::{Client, types::PutEventsRequestEntry};
use aws_smithy_types::DateTime;
use dynamo::EventRecord;
use lambda_runtime::Context;
use serde_dynamo::AttributeValue;
use serde_json::value::RawValue;

use crate::{
    Env, Problem, StartError,
    outcome::{Outcome, read_event, respond_to_batch},
};

/// The maximum number of entries in one `PutEvents` call.
const MOST_ENTRIES: usize = 10;
/// The maximum size of all entries of a call in bytes, less a reserve for what `EventBridge` counts in addition to
/// the detail.
const MOST_BYTES: usize = 250 * 1024;

/// Puts event records on the bus.
pub(crate) struct Relay {
    client: Client,
    bus: String,
    env: Env,
}

impl Relay {
    pub(crate) fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { client: env.eventbridge(), bus: env.variable("EVENT_BUS")?.to_owned(), env: env.clone() })
    }

    /// Puts as many events on the bus as fit into a call, and returns which of them failed. A call succeeds even if
    /// some of its entries fail.
    pub(crate) async fn put(&self, events: &[EventRecord]) -> Vec<bool> {
        let entries = events.iter().map(|event| self.entry(event)).collect();
        match self.client.put_events().set_entries(Some(entries)).send().await {
            Ok(answer) => {
                let mut failed: Vec<bool> = answer.entries().iter().map(|entry| entry.event_id().is_none()).collect();
                // An event without an entry in the reply has failed.
                failed.resize(events.len(), true);
                for entry in answer.entries().iter().filter(|entry| entry.event_id().is_none()) {
                    tracing::error!(code = entry.error_code(), message = entry.error_message(), "an event was refused");
                }
                for (event, _) in events.iter().zip(&failed).filter(|(_, failed)| !**failed) {
                    self.env.metrics().event(&event.name);
                }
                failed
            }
            Err(error) => {
                tracing::error!(error = %Problem::internal(error), "the bus did not take the events");
                vec![true; events.len()]
            }
        }
    }

    fn entry(&self, event: &EventRecord) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.bus)
            .source(&event.source)
            .detail_type(&event.name)
            .detail(&event.detail)
            .time(DateTime::from_millis(event.time.as_millisecond()))
            .set_trace_header(event.trace.clone())
            .build()
    }
}

/// The number of these events that fit into one call, at least one.
pub(crate) fn fitting(events: &[EventRecord]) -> usize {
    let mut bytes = 0;
    let fits = events.iter().take(MOST_ENTRIES).take_while(|event| {
        bytes += event.detail.len();
        bytes <= MOST_BYTES
    });
    fits.count().max(1)
}

/// Forwards a batch of the stream. Lambda delivers the batch again from the first event that did not reach the bus.
/// Consumers discard events that they have already consumed.
pub(crate) async fn forward(relay: Arc<Relay>, payload: Box<RawValue>, _: Context) -> Outcome {
    let batch: StreamEvent = read_event(&payload)?;
    let (mut numbers, mut events) = (Vec::new(), Vec::new());
    let mut unreadable = None;
    for record in batch.records.iter().filter(|record| is_event(record)) {
        let number = record.change.sequence_number.clone().unwrap_or_default();
        match serde_dynamo::from_item::<_, EventRecord>(record.change.new_image.clone()) {
            Ok(event) => {
                numbers.push(number);
                events.push(event);
            }
            // The record is delivered again and finally goes to the dead-letter queue, so no event is silently
            // skipped.
            Err(error) => {
                tracing::error!(%error, number, "an event cannot be read");
                unreadable = Some(number);
                break;
            }
        }
    }
    let mut at = 0;
    while at < events.len() {
        let failed = relay.put(&events[at..at + fitting(&events[at..])]).await;
        if let Some(first) = failed.iter().position(|failed| *failed) {
            tracing::error!(events = events.len(), relayed = at + first, "the batch comes again from here on");
            return respond_to_batch(vec![numbers[at + first].clone()]);
        }
        at += failed.len();
    }
    respond_to_batch(unreadable.into_iter().collect())
}

/// Whether a stream record is a new event. The filter in the template selects only those.
fn is_event(record: &StreamRecord) -> bool {
    let sort_key = record.change.keys.get("sk");
    let is_event = |key: &AttributeValue| matches!(key, AttributeValue::S(key) if key.starts_with("event#"));
    record.event_name == "INSERT" && sort_key.is_some_and(is_event)
}
