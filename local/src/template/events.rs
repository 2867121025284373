//! What invokes a function: its `Events`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{
    Deployment, QueueSource, Resource, Route, Schedule, StreamSource, TemplateError, functions::RouteSettings,
    identity::name_in_arn,
};

/// How many invocations a queue gets at once when the template does not say.
const CONCURRENCY: usize = 10;

/// The methods of routes of an HTTP API.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"];

/// An event as it is declared.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Declared {
    r#type: String,
    properties: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct HttpApi {
    api_id: String,
    method: String,
    path: String,
    auth: Option<RouteAuth>,
    route_settings: Option<RouteSettings>,
    payload_format_version: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RouteAuth {
    authorizer: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Sqs {
    queue: String,
    #[serde(default = "ten")]
    batch_size: usize,
    #[serde(default, rename = "MaximumBatchingWindowInSeconds")]
    window: u64,
    #[serde(default)]
    function_response_types: Vec<String>,
    #[serde(default)]
    scaling_config: ScalingConfig,
    #[serde(default)]
    filter_criteria: FilterCriteria,
    #[serde(default = "yes")]
    enabled: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScalingConfig {
    maximum_concurrency: Option<usize>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FilterCriteria {
    #[serde(default)]
    filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Filter {
    pattern: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Stream {
    #[serde(rename = "Stream")]
    arn: String,
    starting_position: String,
    #[serde(default = "hundred")]
    batch_size: usize,
    #[serde(default)]
    bisect_batch_on_function_error: bool,
    #[serde(default)]
    function_response_types: Vec<String>,
    #[serde(default = "unlimited")]
    maximum_retry_attempts: i64,
    #[serde(default = "unlimited")]
    maximum_record_age_in_seconds: i64,
    #[serde(default)]
    destination_config: DestinationConfig,
    #[serde(default)]
    filter_criteria: FilterCriteria,
    #[serde(default = "yes")]
    enabled: bool,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DestinationConfig {
    on_failure: Option<OnFailure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OnFailure {
    r#type: String,
    destination: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ScheduleV2 {
    name: Option<String>,
    schedule_expression: String,
    input: Option<String>,
    #[serde(default)]
    state: Option<String>,
    /// For calls that could not be made: here they always can be.
    #[serde(rename = "RetryPolicy")]
    _retry: Option<Value>,
    dead_letter_config: Option<DeadLetterConfig>,
    #[serde(rename = "Description")]
    _description: Option<String>,
    /// Who may invoke it, and within which minutes it may be late.
    #[serde(rename = "PermissionsBoundary")]
    _boundary: Option<Value>,
    #[serde(rename = "FlexibleTimeWindow")]
    _window: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct DeadLetterConfig {
    arn: String,
}

fn ten() -> usize {
    10
}

fn hundred() -> usize {
    100
}

fn unlimited() -> i64 {
    -1
}

fn yes() -> bool {
    true
}

impl Declared {
    /// Adds what it declares for `function` to the deployment.
    pub(super) fn add(
        self,
        resource: &Resource<'_>,
        name: &str,
        function: &str,
        into: &mut Deployment,
    ) -> Result<(), TemplateError> {
        let wrong = |message: &str| resource.error(message).in_event(name);
        let function = function.to_owned();
        match self.r#type.as_str() {
            "HttpApi" => {
                let route =
                    route(resource.read(self.properties)?, function, resource).map_err(|fault| fault.in_event(name))?;
                let known = if route.method == "HEAD" { &mut into.heads } else { &mut into.routes };
                if let Some(other) = known.iter().find(|other| other.takes_requests_of(&route)) {
                    let Route { method, path, .. } = &route;
                    return Err(wrong(&format!("{} already has the route {method} {path}", other.function)));
                }
                known.push(route);
            }
            "SQS" => {
                let sqs: Sqs = resource.read(self.properties)?;
                if !(1..=10_000).contains(&sqs.batch_size) || (sqs.batch_size > 10 && sqs.window == 0) {
                    return Err(wrong("BatchSize is 1 to 10, or up to 10000 with a batching window"));
                }
                if sqs.enabled {
                    into.queue_sources.push(QueueSource {
                        function,
                        queue: name_in_arn(&sqs.queue).to_owned(),
                        batch_size: sqs.batch_size,
                        window: Duration::from_secs(sqs.window),
                        concurrency: sqs.scaling_config.maximum_concurrency.unwrap_or(CONCURRENCY),
                        filters: sqs.filter_criteria.patterns(),
                        partial: reports_failures(&sqs.function_response_types),
                    });
                }
            }
            "DynamoDB" => {
                let stream: Stream = resource.read(self.properties)?;
                if stream.starting_position != "TRIM_HORIZON" {
                    return Err(wrong("the local stack supports only the starting position TRIM_HORIZON"));
                }
                let on_failure = stream.destination_config.on_failure;
                if on_failure.as_ref().is_some_and(|destination| destination.r#type != "SQS") {
                    return Err(wrong("the local stack supports only SQS queues as a destination for failures"));
                }
                if stream.enabled {
                    into.stream_sources.push(StreamSource {
                        function,
                        table: name_in_arn(&stream.arn).to_owned(),
                        batch_size: stream.batch_size,
                        bisect: stream.bisect_batch_on_function_error,
                        retries: u32::try_from(stream.maximum_retry_attempts).ok(),
                        max_age: u64::try_from(stream.maximum_record_age_in_seconds).ok().map(Duration::from_secs),
                        on_failure: on_failure.map(|queue| name_in_arn(&queue.destination).to_owned()),
                        filters: stream.filter_criteria.patterns(),
                        partial: reports_failures(&stream.function_response_types),
                    });
                }
            }
            "ScheduleV2" => {
                let schedule: ScheduleV2 = resource.read(self.properties)?;
                let every = rate(&schedule.schedule_expression)
                    .ok_or_else(|| wrong("the local stack supports only schedules such as rate(5 minutes)"))?;
                if schedule.state.as_deref() != Some("DISABLED") {
                    let dead_letters = schedule.dead_letter_config.map(|queue| name_in_arn(&queue.arn).to_owned());
                    let name = schedule.name.unwrap_or_else(|| format!("{function}-{name}"));
                    into.schedules.push(Schedule { function, name, every, input: schedule.input, dead_letters });
                }
            }
            other => return Err(wrong(&format!("the local stack does not support the event type {other}"))),
        }
        Ok(())
    }
}

fn route(route: HttpApi, function: String, resource: &Resource<'_>) -> Result<Route, TemplateError> {
    if route.payload_format_version.is_some_and(|version| version != "2.0") {
        return Err(resource.error("the local stack supports only payload format 2.0"));
    }
    let method = route.method.to_ascii_uppercase();
    if !METHODS.contains(&method.as_str()) {
        return Err(resource.error(format_args!("the method {} is not one of {}", route.method, METHODS.join(", "))));
    }
    // The API's default; its name is looked up when all APIs are known, for it may stand below.
    let authorizer = match route.auth.and_then(|auth| auth.authorizer) {
        Some(none) if none == "NONE" => None,
        Some(named) => Some(named),
        None => default_authorizer(resource, &route.api_id),
    };
    Ok(Route {
        api: route.api_id,
        method,
        path: route.path,
        function,
        authorizer,
        throttling: route.route_settings.map(|settings| settings.throttling()),
    })
}

/// The default authorizer of an API in the same template, as SAM wants it.
fn default_authorizer(resource: &Resource<'_>, api: &str) -> Option<String> {
    let document = &resource.scope.document;
    let apis = document.order.iter().filter(|name| {
        document.resource(name).is_some_and(|json| json["Type"] == "AWS::Serverless::HttpApi")
            && resource.scope.identity(name).is_ok_and(|identity| identity.reference == api)
    });
    let mut defaults =
        apis.filter_map(|name| document.resource(name)?["Properties"]["Auth"]["DefaultAuthorizer"].as_str());
    defaults.next().map(str::to_owned)
}

impl FilterCriteria {
    fn patterns(self) -> Vec<String> {
        self.filters.into_iter().map(|filter| filter.pattern).collect()
    }
}

fn reports_failures(types: &[String]) -> bool {
    types.iter().any(|kind| kind == "ReportBatchItemFailures")
}

/// `rate(5 minutes)`.
fn rate(expression: &str) -> Option<Duration> {
    let (number, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number * seconds))
}
