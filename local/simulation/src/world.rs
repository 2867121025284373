//! The world of a run: the functions of the services, the emulators and a virtual clock. The choice sequence decides
//! the result of each call of a function.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
};

use emulators::{Clock, Cloud};
use jiff::Timestamp;
use lambda::{Context, Env, Instance, InvocationError, Trigger};
use local::{
    Permission, Role, Secrets,
    handlers::{Handler, event_in},
    read_templates,
    services::{self, Service},
    template::{Deployment, FunctionSpec, REGION},
};
use serde_json::{Value, value::RawValue};

use crate::{
    bugs::Bug,
    choices::Choices,
    counter,
    created::Created,
    executor::{Spawner, lock},
    faults::{Fault, FaultRates, ProviderFault},
    invocation::{Guarded, Invocation, Lost},
    observed::Observed,
    provider::Provider,
    quiescence,
    time::Time,
    transport,
};

/// The start time of every run.
pub(crate) const START: Timestamp = Timestamp::constant(1_790_000_000, 0);
/// The maximum number of faults of a run. Otherwise a run might never reach quiescence.
const MOST_FAULTS: u32 = 60;

/// The deployment from the templates, which is read once for all runs.
#[derive(Debug)]
pub struct Stage {
    pub(crate) deployment: Deployment,
    pub(crate) secrets: Secrets,
    /// By service and name.
    roles: HashMap<String, Role>,
    /// By service and name.
    pub(crate) triggers: HashMap<String, Trigger>,
}

impl Stage {
    /// Reads the templates.
    ///
    /// # Errors
    /// If they cannot be found or read.
    pub fn read() -> anyhow::Result<Self> {
        let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
        let mut deployment = read_templates(Some(template.as_ref()), &[("PaymentProviderUrl", "http://127.0.0.1:1")])?;
        counter::add_to(&mut deployment);
        let secrets = Secrets::open(None, &deployment.secrets)?;
        let role = |function: &FunctionSpec| (function.id(), Role::of(function, &deployment));
        let roles = deployment.functions.iter().map(role).collect();
        let functions = services()
            .flat_map(|service| service.functions.iter().map(move |make| (service.name, make())))
            .map(|(service, function)| (format!("{service}/{}", function.name()), function.trigger().clone()));
        Ok(Self { deployment, secrets, roles, triggers: functions.collect() })
    }

    /// The permissions that a request needs and the function's role does not allow.
    pub(crate) fn lacks(&self, function: &str, target: &str, body: &[u8]) -> Option<Permission> {
        let role = &self.roles[function];
        Permission::needed(target, body).into_iter().find(|permission| !role.allows(permission))
    }
}

/// The planned end of a process at a call. It applies to the first process that makes this call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrashPoint {
    /// The handler of the process.
    pub handler: Handler,
    /// The number of the call in its invocation, from 1.
    pub call: u32,
    /// Whether the call is carried out first.
    pub after: bool,
}

/// The options of a run in addition to its choice sequence.
#[derive(Debug, Clone, Default)]
pub struct Mutation {
    /// The planted bug.
    pub bug: Option<Bug>,
    /// The planned end of a process.
    pub crash: Option<CrashPoint>,
}

pub(crate) struct World {
    pub(crate) stage: Arc<Stage>,
    pub(crate) choices: Arc<Choices>,
    pub(crate) mutation: Mutation,
    pub(crate) cloud: Cloud,
    pub(crate) provider: Provider,
    pub(crate) observed: Observed,
    pub(crate) spawner: Spawner,
    time: Time,
    fault_rates: Mutex<FaultRates>,
    instances: Mutex<HashMap<String, Arc<Instance>>>,
    invocations: AtomicU64,
    /// The number of idempotency keys that each caller has used.
    keys: Mutex<HashMap<String, u32>>,
    /// The ids of created entities, for [`Bug::KeyWithoutCaller`].
    pub(crate) created: Mutex<Created>,
    faults_left: AtomicU32,
    crashed: AtomicBool,
    pub(crate) faults: Mutex<Faults>,
}

/// The numbers of injected faults, by kind.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Faults of calls to AWS.
    pub aws: BTreeMap<Fault, u64>,
    /// Faults of calls to the provider.
    pub provider: BTreeMap<ProviderFault, u64>,
    /// Faults of deliveries: duplicates, delays, lost acknowledgements.
    pub deliveries: BTreeMap<&'static str, u64>,
}

impl Faults {
    /// Adds the numbers of another run.
    pub fn add(&mut self, other: &Self) {
        other.aws.iter().for_each(|(kind, count)| *self.aws.entry(*kind).or_default() += count);
        other.provider.iter().for_each(|(kind, count)| *self.provider.entry(*kind).or_default() += count);
        other.deliveries.iter().for_each(|(kind, count)| *self.deliveries.entry(kind).or_default() += count);
    }

    /// The total.
    pub fn total(&self) -> u64 {
        self.aws.values().sum::<u64>() + self.provider.values().sum::<u64>() + self.deliveries.values().sum::<u64>()
    }
}

impl World {
    /// Creates a new world. This must be called inside a runtime with a paused clock.
    pub(crate) fn new(stage: Arc<Stage>, choices: Choices, seed: u64, mutation: Mutation) -> Arc<Self> {
        // What the SDK draws for itself (the jitter of retries, request tokens) comes from this thread's generator.
        fastrand::seed(seed);
        let time = Time::new(seed);
        let cloud = Cloud::with_clock(None, time.clone()).expect("an in-memory store opens");
        let provider = Provider::new(&stage);
        Arc::new(Self {
            stage,
            choices: Arc::new(choices),
            mutation,
            cloud,
            provider,
            observed: Observed::default(),
            spawner: Spawner::default(),
            time,
            fault_rates: Mutex::new(FaultRates::CALM),
            instances: Mutex::default(),
            invocations: AtomicU64::new(0),
            keys: Mutex::default(),
            created: Mutex::default(),
            faults_left: AtomicU32::new(MOST_FAULTS),
            crashed: AtomicBool::new(false),
            faults: Mutex::default(),
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Seconds since 1970, as the provider counts.
    pub(crate) fn unix_time(&self) -> u64 {
        u64::try_from(self.now().as_second()).unwrap_or_default()
    }

    /// 128 random bits. They are not used for secrets.
    pub(crate) fn random(&self) -> u128 {
        self.time.random()
    }

    pub(crate) fn fault_rates(&self) -> FaultRates {
        *lock(&self.fault_rates)
    }

    pub(crate) fn set_fault_rates(&self, fault_rates: FaultRates) {
        *lock(&self.fault_rates) = fault_rates;
    }

    /// Writes a line of the trace.
    pub(crate) fn log(&self, line: impl FnOnce() -> String) {
        self.observed.log(self.now(), line);
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.mutation.bug == Some(bug)
    }

    /// Whether another fault may happen. Counts the fault.
    pub(crate) fn spend_fault(&self) -> bool {
        let spend = |left: u32| left.checked_sub(1);
        self.faults_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_ok()
    }

    /// A fault that was counted did not happen, because nothing could be left out.
    pub(crate) fn return_fault(&self) {
        self.faults_left.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether a delivery has a fault of this kind.
    pub(crate) fn suffers(&self, kind: &'static str) -> bool {
        self.suffers_at(self.fault_rates().delivery, kind)
    }

    /// Whether a rare delivery has a fault of this kind. Every third one has it, if there are faults.
    pub(crate) fn suffers_often(&self, kind: &'static str) -> bool {
        self.suffers_at(if self.fault_rates().is_calm() { 0 } else { 333 }, kind)
    }

    /// Whether a frequent delivery has a fault of this kind that lasts long.
    pub(crate) fn suffers_seldom(&self, kind: &'static str) -> bool {
        self.suffers_at(self.fault_rates().delivery / 10, kind)
    }

    fn suffers_at(&self, rate: u32, kind: &'static str) -> bool {
        let suffers = self.choices.happens(rate) && self.spend_fault();
        if suffers {
            *lock(&self.faults).deliveries.entry(kind).or_default() += 1;
        }
        suffers
    }

    /// Whether the process must end at this call. It is true only once.
    pub(crate) fn crashes_here(&self, invocation: &Invocation, call: u32, after: bool) -> bool {
        let here = self
            .mutation
            .crash
            .as_ref()
            .is_some_and(|point| point.handler == invocation.handler && point.call == call && point.after == after);
        here && !self.crashed.swap(true, Ordering::Relaxed)
    }

    /// The next idempotency key of a caller. Callers use the same keys.
    pub(crate) fn next_key(&self, principal: &str) -> String {
        let mut keys = lock(&self.keys);
        let last = keys.entry(principal.to_owned()).or_default();
        *last += 1;
        format!("key-{last}")
    }

    /// Whether the planned end of a process has happened.
    pub(crate) fn has_crashed(&self) -> bool {
        self.crashed.load(Ordering::Relaxed)
    }

    pub(crate) fn function(&self, name: &str) -> &FunctionSpec {
        self.stage.deployment.find(name).unwrap_or_else(|| panic!("no function, or more than one, is called {name}"))
    }

    /// Invokes a function like Lambda does.
    pub(crate) async fn invoke(self: &Arc<Self>, name: &str, about: &str, payload: &Value) -> Result<Value, Lost> {
        let spec = self.function(name);
        if self.mutation.bug.is_some_and(|bug| bug.skips(&spec.id())) {
            return Ok(Value::Null);
        }
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        let handler = self.stage.deployment.handler(spec, event_in(payload).as_deref());
        let trigger = self.stage.triggers[&spec.id()].clone();
        let key = payload["headers"]["idempotency-key"].as_str();
        let invocation = Arc::new(Invocation::new(number, handler, trigger, key));
        self.log(|| format!("{} begins: {about}", invocation.label()));
        let instance = self.instance(spec);
        let about_messages = payload["Records"][0]["eventSource"] == "aws:sqs";
        let payload = match self.mutation.bug {
            // A check that lets everybody pass is one that takes everybody for support.
            Some(Bug::OwnerNotChecked) => {
                payload.to_string().replace("\"roles\":\"customer\"", "\"roles\":\"customer,support\"")
            }
            _ => payload.to_string(),
        };
        let payload = RawValue::from_string(payload).expect("JSON is JSON");
        let mut context = Context::default();
        context.request_id = format!("request-{number}");
        context.deadline = u64::try_from((self.now() + spec.timeout).as_millisecond()).unwrap_or_default();
        context.invoked_function_arn = spec.arn();
        let handler = async move { instance.invoke(payload, context).await };
        let guarded = Guarded::new(Box::pin(handler), invocation.clone());
        let outcome = tokio::time::timeout(spec.timeout, guarded).await.unwrap_or(Err(Lost::TimedOut));
        if matches!(outcome, Err(Lost::Crashed | Lost::TimedOut)) {
            // The next invocation finds a new process.
            lock(&self.instances).remove(&spec.name);
        }
        let outcome = outcome.map(|answer| serde_json::from_str::<Value>(answer.get()).unwrap_or_default());
        self.log(|| format!("{} {}", invocation.label(), told(&outcome)));
        self.check_cause(&invocation, &outcome);
        let all_well = |answer: &Value| answer["batchItemFailures"].as_array().is_some_and(Vec::is_empty);
        if about_messages && outcome.as_ref().is_ok_and(all_well) {
            self.observed.with(|seen| seen.handled.push((number, spec.id())));
        }
        outcome
    }

    /// Nothing fails of itself. Where one call of a batch goes wrong, all its messages may.
    fn check_cause(&self, invocation: &Invocation, outcome: &Result<Value, Lost>) {
        let failed = match outcome {
            Ok(answer) => {
                let failures = answer["batchItemFailures"].as_array();
                answer["statusCode"].as_u64() >= Some(500) || failures.is_some_and(|failures| !failures.is_empty())
            }
            Err(_) => true,
        };
        quiescence::expect(self, !failed || invocation.is_disturbed(), "who fails has met a fault", || {
            format!("{} {}", invocation.label(), told(outcome))
        });
    }

    fn instance(self: &Arc<Self>, spec: &FunctionSpec) -> Arc<Instance> {
        if let Some(instance) = lock(&self.instances).get(&spec.name) {
            return instance.clone();
        }
        let function = services()
            .filter(|service| service.name == spec.service)
            .flat_map(|service| service.functions)
            .map(|make| make())
            .find(|function| function.name() == spec.binary)
            .expect("the templates and the code name the same functions");
        let instance = function.start(&self.env(spec)).expect("the function starts");
        let instance = Arc::new(instance);
        lock(&self.instances).insert(spec.name.clone(), instance.clone());
        instance
    }

    fn env(self: &Arc<Self>, spec: &FunctionSpec) -> Env {
        let given = [("AWS_REGION", REGION), ("AWS_ACCESS_KEY_ID", "local"), ("AWS_SECRET_ACCESS_KEY", "local")];
        let mut variables: HashMap<_, _> = given.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        for (name, value) in &spec.environment {
            variables.insert(name.clone(), self.stage.secrets.resolve(value).expect("every secret is there"));
        }
        let (clock, rng) = (self.time.clone(), self.time.clone());
        Env::new(variables, transport::aws(self))
            .with_clock(move || clock.now())
            .with_randomness(move || rng.random())
            .with_outbound_http(transport::outbound_http(self))
    }
}

/// Every service, and the counter.
fn services() -> impl Iterator<Item = &'static Service> {
    services::ALL.iter().chain([&counter::SERVICE])
}

/// The result of an invocation, for the trace.
fn told(outcome: &Result<Value, Lost>) -> String {
    match outcome {
        Ok(answer) if answer["statusCode"].is_number() => {
            let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or("null")).unwrap_or_default();
            let problem = body["type"].as_str().unwrap_or_default();
            format!("answers {} {problem}", answer["statusCode"]).trim_end().to_owned()
        }
        Ok(answer) => match answer["batchItemFailures"].as_array() {
            Some(failures) if !failures.is_empty() => format!("reports {} as failed", failures.len()),
            _ => "is done".to_owned(),
        },
        Err(Lost::Crashed) => "has CRASHED".to_owned(),
        Err(Lost::TimedOut) => "has run out of time".to_owned(),
        Err(Lost::Failed(InvocationError { kind, message })) => format!("FAILED: {kind}: {message}"),
    }
}
