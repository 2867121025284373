//! The adapter of consumers: SQS batches in, partial failures out.

use std::{borrow::Cow, future::Future, panic::AssertUnwindSafe, sync::Arc};

use contracts::{Envelope, EventId, Metadata};
use dynamo::{Cause, Ids, Inbox};
use futures::{FutureExt, future::join_all};
use jiff::Timestamp;
use lambda_runtime::Context;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    Env, Problem, Service,
    outcome::{Outcome, read_event, respond_to_batch},
    retry,
};

/// An event that the consumer does not know: the rule in its template lets too much through.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not consumed here")]
struct UnknownEvent(String);

/// What a consumer consumes: one event, or an enum over several.
pub trait Consumes: Sized + Send {
    /// Adds every event, each with the function that converts it to this type.
    fn events(events: Events<'_, Self>) -> Events<'_, Self>;

    /// Source and name of each event.
    fn names() -> Vec<(&'static str, &'static str)> {
        Self::events(Events { names: Vec::new(), delivered: None, read: None }).names
    }

    /// Reads the `detail` of an event of that name.
    fn read(name: &str, detail: &str) -> Result<Envelope<Self>, Problem> {
        let events = Self::events(Events { names: Vec::new(), delivered: Some((name, detail)), read: None });
        events.read.unwrap_or_else(|| Err(Problem::internal(UnknownEvent(name.to_owned()))))
    }
}

impl<E: contracts::Event> Consumes for E {
    fn events(events: Events<'_, Self>) -> Events<'_, Self> {
        events.event(|event: E| event)
    }
}

/// The events of a consumer, as [`Consumes::events`] lists them. One list serves both the names and the reading, so that
/// no event is declared and not read.
pub struct Events<'a, T> {
    names: Vec<(&'static str, &'static str)>,
    /// Name and detail of the event to read, if there is one.
    delivered: Option<(&'a str, &'a str)>,
    read: Option<Result<Envelope<T>, Problem>>,
}

impl<T> Events<'_, T> {
    /// Adds an event; `variant` makes the consumer's type of it.
    #[must_use]
    pub fn event<E: contracts::Event>(mut self, variant: fn(E) -> T) -> Self {
        match self.delivered {
            None => self.names.push((E::SOURCE, E::NAME)),
            Some((name, detail)) if name == E::NAME => {
                let envelope = serde_json::from_str(detail).map_err(Problem::internal);
                self.read =
                    Some(envelope.map(|Envelope { metadata, data }| Envelope { metadata, data: variant(data) }));
            }
            Some(_) => {}
        }
        self
    }
}

/// A domain event on its way into a consumer.
#[derive(Debug)]
pub struct Event<E> {
    /// The event's data.
    pub data: E,
    /// Who, when and why; the aggregate's version.
    pub metadata: Metadata,
    /// Time, ids, inbox: what a commit remembers.
    pub cause: Cause,
}

impl<E> Event<E> {
    /// The time at which it is consumed.
    pub fn now(&self) -> Timestamp {
        self.cause.now
    }
}

/// A message that the service sent itself.
#[derive(Debug)]
pub struct Message<M> {
    /// The message.
    pub body: M,
    /// Time, ids, inbox: what a commit remembers.
    pub cause: Cause,
}

pub(crate) struct Consumer<S, M, F> {
    pub(crate) name: &'static str,
    pub(crate) service: S,
    pub(crate) env: Env,
    pub(crate) handle: fn(S, M) -> F,
    /// Whether what it consumed is recorded.
    pub(crate) recorded: bool,
}

/// A batch of messages, as far as it is read here: all of it would be a tenth of an invocation.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch<'a> {
    #[serde(borrow)]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: String,
    #[serde(borrow)]
    body: Cow<'a, str>,
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    approximate_receive_count: Option<String>,
    #[serde(rename = "AWSTraceHeader")]
    trace_header: Option<String>,
}

impl Record<'_> {
    /// The name of the event in it; none for a message of another kind.
    fn event(&self) -> Option<String> {
        serde_json::from_str(&self.body).ok().map(|Delivered { detail_type, .. }| detail_type)
    }
}

/// An event as `EventBridge` puts it into a queue.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Delivered<'a> {
    detail_type: String,
    #[serde(borrow)]
    detail: &'a RawValue,
}

/// Consumes a batch of domain events.
pub(crate) async fn events<S, E, F>(
    consumer: Arc<Consumer<S, Event<E>, F>>,
    payload: Box<RawValue>,
    context: Context,
) -> Outcome
where
    S: Service,
    E: Consumes,
    F: Future<Output = Result<(), Problem>> + Send,
{
    let batch: Batch<'_> = read_event(&payload)?;
    let handled = batch.records.iter().map(|record| guarded(consumer.event(record, &context)));
    report(&batch.records, join_all(handled).await)
}

/// Consumes a batch of the service's own messages.
pub(crate) async fn messages<S, M, F>(
    consumer: Arc<Consumer<S, Message<M>, F>>,
    payload: Box<RawValue>,
    context: Context,
) -> Outcome
where
    S: Service,
    M: DeserializeOwned + Send,
    F: Future<Output = Result<(), Problem>> + Send,
{
    let batch: Batch<'_> = read_event(&payload)?;
    let handled = batch.records.iter().map(|record| guarded(consumer.message(record, &context)));
    report(&batch.records, join_all(handled).await)
}

impl<S, E, F> Consumer<S, Event<E>, F>
where
    S: Service,
    E: Consumes,
    F: Future<Output = Result<(), Problem>> + Send,
{
    async fn event(&self, record: &Record<'_>, context: &Context) -> Result<(), Problem> {
        let delivered: Delivered<'_> = serde_json::from_str(&record.body).map_err(Problem::internal)?;
        retry::run(&self.env, context, || {
            let read = E::read(&delivered.detail_type, delivered.detail.get());
            let call = read.map(|Envelope { metadata, data }| {
                let cause = self.cause(record, metadata.id, Some(&metadata));
                Box::pin((self.handle)(self.service.clone(), Event { data, metadata, cause }))
            });
            async { call?.await }
        })
        .await
    }
}

impl<S, M, F> Consumer<S, Message<M>, F>
where
    S: Service,
    M: DeserializeOwned + Send,
    F: Future<Output = Result<(), Problem>> + Send,
{
    async fn message(&self, record: &Record<'_>, context: &Context) -> Result<(), Problem> {
        let id: uuid::Uuid = record.message_id.parse().map_err(Problem::internal)?;
        retry::run(&self.env, context, || {
            let body = serde_json::from_str(&record.body).map_err(Problem::internal);
            let call = body.map(|body| {
                let cause = self.cause(record, id.into(), None);
                Box::pin((self.handle)(self.service.clone(), Message { body, cause }))
            });
            async { call?.await }
        })
        .await
    }
}

impl<S, M, F> Consumer<S, M, F> {
    /// A redelivered message makes the same ids again: they are drawn from its own.
    fn cause(&self, record: &Record<'_>, event: EventId, metadata: Option<&Metadata>) -> Cause {
        let now = self.env.now();
        let id = event.to_string();
        Cause {
            now,
            principal: metadata.map_or_else(|| "system".to_owned(), |metadata| metadata.principal.clone()),
            correlation: metadata.map_or_else(|| id.clone(), |metadata| metadata.correlation.clone()),
            causation: id,
            trace: record.attributes.trace_header.clone(),
            ids: Ids::new(metadata.map_or(now, |metadata| metadata.time), seed(event, self.name)),
            inbox: self.recorded.then(|| Inbox { consumer: self.name.to_owned(), event }),
            idempotency_key: None,
        }
    }
}

/// FNV-1a (128 bits) over the event's id and the consumer's name: two consumers draw different ids.
fn seed(event: EventId, consumer: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = event.uuid().into_bytes().into_iter().chain(consumer.bytes());
    bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

/// One poisoned message must not take the others of its batch down with it.
async fn guarded(handled: impl Future<Output = Result<(), Problem>>) -> Result<(), Problem> {
    AssertUnwindSafe(handled).catch_unwind().await.unwrap_or_else(|_| Err(Problem::internal("the consumer panicked")))
}

/// Reports the messages that failed: they alone come again.
fn report(records: &[Record<'_>], outcomes: Vec<Result<(), Problem>>) -> Outcome {
    let mut failures = Vec::new();
    for (record, outcome) in records.iter().zip(outcomes) {
        let message_id = &record.message_id;
        match outcome {
            Ok(()) => {}
            Err(Problem::AlreadyDone | Problem::Replayed(_)) => tracing::debug!(message_id, "consumed before"),
            Err(problem) => {
                let receives = record.attributes.approximate_receive_count.as_deref();
                let error = &problem as &dyn std::error::Error;
                tracing::error!(error, message_id, event = record.event(), receives, "not consumed");
                failures.push(message_id.clone());
            }
        }
    }
    respond_to_batch(failures)
}
