//! The checks: each takes a template and answers what is wrong with it.

use std::collections::BTreeSet;

use serde_json::Value;

pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) run: fn(&Value) -> Vec<String>,
}

pub(super) const CHECKS: &[Check] = &[
    Check { name: "no wildcard permission", run: wildcards },
    Check { name: "no secret in the environment", run: secrets },
    Check { name: "secrets set by hand are read anew", run: by_hand },
    Check { name: "exact origins", run: origins },
    Check { name: "an authorizer", run: authorizers },
    Check { name: "queue visibility", run: visibility },
    Check { name: "five receives", run: receives },
    Check { name: "dead letters are kept", run: retention },
    Check { name: "partial failures", run: partial_failures },
    Check { name: "API functions", run: api_timeouts },
    Check { name: "tables", run: tables },
    Check { name: "a rule has dead letters", run: rules },
    Check { name: "an alarm per dead-letter queue", run: alarms },
    Check { name: "an alarm names its events", run: alarm_texts },
    Check { name: "queues are encrypted", run: encryption },
    Check { name: "logs and limits", run: logs_and_limits },
    Check { name: "the edge says whose request it is", run: viewers },
];

const FUNCTION: &str = "AWS::Serverless::Function";
const QUEUE: &str = "AWS::SQS::Queue";
/// Fourteen days: the longest that SQS keeps anything.
const LONGEST: u64 = 1_209_600;

/// Resources of a type: name and properties.
fn of_type<'a>(template: &'a Value, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources.filter(move |(_, r)| r["Type"] == kind).map(|(name, r)| (name.as_str(), &r["Properties"]))
}

/// A list, or the one thing that stands for a list.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The resource that a `!GetAtt X.Y` or `!Ref X` is about.
fn resource(value: &Value) -> Option<&str> {
    let path = value["Fn::GetAtt"].as_str().or(value["Ref"].as_str())?;
    path.split('.').next()
}

/// Events of functions: the function's name and properties, the event.
fn events<'a>(template: &'a Value, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value, &'a Value)> {
    of_type(template, FUNCTION).flat_map(move |(name, function)| {
        let events = function["Events"].as_object().into_iter().flatten();
        events
            .filter(move |(_, event)| event["Type"] == kind)
            .map(move |(_, event)| (name, function, &event["Properties"]))
    })
}

fn timeout(template: &Value, function: &Value) -> u64 {
    let timeout = function["Timeout"].as_u64();
    timeout.or(template["Globals"]["Function"]["Timeout"].as_u64()).unwrap_or(3)
}

/// Every permission statement, wherever it stands.
fn statements<'a>(value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("Effect") && (fields.contains_key("Action") || fields.contains_key("NotAction")) {
                found.push(value);
            }
            fields.values().for_each(|value| statements(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| statements(value, found)),
        _ => {}
    }
}

fn wildcards(template: &Value) -> Vec<String> {
    let mut found = Vec::new();
    statements(&template["Resources"], &mut found);
    let mut wrong = Vec::new();
    for statement in found {
        let actions: Vec<_> =
            items(&statement["Action"]).into_iter().map(|action| action.as_str().unwrap_or("*")).collect();
        wrong.extend(actions.iter().filter(|action| action.contains('*')).map(|action| format!("the action {action}")));
        // X-Ray has no resources that one could name.
        let only_traces = actions.iter().all(|action| action.starts_with("xray:"));
        if !only_traces && items(&statement["Resource"]).iter().any(|resource| **resource == "*") {
            wrong.push(format!("{actions:?} on any resource"));
        }
        if statement.get("NotAction").is_some() || statement.get("NotResource").is_some() {
            wrong.push("everything but some".to_owned());
        }
    }
    // Named policies are defined elsewhere.
    for (name, function) in of_type(template, FUNCTION) {
        let named = items(&function["Policies"]).into_iter().filter_map(Value::as_str);
        wrong.extend(named.map(|policy| format!("{name} has the policy {policy}")));
    }
    wrong
}

fn secrets(template: &Value) -> Vec<String> {
    let globals = [("Globals", &template["Globals"]["Function"])];
    let mut wrong = Vec::new();
    for (function, properties) in globals.into_iter().chain(of_type(template, FUNCTION)) {
        for (name, value) in properties["Environment"]["Variables"].as_object().into_iter().flatten() {
            let text = value.as_str().or(value["Fn::Sub"].as_str());
            let Some(text) = text.filter(|text| !text.contains("{{resolve:secretsmanager:")) else { continue };
            let words: BTreeSet<_> = name.split('_').collect();
            let is_secret =
                ["SECRET", "PASSWORD", "TOKEN", "KEY", "CREDENTIALS", "PEPPER"].iter().any(|w| words.contains(w));
            let looks_secret =
                ["sk_live", "sk_test", "whsec_", "AKIA", "-----BEGIN"].iter().any(|mark| text.contains(mark));
            if is_secret || looks_secret {
                wrong.push(format!("{function}: {name} is in plain text"));
            }
        }
    }
    wrong
}

/// A field of a secret is set by hand. CloudFormation reads it again only for a function that changes.
fn by_hand(template: &Value) -> Vec<String> {
    let global = &template["Globals"]["Function"]["Environment"]["Variables"];
    let stale = of_type(template, FUNCTION).filter(|(_, function)| {
        let variables = [global, &function["Environment"]["Variables"]];
        variables.iter().any(|variables| variables.to_string().contains(":SecretString:"))
            && !variables.iter().any(|variables| variables["SECRETS_VERSION"]["Ref"] == "SecretsVersion")
    });
    stale.map(|(name, _)| format!("{name} has no SECRETS_VERSION")).collect()
}

fn origins(template: &Value) -> Vec<String> {
    let apis = of_type(template, "AWS::Serverless::HttpApi");
    let origins = apis.flat_map(|(_, api)| match &api["CorsConfiguration"] {
        Value::Object(cors) => cors.get("AllowOrigins").map(items).unwrap_or_default(),
        // `true` or one text: any origin.
        Value::Null => Vec::new(),
        other => vec![other],
    });
    origins
        .filter(|origin| **origin == true || origin.to_string().contains('*'))
        .map(|origin| format!("any origin: {origin}"))
        .collect()
}

fn authorizers(template: &Value) -> Vec<String> {
    // The API's own default is for every route that does not name another.
    let mut apis = of_type(template, "AWS::Serverless::HttpApi");
    let has_default = apis.all(|(_, api)| api["Auth"]["DefaultAuthorizer"].is_string());
    let listed: BTreeSet<_> =
        items(&template["Metadata"]["PublicRoutes"]).into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let public: BTreeSet<_> = events(template, "HttpApi")
        .filter(|(_, _, route)| !has_default || route["Auth"]["Authorizer"] == "NONE")
        .map(|(_, _, route)| {
            format!("{} {}", route["Method"].as_str().unwrap_or("ANY"), route["Path"].as_str().unwrap_or("/"))
        })
        .collect();
    let mut wrong: Vec<_> =
        public.difference(&listed).map(|route| format!("{route} is public, and not on the list")).collect();
    wrong
        .extend(listed.difference(&public).map(|route| format!("{route} is on the list of public routes, and is not")));
    wrong
}

fn visibility(template: &Value) -> Vec<String> {
    let sources = events(template, "SQS").filter_map(|(name, function, source)| {
        let needed = 6 * timeout(template, function);
        let queue = resource(&source["Queue"]).map(|queue| &template["Resources"][queue]["Properties"]);
        let seconds = queue.map_or(0, |queue| queue["VisibilityTimeout"].as_u64().unwrap_or(30));
        (seconds < needed).then(|| format!("the queue of {name} hides a message for {seconds} s, not {needed}"))
    });
    sources.collect()
}

fn receives(template: &Value) -> Vec<String> {
    let sources = events(template, "SQS").filter_map(|(name, _, source)| {
        let queue = &template["Resources"][resource(&source["Queue"]).unwrap_or_default()]["Properties"];
        let receives = &queue["RedrivePolicy"]["maxReceiveCount"];
        (*receives != 5).then(|| format!("the queue of {name} has maxReceiveCount {receives}"))
    });
    sources.collect()
}

/// The queues that something names as its dead-letter queue.
fn dead_letters(template: &Value) -> BTreeSet<&str> {
    let redrives = of_type(template, QUEUE).map(|(_, queue)| &queue["RedrivePolicy"]["deadLetterTargetArn"]);
    let rules = of_type(template, "AWS::Events::Rule").flat_map(|(_, rule)| items(&rule["Targets"]));
    let rules = rules.map(|target| &target["DeadLetterConfig"]["Arn"]);
    let streams =
        events(template, "DynamoDB").map(|(.., stream)| &stream["DestinationConfig"]["OnFailure"]["Destination"]);
    let schedules = events(template, "ScheduleV2").map(|(.., schedule)| &schedule["DeadLetterConfig"]["Arn"]);
    redrives.chain(rules).chain(streams).chain(schedules).filter_map(resource).collect()
}

fn retention(template: &Value) -> Vec<String> {
    let queues = dead_letters(template).into_iter();
    let short = queues.filter(|queue| template["Resources"][*queue]["Properties"]["MessageRetentionPeriod"] != LONGEST);
    short.map(|queue| format!("{queue} does not keep its messages for 14 days")).collect()
}

fn partial_failures(template: &Value) -> Vec<String> {
    let sources = events(template, "SQS").chain(events(template, "DynamoDB"));
    let silent = sources.filter(|(.., source)| {
        !items(&source["FunctionResponseTypes"]).iter().any(|t| **t == "ReportBatchItemFailures")
    });
    silent.map(|(name, ..)| format!("{name} does not report which of a batch failed")).collect()
}

fn api_timeouts(template: &Value) -> Vec<String> {
    let routes = events(template, "HttpApi").map(|(name, function, _)| (name, timeout(template, function)));
    routes.filter(|(_, timeout)| *timeout > 10).map(|(name, timeout)| format!("{name} may take {timeout} s")).collect()
}

fn tables(template: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, table) in of_type(template, "AWS::DynamoDB::Table") {
        let sse = &table["SSESpecification"];
        let must = [
            ("on demand", table["BillingMode"] == "PAY_PER_REQUEST"),
            ("recoverable", table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] == true),
            ("forgetful", table["TimeToLiveSpecification"]["Enabled"] == true),
            ("an outbox", table["StreamSpecification"]["StreamViewType"].is_string()),
            ("encrypted with KMS", sse["SSEEnabled"] == true && sse["SSEType"] == "KMS"),
        ];
        wrong.extend(must.iter().filter(|(_, is)| !is).map(|(what, _)| format!("{name} is not {what}")));
    }
    wrong
}

fn rules(template: &Value) -> Vec<String> {
    let rules = of_type(template, "AWS::Events::Rule");
    let lossy = rules.filter(|(_, rule)| {
        items(&rule["Targets"]).iter().any(|target| resource(&target["DeadLetterConfig"]["Arn"]).is_none())
    });
    lossy.map(|(name, _)| format!("{name} has a target without dead letters")).collect()
}

fn alarms(template: &Value) -> Vec<String> {
    let alarms = of_type(template, "AWS::CloudWatch::Alarm").filter(|(_, alarm)| {
        alarm["MetricName"] == "ApproximateNumberOfMessagesVisible" && !items(&alarm["AlarmActions"]).is_empty()
    });
    let watched: BTreeSet<_> = alarms
        .flat_map(|(_, alarm)| items(&alarm["Dimensions"]))
        .filter_map(|dimension| resource(&dimension["Value"]))
        .collect();
    let unwatched = dead_letters(template).into_iter().filter(|queue| !watched.contains(queue));
    unwatched.map(|queue| format!("{queue} has none")).collect()
}

/// Dead letters of a consumer of several events are of one of them: the alarm says of which.
fn alarm_texts(template: &Value) -> Vec<String> {
    let alarms: Vec<_> = of_type(template, "AWS::CloudWatch::Alarm").collect();
    let mut wrong = Vec::new();
    for (rule, properties) in of_type(template, "AWS::Events::Rule") {
        let events = items(&properties["EventPattern"]["detail-type"]);
        let targets = items(&properties["Targets"]).into_iter();
        let queues: BTreeSet<_> = targets.filter_map(|target| resource(&target["DeadLetterConfig"]["Arn"])).collect();
        let watches = |alarm: &Value| {
            let mut dimensions = items(&alarm["Dimensions"]).into_iter();
            dimensions.any(|dimension| resource(&dimension["Value"]).is_some_and(|queue| queues.contains(queue)))
        };
        for (alarm, properties) in alarms.iter().filter(|(_, properties)| events.len() > 1 && watches(properties)) {
            let text = properties["AlarmDescription"].to_string();
            let unnamed = events.iter().filter_map(|event| event.as_str()).filter(|event| !text.contains(event));
            wrong.extend(unnamed.map(|event| format!("{alarm} does not name {event} of {rule}")));
        }
    }
    wrong
}

fn encryption(template: &Value) -> Vec<String> {
    let open = of_type(template, QUEUE).filter(|(_, queue)| queue["SqsManagedSseEnabled"] != true);
    open.map(|(name, _)| format!("{name} is not")).collect()
}

fn logs_and_limits(template: &Value) -> Vec<String> {
    let groups = of_type(template, "AWS::Logs::LogGroup").filter(|(_, group)| group["RetentionInDays"].is_null());
    let mut wrong: Vec<_> = groups.map(|(name, _)| format!("{name} keeps logs for ever")).collect();
    for (name, api) in of_type(template, "AWS::Serverless::HttpApi") {
        if api["AccessLogSettings"].is_null() {
            wrong.push(format!("{name} has no access log"));
        }
        let limits = &api["DefaultRouteSettings"];
        if limits["ThrottlingRateLimit"].is_null() || limits["ThrottlingBurstLimit"].is_null() {
            wrong.push(format!("{name} is not throttled"));
        }
    }
    let has_functions = of_type(template, FUNCTION).next().is_some();
    if has_functions && template["Globals"]["Function"]["LoggingConfig"]["LogFormat"] != "JSON" {
        wrong.push("functions do not log JSON".to_owned());
    }
    wrong
}

/// An origin that takes the edge's word must not be told by the edge what a viewer made up.
fn viewers(template: &Value) -> Vec<String> {
    let edges = of_type(template, "AWS::CloudFront::Distribution").map(|(_, edge)| &edge["DistributionConfig"]);
    let mut wrong = Vec::new();
    for edge in edges {
        let origins = items(&edge["Origins"]).into_iter().filter(|origin| !origin["OriginCustomHeaders"].is_null());
        let trusting: BTreeSet<_> = origins.filter_map(|origin| origin["Id"].as_str()).collect();
        for behaviour in items(&edge["CacheBehaviors"]).into_iter().chain([&edge["DefaultCacheBehavior"]]) {
            let origin = behaviour["TargetOriginId"].as_str().unwrap_or_default();
            let mut functions = items(&behaviour["FunctionAssociations"]).into_iter();
            if trusting.contains(origin) && !functions.any(|function| function["EventType"] == "viewer-request") {
                wrong.push(format!("{} goes to {origin} with what the viewer says", behaviour["PathPattern"]));
            }
        }
    }
    wrong
}
