//! The content of the templates, with all names resolved.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde_json::Value;

use super::identity::name_in_arn;

/// Everything that the root template and its nested templates declare.
#[derive(Debug, Default)]
pub struct Deployment {
    /// Lambda functions.
    pub functions: Vec<FunctionSpec>,
    /// HTTP APIs; locally one gateway serves them all.
    pub apis: Vec<Api>,
    /// Routes, which HTTP requests invoke.
    pub routes: Vec<Route>,
    /// Routes of HEAD. Each belongs to a GET of the same function, so it is not an operation of its own.
    pub heads: Vec<Route>,
    /// Functions that messages in queues invoke.
    pub queue_sources: Vec<QueueSource>,
    /// Functions that changes of tables invoke.
    pub stream_sources: Vec<StreamSource>,
    /// Functions that schedules invoke.
    pub schedules: Vec<Schedule>,
    /// `DynamoDB` tables.
    pub tables: Vec<Table>,
    /// SQS queues.
    pub queues: Vec<Queue>,
    /// `EventBridge` buses, by name.
    pub buses: Vec<String>,
    /// Rules that send events from a bus to queues.
    pub rules: Vec<Rule>,
    /// Secrets to be made.
    pub secrets: Vec<Secret>,
    /// Managed policies, by ARN.
    pub policies: BTreeMap<String, Vec<Statement>>,
}

/// A position in a template, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `functions/orders/template.yaml`.
    pub file: String,
    /// `PlaceOrderFunction`.
    pub resource: String,
}

/// A Lambda function.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Its position in the templates.
    pub place: Place,
    /// The service whose template it is in.
    pub service: String,
    /// Its name in the account: `souk-local-orders-place-order`.
    pub name: String,
    /// Its name in the code, also of its binary: `place-order`. Services have functions of the same name.
    pub binary: String,
    /// Its description, in one sentence.
    pub summary: String,
    /// The timeout of an invocation.
    pub timeout: Duration,
    /// Megabytes.
    pub memory: u32,
    /// Variables; a value may hold `{{resolve:secretsmanager:…}}`.
    pub environment: BTreeMap<String, String>,
    /// Its permissions, without those of AWS on its behalf, such as to poll its queue.
    pub policy: Vec<Statement>,
    /// The managed policy that limits its permissions (the boundary).
    pub boundary: Option<String>,
}

/// What a policy allows: each of the actions on each of the resources. `*` and `?` are wildcards in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `dynamodb:GetItem`.
    pub actions: Vec<String>,
    /// ARNs.
    pub resources: Vec<String>,
}

impl FunctionSpec {
    /// Service and name: `orders/place-order`.
    pub fn id(&self) -> String {
        format!("{}/{}", self.service, self.binary)
    }

    /// The function's ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{}:function:{}", super::REGION, super::ACCOUNT, self.name)
    }
}

/// An HTTP API.
#[derive(Debug, Clone)]
pub struct Api {
    /// Its position in the templates.
    pub place: Place,
    /// Its id; locally its name.
    pub id: String,
    /// By name.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The authorizer of routes that name none.
    pub default_authorizer: Option<String>,
    /// Of routes that have no limits of their own.
    pub throttling: Throttling,
    /// Which other origins may call it.
    pub cors: Option<Cors>,
}

/// A Lambda authorizer: payload format 2.0, simple responses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorizer {
    /// The function's name.
    pub function: String,
    /// The headers that identify the caller, in lower case.
    pub headers: Vec<String>,
    /// How long its answer is kept.
    pub keep: Duration,
}

/// The rate limit of a route.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Throttling {
    /// The sustained number of requests per second.
    pub rate: f64,
    /// The maximum number of requests at once.
    pub burst: f64,
}

/// The CORS configuration.
#[derive(Debug, Clone, Default)]
pub struct Cors {
    /// Exact origins.
    pub origins: Vec<String>,
    /// Methods.
    pub methods: Vec<String>,
    /// Request headers.
    pub headers: Vec<String>,
    /// Response headers that scripts may read.
    pub exposed: Vec<String>,
    /// Seconds for which a browser keeps the answer.
    pub max_age: Option<u64>,
    /// Whether cookies go along.
    pub credentials: bool,
}

/// A route of an API.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The API's id.
    pub api: String,
    /// `GET`, or `ANY`.
    pub method: String,
    /// `/v1/orders/{orderId}`.
    pub path: String,
    /// The function's name.
    pub function: String,
    /// The authorizer's name in its API. `None` for a public route.
    pub authorizer: Option<String>,
    /// Its own limits.
    pub throttling: Option<Throttling>,
}

/// A queue that a function empties.
#[derive(Debug, Clone)]
pub struct QueueSource {
    /// The function's name.
    pub function: String,
    /// The queue's name.
    pub queue: String,
    /// The maximum number of messages of an invocation.
    pub batch_size: usize,
    /// How long a batch may gather.
    pub window: Duration,
    /// The maximum number of concurrent invocations.
    pub concurrency: usize,
    /// Patterns, of which a message must match one; none lets everything through.
    pub filters: Vec<String>,
    /// Whether the function reports which messages failed.
    pub partial: bool,
}

/// A table's stream that a function reads.
#[derive(Debug, Clone)]
pub struct StreamSource {
    /// The function's name.
    pub function: String,
    /// The table's name.
    pub table: String,
    /// The maximum number of records of an invocation.
    pub batch_size: usize,
    /// Whether a failed batch is halved.
    pub bisect: bool,
    /// The number of retries of a failed batch. `None` retries until its records expire.
    pub retries: Option<u32>,
    /// The maximum age of a record.
    pub max_age: Option<Duration>,
    /// The queue that gets the positions of discarded records.
    pub on_failure: Option<String>,
    /// Patterns, of which a record must match one; none lets everything through.
    pub filters: Vec<String>,
    /// Whether the function reports which record failed.
    pub partial: bool,
}

/// A schedule.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The function's name.
    pub function: String,
    /// The schedule's name.
    pub name: String,
    /// How often.
    pub every: Duration,
    /// The input of the function instead of the schedule's own event.
    pub input: Option<String>,
    /// The queue that gets failed invocations.
    pub dead_letters: Option<String>,
}

/// A `DynamoDB` table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its position in the templates.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// The body of `CreateTable`.
    pub create: Value,
    /// The attribute that says when an item expires.
    pub ttl: Option<String>,
}

/// An SQS queue.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Its position in the templates.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// As `CreateQueue` takes them.
    pub attributes: BTreeMap<String, String>,
    /// The queue that takes its dead letters.
    pub dead_letters: Option<String>,
}

impl Queue {
    /// How long a received message is hidden. `None` if it is not a number of seconds.
    pub(crate) fn visibility(&self) -> Option<Duration> {
        let seconds = self.attributes.get("VisibilityTimeout").map_or(Ok(30), |seconds| seconds.parse());
        seconds.ok().map(Duration::from_secs)
    }
}

/// A rule on a bus.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its position in the templates.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// The bus's name.
    pub bus: String,
    /// Which events it takes.
    pub pattern: Value,
    /// As `PutTargets` takes them.
    pub targets: Vec<Value>,
}

/// A secret that is made on first start.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Its name.
    pub name: String,
    /// The number of characters.
    pub length: usize,
    /// A JSON object and the key in it that the characters go to; without these the secret is the characters alone.
    pub template: Option<(String, String)>,
    /// The secret itself, where the template says it.
    pub value: Option<String>,
}

impl Deployment {
    /// Lets functions reach every API at an address. In the cloud each has a domain of its own; here one gateway serves all.
    pub(crate) fn reach_apis_at(&mut self, url: &str) {
        let values = self.functions.iter_mut().flat_map(|function| function.environment.values_mut());
        for value in values.filter(|value| value.starts_with("https://") && value.contains(".execute-api.")) {
            url.clone_into(value);
        }
    }

    /// A function by its name in the account.
    pub fn function(&self, name: &str) -> Option<&FunctionSpec> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// A function as people name it: by its name in the account or its ARN, as `orders/place-order`, or by
    /// `place-order` alone where one service has it.
    pub fn find(&self, name: &str) -> Option<&FunctionSpec> {
        let named = |function: &&FunctionSpec| function.id() == name || function.arn() == name;
        let alone = || {
            let mut functions = self.functions.iter().filter(|function| function.binary == name);
            functions.next().filter(|_| functions.next().is_none())
        };
        self.function(name).or_else(alone).or_else(|| self.functions.iter().find(named))
    }

    /// Whether services share a function's binary.
    pub(crate) fn is_shared(&self, function: &FunctionSpec) -> bool {
        let mut others = self.functions.iter().filter(|other| other.service != function.service);
        others.any(|other| other.binary == function.binary)
    }

    /// An API by its id.
    pub fn api(&self, id: &str) -> Option<&Api> {
        self.apis.iter().find(|api| api.id == id)
    }

    /// The queues that take dead letters, of queues, rules, streams and schedules.
    pub fn dead_letter_queues(&self) -> BTreeSet<&str> {
        let of_queues = self.queues.iter().filter_map(|queue| queue.dead_letters.as_deref());
        let of_streams = self.stream_sources.iter().filter_map(|source| source.on_failure.as_deref());
        let targets = self.rules.iter().flat_map(|rule| &rule.targets);
        let of_rules = targets.filter_map(|target| target["DeadLetterConfig"]["Arn"].as_str()).map(name_in_arn);
        let of_schedules = self.schedules.iter().filter_map(|schedule| schedule.dead_letters.as_deref());
        of_queues.chain(of_streams).chain(of_rules).chain(of_schedules).collect()
    }

    /// Lets every message and every change come by itself, on a clock that stands still: what an authorizer said is not
    /// forgotten meanwhile.
    pub(crate) fn in_single_steps(&mut self) {
        let authorizers = self.apis.iter_mut().flat_map(|api| api.authorizers.values_mut());
        authorizers.for_each(|authorizer| authorizer.keep = authorizer.keep.max(Duration::from_hours(1)));
        self.queue_sources.iter_mut().for_each(|source| source.batch_size = 1);
        self.stream_sources.iter_mut().for_each(|source| source.batch_size = 1);
    }
}
