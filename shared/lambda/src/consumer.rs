//! The adapter of consumers: it takes SQS batches and returns partial failures.

use std::{borrow::Cow, future::Future, panic::AssertUnwindSafe, sync::Arc};

use contracts::{Envelope, EventId, EventSet, Metadata};
use dynamo::{ConsumedMessage, Ids, RequestContext};
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

/// The consumer does not handle this event. The rule in its template matches too many events.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not consumed here")]
struct UnknownEvent(String);

/// A domain event that a consumer handles.
#[derive(Debug)]
pub struct Event<E> {
    /// The event's data.
    pub data: E,
    /// The event's metadata, such as its time and the aggregate's version.
    pub metadata: Metadata,
    /// The time, the ids and the consumed message, for the commit.
    pub context: RequestContext,
}

impl<E> Event<E> {
    /// The time of the consumption.
    pub fn now(&self) -> Timestamp {
        self.context.now
    }
}

/// A message that the service sent itself.
#[derive(Debug)]
pub struct Message<M> {
    /// The message.
    pub body: M,
    /// The time, the ids and the consumed message, for the commit.
    pub context: RequestContext,
}

pub(crate) struct Consumer<S, M, F> {
    pub(crate) name: &'static str,
    pub(crate) service: S,
    pub(crate) env: Env,
    pub(crate) handle: fn(S, M) -> F,
    /// Whether consumed messages are recorded.
    pub(crate) recorded: bool,
}

/// The fields of a batch that are used. Reading all of them would take a tenth of an invocation.
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
    /// The name of the event in the message. `None` for a message of another kind.
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
    invocation: Context,
) -> Outcome
where
    S: Service,
    E: EventSet,
    F: Future<Output = Result<(), Problem>> + Send,
{
    let batch: Batch<'_> = read_event(&payload)?;
    let handled = batch.records.iter().map(|record| guarded(consumer.event(record, &invocation)));
    report(&batch.records, join_all(handled).await)
}

/// Consumes a batch of the service's own messages.
pub(crate) async fn messages<S, M, F>(
    consumer: Arc<Consumer<S, Message<M>, F>>,
    payload: Box<RawValue>,
    invocation: Context,
) -> Outcome
where
    S: Service,
    M: DeserializeOwned + Send,
    F: Future<Output = Result<(), Problem>> + Send,
{
    let batch: Batch<'_> = read_event(&payload)?;
    let handled = batch.records.iter().map(|record| guarded(consumer.message(record, &invocation)));
    report(&batch.records, join_all(handled).await)
}

impl<S, E, F> Consumer<S, Event<E>, F>
where
    S: Service,
    E: EventSet,
    F: Future<Output = Result<(), Problem>> + Send,
{
    async fn event(&self, record: &Record<'_>, invocation: &Context) -> Result<(), Problem> {
        let delivered: Delivered<'_> = serde_json::from_str(&record.body).map_err(Problem::internal)?;
        retry::run(&self.env, invocation, || {
            let read = E::read(&delivered.detail_type, delivered.detail.get());
            let unknown = || Problem::internal(UnknownEvent(delivered.detail_type.clone()));
            let read = read.ok_or_else(unknown).and_then(|read| read.map_err(Problem::internal));
            let call = read.map(|Envelope { metadata, data }| {
                let context = self.context(record, metadata.id, Some(&metadata));
                Box::pin((self.handle)(self.service.clone(), Event { data, metadata, context }))
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
    async fn message(&self, record: &Record<'_>, invocation: &Context) -> Result<(), Problem> {
        let id: uuid::Uuid = record.message_id.parse().map_err(Problem::internal)?;
        retry::run(&self.env, invocation, || {
            let body = serde_json::from_str(&record.body).map_err(Problem::internal);
            let call = body.map(|body| {
                let context = self.context(record, id.into(), None);
                Box::pin((self.handle)(self.service.clone(), Message { body, context }))
            });
            async { call?.await }
        })
        .await
    }
}

impl<S, M, F> Consumer<S, M, F> {
    /// The seed of the ids is derived from the message's id, so a redelivered message makes the same ids again.
    fn context(&self, record: &Record<'_>, event: EventId, metadata: Option<&Metadata>) -> RequestContext {
        let now = self.env.now();
        let id = event.to_string();
        RequestContext {
            now,
            principal: metadata.map_or_else(|| "system".to_owned(), |metadata| metadata.principal.clone()),
            correlation: metadata.map_or_else(|| id.clone(), |metadata| metadata.correlation.clone()),
            causation: id,
            trace: record.attributes.trace_header.clone(),
            ids: Ids::new(metadata.map_or(now, |metadata| metadata.time), seed(event, self.name)),
            message: self.recorded.then(|| ConsumedMessage { consumer: self.name.to_owned(), id: event }),
            idempotency_key: None,
        }
    }
}

/// FNV-1a (128 bits) over the event's id and the consumer's name, so that two consumers make different ids.
fn seed(event: EventId, consumer: &str) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = event.uuid().into_bytes().into_iter().chain(consumer.bytes());
    bytes.fold(OFFSET, |hash, byte| (hash ^ u128::from(byte)).wrapping_mul(PRIME))
}

/// A panic on one message must not fail the other messages of its batch.
async fn guarded(handled: impl Future<Output = Result<(), Problem>>) -> Result<(), Problem> {
    AssertUnwindSafe(handled).catch_unwind().await.unwrap_or_else(|_| Err(Problem::internal("the consumer panicked")))
}

/// Reports the messages that failed. Only those are delivered again.
fn report(records: &[Record<'_>], outcomes: Vec<Result<(), Problem>>) -> Outcome {
    let mut failures = Vec::new();
    for (record, outcome) in records.iter().zip(outcomes) {
        let message_id = &record.message_id;
        match outcome {
            Ok(()) => {}
            Err(Problem::AlreadyDone | Problem::Repeated(_)) => tracing::debug!(message_id, "consumed before"),
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
