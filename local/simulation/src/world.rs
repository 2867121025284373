//! The world of one run: the services' functions over the emulators, on a clock of their own, with the tape between the
//! functions and everything that they call.

use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use emulators::{Clock, Cloud};
use jiff::Timestamp;
use lambda::{Context, Env, Instance, InvocationError, Trigger};
use local::{
    Permission, Role, Secrets,
    handlers::{Handler, event_in},
    read_templates, services,
    template::{Deployment, FunctionSpec, REGION},
};
use serde_json::{Value, value::RawValue};
use uuid::Uuid;

use crate::{
    bugs::Bug,
    executor::{Spawner, lock},
    fates::{Fate, ProviderFate, Weather},
    invocation::{Guarded, Invocation, Lost},
    observed::Observed,
    provider::Provider,
    rest, seam,
    tape::{Lots, Tape},
};

/// When every run begins.
pub(crate) const START: Timestamp = Timestamp::constant(1_790_000_000, 0);
/// Most faults of a run: what never stops failing proves nothing.
const MOST_FAULTS: u32 = 60;

/// What the templates say; read once for all runs.
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
    /// Where they are not to be found or to be understood.
    pub fn read() -> anyhow::Result<Self> {
        let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../../template.yaml");
        let deployment = read_templates(Some(template.as_ref()), &[("PaymentProviderUrl", "http://127.0.0.1:1")])?;
        let secrets = Secrets::open(None, &deployment.secrets)?;
        let role = |function: &FunctionSpec| (function.id(), Role::of(function, &deployment));
        let roles = deployment.functions.iter().map(role).collect();
        let functions = services::ALL
            .iter()
            .flat_map(|service| service.functions.iter().map(move |make| (service.name, make())))
            .map(|(service, function)| (format!("{service}/{}", function.name()), function.trigger().clone()));
        Ok(Self { deployment, secrets, roles, triggers: functions.collect() })
    }

    /// What a function's role does not allow of what a request needs.
    pub(crate) fn lacks(&self, function: &str, target: &str, body: &[u8]) -> Option<Permission> {
        let role = &self.roles[function];
        Permission::needed(target, body).into_iter().find(|permission| !role.allows(permission))
    }
}

/// A process that ends at a call: the first one that comes to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrashPoint {
    /// Of which handler's process.
    pub handler: Handler,
    /// The number of the call in its invocation, from 1.
    pub call: u32,
    /// Whether the call is done before that.
    pub after: bool,
}

/// What is different in a run from what the tape says.
#[derive(Debug, Clone, Default)]
pub struct Twist {
    /// A bug that is planted.
    pub bug: Option<Bug>,
    /// Where a process ends.
    pub crash: Option<CrashPoint>,
}

/// Virtual time: tokio's, which leaps. Ids are drawn from the run's lots.
struct Time {
    began: tokio::time::Instant,
    lots: Mutex<Lots>,
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        START + self.began.elapsed()
    }

    fn until(&self, instant: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let left = Duration::try_from(instant.duration_since(self.now())).unwrap_or_default();
        Box::pin(tokio::time::sleep(left))
    }

    fn fresh_id(&self) -> Uuid {
        Uuid::from_u128(wide(&self.lots))
    }
}

fn wide(lots: &Mutex<Lots>) -> u128 {
    let mut lots = lock(lots);
    u128::from(lots.next_u64()) << 64 | u128::from(lots.next_u64())
}

pub(crate) struct World {
    pub(crate) stage: Arc<Stage>,
    pub(crate) tape: Arc<Tape>,
    pub(crate) twist: Twist,
    pub(crate) cloud: Cloud,
    pub(crate) provider: Provider,
    pub(crate) observed: Observed,
    pub(crate) spawner: Spawner,
    time: Arc<Time>,
    weather: Mutex<Weather>,
    instances: Mutex<HashMap<String, Arc<Instance>>>,
    invocations: AtomicU64,
    faults_left: AtomicU32,
    crashed: AtomicBool,
    pub(crate) faults: Mutex<Faults>,
}

/// What went wrong on purpose, by kind.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// Of calls to AWS.
    pub aws: BTreeMap<Fate, u64>,
    /// Of calls to the provider.
    pub provider: BTreeMap<ProviderFate, u64>,
    /// Of deliveries: duplicates, delays, lost acknowledgements.
    pub deliveries: BTreeMap<&'static str, u64>,
}

impl Faults {
    /// Adds those of another run.
    pub fn add(&mut self, other: &Self) {
        other.aws.iter().for_each(|(kind, count)| *self.aws.entry(*kind).or_default() += count);
        other.provider.iter().for_each(|(kind, count)| *self.provider.entry(*kind).or_default() += count);
        other.deliveries.iter().for_each(|(kind, count)| *self.deliveries.entry(kind).or_default() += count);
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.aws.values().sum::<u64>() + self.provider.values().sum::<u64>() + self.deliveries.values().sum::<u64>()
    }
}

impl World {
    /// A world in which nothing has happened yet. Must be made inside of a runtime whose clock is paused.
    pub(crate) fn new(stage: Arc<Stage>, tape: Tape, seed: u64, twist: Twist) -> Arc<Self> {
        // What the SDK draws for itself (the jitter of retries, request tokens) comes from this thread's generator.
        fastrand::seed(seed);
        let time = Arc::new(Time { began: tokio::time::Instant::now(), lots: Mutex::new(Lots::new(seed)) });
        let clock = Shared(time.clone());
        let cloud = Cloud::with_clock(None, clock).expect("an in-memory store opens");
        let provider = Provider::new(&stage);
        Arc::new(Self {
            stage,
            tape: Arc::new(tape),
            twist,
            cloud,
            provider,
            observed: Observed::default(),
            spawner: Spawner::default(),
            time,
            weather: Mutex::new(Weather::CALM),
            instances: Mutex::default(),
            invocations: AtomicU64::new(0),
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

    /// 128 bits that no secret depends on.
    pub(crate) fn random(&self) -> u128 {
        wide(&self.time.lots)
    }

    pub(crate) fn weather(&self) -> Weather {
        *lock(&self.weather)
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        *lock(&self.weather) = weather;
    }

    /// Writes a line of the story.
    pub(crate) fn tell(&self, line: impl FnOnce() -> String) {
        self.observed.tell(self.now(), line);
    }

    pub(crate) fn has(&self, bug: Bug) -> bool {
        self.twist.bug == Some(bug)
    }

    /// Whether another fault may happen; it counts.
    pub(crate) fn spend_fault(&self) -> bool {
        let spend = |left: u32| left.checked_sub(1);
        self.faults_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spend).is_ok()
    }

    /// Whether a delivery suffers something that happens so many times in a thousand in harsh weather.
    pub(crate) fn suffers(&self, kind: &'static str) -> bool {
        let suffers = self.tape.happens(self.weather().delivery) && self.spend_fault();
        if suffers {
            *lock(&self.faults).deliveries.entry(kind).or_default() += 1;
        }
        suffers
    }

    /// Whether this call is where the process is to end, once.
    pub(crate) fn crashes_here(&self, invocation: &Invocation, call: u32, after: bool) -> bool {
        let here = self
            .twist
            .crash
            .as_ref()
            .is_some_and(|point| point.handler == invocation.handler && point.call == call && point.after == after);
        here && !self.crashed.swap(true, Ordering::Relaxed)
    }

    /// Whether the process that was to end has ended.
    pub(crate) fn has_crashed(&self) -> bool {
        self.crashed.load(Ordering::Relaxed)
    }

    pub(crate) fn function(&self, name: &str) -> &FunctionSpec {
        self.stage.deployment.find(name).unwrap_or_else(|| panic!("no function, or more than one, is called {name}"))
    }

    /// Invokes a function as Lambda would.
    pub(crate) async fn invoke(self: &Arc<Self>, name: &str, about: &str, payload: &Value) -> Result<Value, Lost> {
        let spec = self.function(name);
        if self.twist.bug.is_some_and(|bug| bug.skips(&spec.id())) {
            return Ok(Value::Null);
        }
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        let handler = self.stage.deployment.handler(spec, event_in(payload).as_deref());
        let is_of_event = matches!(self.stage.triggers[&spec.id()], Trigger::Events { .. });
        let invocation = Arc::new(Invocation::new(number, handler, is_of_event));
        self.tell(|| format!("{} begins: {about}", invocation.label()));
        let instance = self.instance(spec);
        let about_messages = payload["Records"][0]["eventSource"] == "aws:sqs";
        let payload = match self.twist.bug {
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
        self.tell(|| format!("{} {}", invocation.label(), told(&outcome)));
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
        rest::expect(self, !failed || invocation.is_disturbed(), "who fails has met a fault", || {
            format!("{} {}", invocation.label(), told(outcome))
        });
    }

    fn instance(self: &Arc<Self>, spec: &FunctionSpec) -> Arc<Instance> {
        if let Some(instance) = lock(&self.instances).get(&spec.name) {
            return instance.clone();
        }
        let function = services::ALL
            .iter()
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
        let (clock, lots) = (self.time.clone(), self.time.clone());
        Env::new(variables, seam::aws(self))
            .with_clock(move || clock.now())
            .with_randomness(move || wide(&lots.lots))
            .with_outbound_http(seam::outbound_http(self))
    }
}

/// The clock for those who want one of their own.
struct Shared(Arc<Time>);

impl Clock for Shared {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn until(&self, instant: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.0.until(instant)
    }

    fn fresh_id(&self) -> Uuid {
        self.0.fresh_id()
    }
}

/// How an invocation ended, for the story.
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
