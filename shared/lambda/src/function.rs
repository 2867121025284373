//! Functions: a name, a trigger and a handler.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use contracts::{EventSet, Role};
use futures::future::BoxFuture;
use lambda_runtime::Context;
use serde_json::value::RawValue;
use tracing::Instrument;

use crate::{
    Acted, Call, Committed, Credentials, Env, Event, Form, Http, Identity, Input, InvocationError, Message, Problem,
    ProblemKind, Reply, Service, Shown, Site, StartError, Tick, Visit, WebPage, authorizer, consumer,
    http::{self, FirstReply},
    outcome::Outcome,
    page_runtime, relay, republish, schedule,
};

/// What invokes a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// A request through API Gateway.
    Http(Http),
    /// A visit of a browser, through API Gateway.
    Page(WebPage),
    /// Domain events from a queue.
    Events {
        /// Source and name of each.
        events: Vec<(&'static str, &'static str)>,
        /// Whether handling the same event again changes nothing. Otherwise each consumed event is recorded.
        idempotent: bool,
    },
    /// Messages from the service to itself, from a queue.
    Messages {
        /// As for events.
        idempotent: bool,
    },
    /// The table's stream.
    Stream,
    /// A schedule.
    Schedule,
    /// An invocation with IAM only.
    Invoke,
    /// API Gateway, to authenticate the caller.
    Authorizer,
}

type Handler = Arc<dyn Fn(Box<RawValue>, Context) -> BoxFuture<'static, Outcome> + Send + Sync>;
type Start = Box<dyn Fn(&'static str, &Trigger, &Env) -> Result<Handler, StartError> + Send + Sync>;

/// One Lambda function: its name (also of its binary and its file), its trigger and its handler.
pub struct Function {
    name: &'static str,
    trigger: Trigger,
    start: Start,
}

impl Function {
    /// An operation with a route. It needs an access token. A POST that replies with a [`crate::Committed`] needs an
    /// idempotency key; another POST can be repeated without one.
    pub fn http<S, I, R, F>(name: &'static str, handle: fn(S, Call<I>) -> F) -> Self
    where
        S: Service,
        I: Input + 'static,
        R: Reply + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        Self::operation(name, handle, || None)
    }

    /// An operation that creates something whose id is derived from the request's idempotency key, with
    /// [`dynamo::Commit::create`]. `first_reply` makes the reply to the first request once more, for the same request.
    pub fn creating<S, I, R, F, G>(
        name: &'static str,
        handle: fn(S, Call<I>) -> F,
        first_reply: fn(S, Call<I>) -> G,
    ) -> Self
    where
        S: Service,
        I: Input + 'static,
        R: Reply + 'static,
        F: Future<Output = Result<Committed<R>, Problem>> + Send + 'static,
        G: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let function = Self::operation(name, handle, move || {
            Some(Box::new(move |service, call| {
                let reply = first_reply(service, call);
                Box::pin(async { reply.await?.render() })
            }))
        });
        function.with(|http| http.creates = true)
    }

    fn operation<S, I, R, F>(
        name: &'static str,
        handle: fn(S, Call<I>) -> F,
        first_reply: impl Fn() -> Option<FirstReply<S, I>> + Send + Sync + 'static,
    ) -> Self
    where
        S: Service,
        I: Input + 'static,
        R: Reply + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let http = Http { keyed: R::KEYED, ..Http::new(I::schema, R::shape()) };
        let start: Start = Box::new(move |name, trigger, env| {
            let Trigger::Http(contract) = *trigger else { unreachable!("made with this trigger above") };
            let (service, first_reply) = (S::start(env)?, first_reply());
            let operation = http::Operation { name, contract, service, env: env.clone(), handle, first_reply };
            Ok(handler(operation, http::serve))
        });
        Self { name, trigger: Trigger::Http(http), start }
    }

    /// A page, which everyone can visit: its form and its visitor's session decide what it shows.
    pub fn page<S, I, R, F>(name: &'static str, show: fn(S, Visit<I>) -> F) -> Self
    where
        S: Site,
        I: Input + Sync + 'static,
        R: Shown + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        Self::showing(name, show, None)
    }

    /// A page with a form, which `act` does what it asks for.
    pub fn form<S, I, R, F, V, G>(name: &'static str, show: fn(S, Visit<I>) -> F, act: fn(S, Visit<Form>) -> G) -> Self
    where
        S: Site,
        I: Input + Sync + 'static,
        R: Shown + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
        V: serde::Serialize + schemars::JsonSchema + fmt::Display + Send + 'static,
        G: Future<Output = Result<Acted<V>, Problem>> + Send + 'static,
    {
        Self::showing(name, show, Some(Box::new(move || page_runtime::act(act))))
    }

    fn showing<S, I, R, F>(
        name: &'static str,
        show: fn(S, Visit<I>) -> F,
        act: Option<Box<dyn Fn() -> page_runtime::Act<S> + Send + Sync>>,
    ) -> Self
    where
        S: Site,
        I: Input + Sync + 'static,
        R: Shown + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
    {
        let json = Http { public: true, ..Http::new(I::schema, R::shape()) };
        let trigger = Trigger::Page(WebPage { json, is_shared: false, has_form: act.is_some() });
        let start: Start = Box::new(move |_, trigger, env| {
            let Trigger::Page(page) = *trigger else { unreachable!("made with this trigger above") };
            let (site, act, env) = (S::start(env)?, act.as_ref().map(|act| act()), env.clone());
            Ok(handler(page_runtime::Started { page, site, env, show, act, input: PhantomData }, page_runtime::serve))
        });
        Self { name, trigger, start }
    }

    /// All visitors without a session see the same page, so the edge may keep it for a minute.
    #[must_use]
    pub fn shared(mut self) -> Self {
        if let Trigger::Page(page) = &mut self.trigger {
            page.is_shared = true;
        }
        self
    }

    /// What a caller must know beside the summary, which is the template's description: what the operation changes, who
    /// sees what, and which limits apply. The published contract has it as the operation's description.
    #[must_use]
    pub fn about(self, text: &'static str) -> Self {
        self.with(|http| http.about = text)
    }

    /// The operation can be called without a token. The template must say so too. Replies to GET do not depend on the
    /// caller, so clients and the edge may keep them: see [`Function::max_age`].
    #[must_use]
    pub fn public(self) -> Self {
        self.with(|http| http.public = true)
    }

    /// For how many seconds clients and the edge may keep the reply to a GET of a public operation, instead of a minute.
    #[must_use]
    pub fn max_age(self, seconds: u32) -> Self {
        self.with(|http| http.max_age = seconds)
    }

    /// Only callers with one of these roles, and administrators, may call the operation. Others get 403 before any
    /// input is read. If access depends on who owns something, the handler checks it instead.
    #[must_use]
    pub fn roles(self, roles: &'static [Role]) -> Self {
        self.with(|http| http.roles = roles)
    }

    /// Replies have an `ETag`, and a PUT or PATCH needs `If-Match`.
    #[must_use]
    pub fn versioned(self) -> Self {
        self.with(|http| http.versioned = true)
    }

    /// The operation reads the body itself, with one of these media types.
    #[must_use]
    pub fn takes(self, media_types: &'static [&'static str]) -> Self {
        self.with(|http| http.media_types = media_types)
    }

    /// The kinds of problems that the operation answers, beside those of the runtime. The published contract lists
    /// them, and tests and the local stack refuse a response with another one.
    #[must_use]
    pub fn problems(self, problems: &'static [ProblemKind]) -> Self {
        self.with(|http| http.problems = problems)
    }

    fn with(mut self, change: impl FnOnce(&mut Http)) -> Self {
        if let Trigger::Http(http) | Trigger::Page(WebPage { json: http, .. }) = &mut self.trigger {
            change(http);
        }
        self
    }

    /// A consumer of domain events. It handles one event at a time, and each event once: its commit contains the
    /// consumed-message record, unless the function is [`Function::idempotent`].
    pub fn consumer<S, E, F>(name: &'static str, handle: fn(S, Event<E>) -> F) -> Self
    where
        S: Service,
        E: EventSet + 'static,
        F: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let start: Start = Box::new(move |name, trigger, env| {
            let recorded = !matches!(trigger, Trigger::Events { idempotent: true, .. });
            let consumer = consumer::Consumer { name, service: S::start(env)?, env: env.clone(), handle, recorded };
            Ok(handler(consumer, consumer::events))
        });
        Self { name, trigger: Trigger::Events { events: E::names(), idempotent: false }, start }
    }

    /// Declares that an event or message that was handled before changes nothing, even if it arrives late or in
    /// another order, because the consumer compares versions or states. So no consumed-message record is stored.
    #[must_use]
    pub fn idempotent(mut self) -> Self {
        if let Trigger::Events { idempotent, .. } | Trigger::Messages { idempotent } = &mut self.trigger {
            *idempotent = true;
        }
        self
    }

    /// A consumer of messages from its own service: `M` as JSON.
    pub fn messages<S, M, F>(name: &'static str, handle: fn(S, Message<M>) -> F) -> Self
    where
        S: Service,
        M: serde::de::DeserializeOwned + Send + 'static,
        F: Future<Output = Result<(), Problem>> + Send + 'static,
    {
        let start: Start = Box::new(move |name, trigger, env| {
            let recorded = !matches!(trigger, Trigger::Messages { idempotent: true });
            let consumer = consumer::Consumer { name, service: S::start(env)?, env: env.clone(), handle, recorded };
            Ok(handler(consumer, consumer::messages))
        });
        Self { name, trigger: Trigger::Messages { idempotent: false }, start }
    }

    /// A job that runs on a schedule.
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

    /// A function that is invoked with IAM only. The payload is the input, and the body of the reply is the response.
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

    /// Authenticates the caller for API Gateway. It does not authorise: each operation does.
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

    /// Puts new events of a service on the bus, from the stream of its table. Every service has the same binary.
    pub fn relay() -> Self {
        Self::starting("relay", Trigger::Stream, |_, env| Ok(handler(relay::Relay::start(env)?, relay::forward)))
    }

    /// Puts old events of a service on the bus again. Consumers discard those that they have consumed. Every service
    /// has the same binary.
    pub fn republish() -> Self {
        Self::starting("republish", Trigger::Invoke, |_, env| {
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

    /// Starts the function, so that it can be invoked.
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

/// Makes a handler from a function's state and from the code that runs on each invocation.
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
    /// Invokes the function with an event from Lambda, and returns the response to Lambda.
    pub async fn invoke(&self, payload: Box<RawValue>, context: Context) -> Result<Box<RawValue>, InvocationError> {
        let cold = self.cold.swap(false, Ordering::Relaxed);
        let span = tracing::info_span!(
            "invocation",
            function = self.name,
            request_id = context.request_id,
            trace_id = context.xray_trace_id,
            cold
        );
        let outcome = (self.handler)(payload, context).instrument(span).await;
        let response = outcome?;
        if response.failed {
            self.env.metrics().failure(self.name);
        }
        Ok(response.body)
    }
}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instance").field("name", &self.name).finish_non_exhaustive()
    }
}
