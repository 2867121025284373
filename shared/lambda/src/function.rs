//! A function: what invokes it, and what it does then.

use std::{
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::future::BoxFuture;
use lambda_runtime::{Context, Diagnostic};
use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tracing::Instrument;

use crate::{
    Call, Consumes, Credentials, Env, Event, Identity, Input, Message, Problem, Reply, ReplyShape, Service, StartError,
    Tick, authorizer, consumer, http, metrics::Sample, relay, republish, schedule,
};

/// What invokes a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// A request through API Gateway.
    Http(Http),
    /// Domain events from a queue: source and name of each.
    Events(Vec<(&'static str, &'static str)>),
    /// Messages that the service sends itself, from a queue.
    Messages,
    /// The table's stream.
    Stream,
    /// A schedule.
    Schedule,
    /// An invocation with IAM only.
    Invoke,
    /// API Gateway, to learn who calls.
    Authorizer,
}

/// The contract of an operation with a route.
#[derive(Debug, Clone, Copy)]
pub struct Http {
    /// The schema of its input: path parameters, query and body by name.
    pub input: fn(&mut SchemaGenerator) -> Schema,
    /// What it answers.
    pub reply: ReplyShape,
    /// Whether anyone may call it without a token.
    pub public: bool,
    /// Whether a POST can be repeated without an idempotency key.
    pub repeatable: bool,
}

/// Why an invocation failed, for Lambda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The kind of failure.
    pub kind: String,
    /// What happened.
    pub message: String,
}

impl Fault {
    pub(crate) fn new(kind: &str, message: impl fmt::Display) -> Self {
        Self { kind: kind.to_owned(), message: message.to_string() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for Fault {}

impl From<Fault> for Diagnostic {
    fn from(fault: Fault) -> Self {
        Self { error_type: fault.kind, error_message: fault.message }
    }
}

/// What an invocation answers.
pub(crate) struct Answer {
    pub(crate) body: Box<RawValue>,
    /// Whether it says that something went wrong here: Lambda itself sees a success.
    pub(crate) failed: bool,
}

pub(crate) type Outcome = Result<Answer, Fault>;
type Handler = Arc<dyn Fn(Box<RawValue>, Context) -> BoxFuture<'static, Outcome> + Send + Sync>;
type Start = Box<dyn Fn(&'static str, &Trigger, &Env) -> Result<Handler, StartError> + Send + Sync>;

/// One Lambda function: its name (also of its binary and its file), its trigger and its handler.
pub struct Function {
    name: &'static str,
    trigger: Trigger,
    start: Start,
}

impl Function {
    /// An operation with a route: the caller must be known, and a POST must carry an idempotency key.
    pub fn http<S, I, R, F>(name: &'static str, handle: fn(S, Call<I>) -> F) -> Self
    where
        S: Service,
        I: Input + 'static,
        R: Reply + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let http = Http { input: I::schema, reply: R::shape(), public: false, repeatable: false };
        let start: Start = Box::new(move |name, trigger, env| {
            let Trigger::Http(contract) = *trigger else { unreachable!("made with this trigger above") };
            let operation = http::Operation { name, contract, service: S::start(env)?, env: env.clone(), handle };
            Ok(handler(operation, http::serve))
        });
        Self { name, trigger: Trigger::Http(http), start }
    }

    /// Anyone may call it. The template must say so too.
    #[must_use]
    pub fn public(mut self) -> Self {
        if let Trigger::Http(http) = &mut self.trigger {
            http.public = true;
        }
        self
    }

    /// A POST that makes nothing a second time by its nature, and needs no idempotency key.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        if let Trigger::Http(http) = &mut self.trigger {
            http.repeatable = true;
        }
        self
    }

    /// A consumer of domain events: one at a time, each once.
    pub fn consumer<S, E, F>(name: &'static str, handle: fn(S, Event<E>) -> F) -> Self
    where
        S: Service,
        E: Consumes + 'static,
        F: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        Self::starting(name, Trigger::Events(E::names()), move |name, env| {
            let consumer = consumer::Consumer { name, service: S::start(env)?, env: env.clone(), handle };
            Ok(handler(consumer, consumer::events))
        })
    }

    /// A consumer of messages that its own service sends: `M` as JSON.
    pub fn messages<S, M, F>(name: &'static str, handle: fn(S, Message<M>) -> F) -> Self
    where
        S: Service,
        M: serde::de::DeserializeOwned + Send + 'static,
        F: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        Self::starting(name, Trigger::Messages, move |name, env| {
            let consumer = consumer::Consumer { name, service: S::start(env)?, env: env.clone(), handle };
            Ok(handler(consumer, consumer::messages))
        })
    }

    /// What runs on a schedule.
    pub fn schedule<S, F>(name: &'static str, handle: fn(S, Tick) -> F) -> Self
    where
        S: Service,
        F: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        Self::starting(name, Trigger::Schedule, move |_, env| {
            let job = schedule::Job { service: S::start(env)?, env: env.clone(), handle };
            Ok(handler(job, schedule::tick))
        })
    }

    /// What is invoked with IAM only: its input is the payload, its answer the reply's body.
    pub fn invoked<S, I, R, F>(name: &'static str, handle: fn(S, Call<I>) -> F) -> Self
    where
        S: Service,
        I: Input + 'static,
        R: Reply + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        Self::starting(name, Trigger::Invoke, move |_, env| {
            let job = schedule::Job { service: S::start(env)?, env: env.clone(), handle };
            Ok(handler(job, schedule::invoke))
        })
    }

    /// Tells API Gateway who calls. It only authenticates: functions authorise.
    pub fn authorizer<S, F>(name: &'static str, handle: fn(S, Credentials) -> F) -> Self
    where
        S: Service,
        F: Future<Output = Result<Identity, Problem>> + Send + 'static,
    {
        Self::starting(name, Trigger::Authorizer, move |_, env| {
            let job = schedule::Job { service: S::start(env)?, env: env.clone(), handle };
            Ok(handler(job, authorizer::authorize))
        })
    }

    /// Puts a service's new events on the bus, from its table's stream.
    pub fn relay(name: &'static str) -> Self {
        Self::starting(name, Trigger::Stream, |_, env| Ok(handler(relay::Relay::start(env)?, relay::forward)))
    }

    /// Puts a service's old events on the bus again: consumers' inboxes make that safe.
    pub fn republish(name: &'static str) -> Self {
        Self::starting(name, Trigger::Invoke, |_, env| {
            Ok(handler(republish::Republish::start(env)?, republish::republish))
        })
    }

    fn starting(
        name: &'static str,
        trigger: Trigger,
        start: impl Fn(&'static str, &Env) -> Result<Handler, StartError> + Send + Sync + 'static,
    ) -> Self {
        Self { name, trigger, start: Box::new(move |name, _, env| start(name, env)) }
    }

    /// The function's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What invokes it.
    pub fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// Makes it ready to be invoked.
    pub fn start(&self, env: &Env) -> Result<Instance, StartError> {
        let handler = (self.start)(self.name, &self.trigger, env)?;
        Ok(Instance { name: self.name, handler, env: env.clone(), cold: AtomicBool::new(true) })
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Function").field("name", &self.name).field("trigger", &self.trigger).finish_non_exhaustive()
    }
}

/// Binds what a function works with to how it is invoked.
fn handler<H, F>(state: H, invoke: fn(Arc<H>, Box<RawValue>, Context) -> F) -> Handler
where
    H: Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    let state = Arc::new(state);
    Arc::new(move |payload, context| Box::pin(invoke(state.clone(), payload, context)))
}

/// A started function.
pub struct Instance {
    name: &'static str,
    handler: Handler,
    env: Env,
    cold: AtomicBool,
}

impl Instance {
    /// Invokes it with an event as Lambda hands it over, and answers what Lambda would be answered.
    pub async fn invoke(&self, payload: Box<RawValue>, context: Context) -> Result<Box<RawValue>, Fault> {
        let started = std::time::Instant::now();
        let cold = self.cold.swap(false, Ordering::Relaxed);
        let span = tracing::info_span!(
            "invocation",
            function = self.name,
            request_id = context.request_id,
            trace_id = context.xray_trace_id,
            cold
        );
        let outcome = (self.handler)(payload, context).instrument(span).await;
        let failed = outcome.as_ref().map_or(true, |answer| answer.failed);
        self.env
            .metrics()
            .invocation(&self.env, &Sample { function: self.name, cold, failed, took: started.elapsed() });
        outcome.map(|answer| answer.body)
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("name", &self.name).finish_non_exhaustive()
    }
}

/// An answer as JSON, for Lambda.
pub(crate) fn json(answer: &impl Serialize) -> Outcome {
    let body = serde_json::value::to_raw_value(answer).map_err(|error| Fault::new("Serialization", error))?;
    Ok(Answer { body, failed: false })
}

/// The answer of an invocation that did not do what it should.
pub(crate) fn failing(answer: &impl Serialize) -> Outcome {
    json(answer).map(|answer| Answer { failed: true, ..answer })
}

/// Says which records of a batch failed: those alone come again.
pub(crate) fn partial(failed: Vec<String>) -> Outcome {
    let failures: Vec<_> = failed.into_iter().map(|id| serde_json::json!({"itemIdentifier": id})).collect();
    let answer = serde_json::json!({"batchItemFailures": failures});
    if failures.is_empty() { json(&answer) } else { failing(&answer) }
}

/// Reads an event as Lambda hands it over.
pub(crate) fn event<'a, T: Deserialize<'a>>(payload: &'a RawValue) -> Result<T, Fault> {
    serde_json::from_str(payload.get()).map_err(unexpected)
}

/// An event that Lambda does not hand over like this.
pub(crate) fn unexpected(error: impl fmt::Display) -> Fault {
    Fault::new("UnexpectedEvent", error)
}
