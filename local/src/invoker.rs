//! Lambda for one machine: starts functions, invokes them, and enforces their timeouts.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use emulators::{Clock as _, Cloud, VirtualClock};
use jiff::Timestamp;
use lambda::{Env, Instance, InvocationError, Metrics, Trigger};
use serde_json::value::RawValue;
use tokio::{sync::Semaphore, time::timeout};
use uuid::Uuid;

use crate::{
    handlers,
    iam::Role,
    ledger::{Ledger, MeteredTransport},
    secrets::Secrets,
    services::{self, Service},
    template::{Deployment, FunctionSpec, REGION},
    watch::Watched,
};

/// The maximum number of concurrent invocations, which is the default of an account.
const CONCURRENCY: u32 = 1000;
/// The error of a function that exceeded its timeout.
pub(crate) const TIMED_OUT: &str = "Sandbox.Timedout";

/// The result of an invocation.
pub(crate) type Outcome = Result<Box<RawValue>, InvocationError>;

/// Where functions run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Functions {
    /// In this process.
    Here,
    /// Behind `cargo lambda watch`, at this address; those whose binary services share, in this process.
    Watch(String),
}

/// Every function of the deployment, ready to be invoked. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Invoker(Arc<Inner>);

struct Inner {
    functions: HashMap<String, Running>,
    /// One permit per invocation. If a task has all permits, no invocation is running.
    running: Semaphore,
    permits: u32,
    ledger: Ledger,
    clock: Option<VirtualClock>,
}

struct Running {
    spec: FunctionSpec,
    place: Place,
    /// Whether it calls the APIs of other services, whose functions run meanwhile.
    calls_services: bool,
}

enum Place {
    Here(Arc<Instance>),
    Watch(Box<Watched>),
}

/// The dependencies that a function is started with, in addition to its template.
pub(crate) struct Dependencies<'a> {
    pub(crate) cloud: &'a Cloud,
    pub(crate) secrets: &'a Secrets,
    pub(crate) services: &'a [Service],
    pub(crate) functions: &'a Functions,
    pub(crate) ledger: &'a Ledger,
    /// The clock of the functions, with which one runs after the other. `None` uses the machine's clock.
    pub(crate) steps: Option<&'a VirtualClock>,
}

impl Invoker {
    /// Starts every function.
    pub(crate) fn start(deployment: &Deployment, with: &Dependencies<'_>) -> Result<Self> {
        let mut functions = HashMap::new();
        for spec in &deployment.functions {
            let place = match with.functions {
                // The watch knows functions by their binaries: of one that services share it would run one for all.
                Functions::Watch(address) if !deployment.is_shared(spec) => {
                    Place::Watch(Box::new(Watched::new(address)))
                }
                _ => Place::Here(Arc::new(start(spec, deployment, with)?)),
            };
            let function = services::find(with.services, &spec.service, &spec.binary);
            let calls_services = function.is_some_and(|function| matches!(function.trigger(), Trigger::Page(_)));
            functions.insert(spec.name.clone(), Running { spec: spec.clone(), place, calls_services });
        }
        let permits = if with.steps.is_some() { 1 } else { CONCURRENCY };
        let (ledger, clock) = (with.ledger.clone(), with.steps.cloned());
        Ok(Self(Arc::new(Inner { functions, running: Semaphore::new(permits as usize), permits, ledger, clock })))
    }

    /// Invokes a function by its name in the account, with the id of the request and of the trace.
    ///
    /// The invocation continues if the caller stops waiting, like in Lambda.
    pub(crate) async fn invoke(&self, name: &str, payload: Box<RawValue>, call: Call) -> Outcome {
        let invoker = self.0.clone();
        let name = name.to_owned();
        let task = tokio::spawn(async move {
            let Some(running) = invoker.functions.get(&name) else {
                return Err(invocation_error("ResourceNotFoundException", &format!("there is no function {name}")));
            };
            // In single steps there is one permit, which the functions that it calls need.
            let permits = u32::from(!running.calls_services || invoker.permits > 1);
            let Ok(_permit) = invoker.running.acquire_many(permits).await else {
                return Err(invocation_error("ServiceException", "the stack is stopping"));
            };
            let event = invoker.ledger.is_counting().then(|| event_in(&payload)).flatten();
            let outcome = running.invoke(payload, call, invoker.now()).await;
            invoker.ledger.ended(&name, event);
            outcome
        });
        task.await.unwrap_or_else(|_| Err(invocation_error("Runtime.ExitError", "the function panicked")))
    }

    /// Whether a function's invocations may take longer than its timeout, because it is still compiled.
    pub(crate) fn may_compile(&self, name: &str) -> bool {
        self.0.functions.get(name).is_some_and(|running| matches!(running.place, Place::Watch(_)))
    }

    /// Accepts no more invocations, and waits until the running ones have ended.
    pub(crate) async fn stop(&self) {
        let all = self.0.running.acquire_many(self.0.permits).await;
        self.0.running.close();
        drop(all);
    }
}

impl Inner {
    fn now(&self) -> Timestamp {
        self.clock.as_ref().map_or_else(Timestamp::now, VirtualClock::now)
    }
}

/// The data of an invocation.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) request_id: String,
    /// `Root=1-…;Parent=…;Sampled=1`.
    pub(crate) trace: String,
}

impl Call {
    /// Creates an invocation with a new id.
    pub(crate) fn fresh() -> Self {
        Self { request_id: Uuid::new_v4().to_string(), trace: trace() }
    }

    /// Creates an invocation that continues a trace, if there is one.
    pub(crate) fn traced(trace: Option<&str>) -> Self {
        let fresh = Self::fresh();
        Self { trace: trace.map_or(fresh.trace, str::to_owned), ..fresh }
    }
}

impl Running {
    async fn invoke(&self, payload: Box<RawValue>, call: Call, now: Timestamp) -> Outcome {
        let spec = &self.spec;
        let outcome = match &self.place {
            Place::Here(instance) => {
                let invocation = instance.invoke(payload, context(spec, call, now));
                timeout(spec.timeout, invocation).await.unwrap_or_else(|_| {
                    let message = format!("Task timed out after {}.00 seconds", spec.timeout.as_secs());
                    Err(invocation_error(TIMED_OUT, &message))
                })
            }
            Place::Watch(watched) => watched.invoke(spec, &payload).await,
        };
        if let Err(error) = &outcome {
            tracing::error!(function = spec.name, %error, "an invocation failed");
        }
        outcome
    }
}

fn event_in(payload: &RawValue) -> Option<String> {
    handlers::event_in(&serde_json::from_str(payload.get()).ok()?)
}

/// Whether an invocation ended because its time was up.
pub(crate) fn timed_out(error: &InvocationError) -> bool {
    error.kind == TIMED_OUT
}

fn start(spec: &FunctionSpec, deployment: &Deployment, with: &Dependencies<'_>) -> Result<Instance> {
    let place = &spec.place;
    let function = services::find(with.services, &spec.service, &spec.binary);
    let Some(function) = function else {
        bail!("{}: {}: the service {} has no function {}", place.file, place.resource, spec.service, spec.binary);
    };
    let variables = environment(spec, with)?;
    let transport = Arc::new(MeteredTransport {
        cloud: with.cloud.clone(),
        function: spec.name.clone(),
        role: Role::of(spec, deployment),
        ledger: with.ledger.clone(),
    });
    let client = emulators::http_client(move |target, body| {
        let transport = transport.clone();
        async move { Ok(transport.pass(&target, body).await) }
    });
    let (ledger, name) = (with.ledger.clone(), spec.name.clone());
    let env = Env::new(variables, client).with_metrics(Metrics::to(move |line| ledger.logged(&name, line)));
    let env = match with.steps.cloned() {
        Some(clock) => env.with_clock(move || clock.now()),
        None => env,
    };
    let instance = function.start(&env);
    instance.with_context(|| format!("{}: {}", place.file, place.resource))
}

/// The variables of a function, like Lambda sets them.
pub(crate) fn environment(spec: &FunctionSpec, with: &Dependencies<'_>) -> Result<HashMap<String, String>> {
    let mut variables: HashMap<_, _> = [
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_LAMBDA_FUNCTION_NAME", &spec.name),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &spec.memory.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    for (name, value) in &spec.environment {
        variables.insert(name.clone(), with.secrets.resolve(value)?);
    }
    Ok(variables)
}

fn context(spec: &FunctionSpec, call: Call, now: Timestamp) -> lambda::Context {
    let mut context = lambda::Context::default();
    context.request_id = call.request_id;
    context.deadline = u64::try_from((now + spec.timeout).as_millisecond()).unwrap_or(u64::MAX);
    context.invoked_function_arn = spec.arn();
    context.xray_trace_id = Some(call.trace);
    context
}

/// Creates a new trace.
fn trace() -> String {
    let id = Uuid::new_v4().simple().to_string();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("Root=1-{seconds:08x}-{};Parent={};Sampled=1", &id[..24], &Uuid::new_v4().simple().to_string()[..16])
}

pub(crate) fn invocation_error(kind: &str, message: &str) -> InvocationError {
    InvocationError { kind: kind.to_owned(), message: message.to_owned() }
}
