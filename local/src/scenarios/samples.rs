//! The samples in `events/`: what Lambda hands each function, made of the templates, the scenarios and the frozen
//! events.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, Result};
use lambda::Trigger;
use serde_json::{Value, json};

use super::{Act, Request, Scenario, Who, find, request};
use crate::{
    read_templates, services,
    template::{ACCOUNT, Deployment, FunctionSpec, REGION},
};

/// When the samples happen, in milliseconds since 1970: 2026-03-03T13:16:40Z.
pub(super) const TIME: i64 = 1_772_543_800_000;

/// What names stand for in samples.
pub(crate) const NAMES: &[(&str, &str)] = &[
    ("accessToken", "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6IjA4OEg4VkZpQTlSQUI0WmwifQ.e30.AAAA"),
    ("account", "admin"),
    ("addressId", "adr_019c4cd8c2c0774bb20f876ffc474c05"),
    ("cartId", "crt_019cadd8ea007c429dc0285b9c25135b"),
    ("categoryId", "cat_019b78d5de6073c2b8190c6e47da25f1"),
    ("code", "SPRING"),
    ("country", "GB"),
    ("groupId", "cgr_019cb33f3d0070968f0a2e60219e2b68"),
    ("importId", "imp_019cb341b1807d35a2c7e90f4168b3da"),
    ("newCode", "SPRING"),
    ("newSku", "LAMP-GREEN"),
    ("orderId", "ord_019cade211c0759aaad08264d5795d39"),
    ("otherCartId", "crt_019cadd6b9787d1f8e0f3a5c7b912d44"),
    ("otherCategoryId", "cat_019b78d5de6073c2b8190c6e47da25f2"),
    ("password", "a long enough passphrase"),
    ("paymentId", "pay_019cade211c0759aaad08264d5795d39"),
    ("paymentMethod", "pm_card_visa"),
    ("paymentMethodId", "pmt_019c4cd8c2c0774bb20f876ffc474c06"),
    ("priceListId", "pls_019bd9f27c0070968f0a2e60219e2b68"),
    ("productId", "prd_019b78e481c0798e85f249002f03068e"),
    ("promotionId", "prm_019cadee46bf7d3a8e1f5b2c4d6a7890"),
    ("quote", QUOTE),
    ("quoteId", "quo_019cade2058e7b51a0c4e8f1d3b69277"),
    (
        "refreshToken",
        "9MR0tjl8DBZhjfGDz--KgPwVcH2Yk95Q1eEzKERNiFAP218SzhzuWVqZw2J5IZyl_i-_YwZHLJYAsdpN0qdfXKB70kPtv-owKg_v_AmvKlQ",
    ),
    ("replenishmentId", "rpl_019cb3a104407ab29409dd311ca87192"),
    ("secondSku", "BULB-E27"),
    ("shipmentId", "shp_019cade211c0759aaad08264d5795d39"),
    ("singleUseCode", "THANKS-7F3K"),
    ("sku", "LAMP-RED"),
    ("userId", "usr_019c136349c076c49863875e34487ca3"),
];

/// Signed by the key of no stage.
const QUOTE: &str = "eyJ0eXAiOiJxdW90ZStqd3QiLCJhbGciOiJFZERTQSIsImtpZCI6IjExcVlQWUt4Q3JmVlNfN1QifQ.e30.AAAA";

/// What a name stands for in samples.
///
/// # Panics
/// Where the name is not listed.
pub(super) fn name(name: &str) -> &'static str {
    let known = NAMES.iter().find(|(known, _)| *known == name);
    known.unwrap_or_else(|| panic!("samples have no {name}: add one in local/src/scenarios/samples.rs")).1
}

/// The frozen sample of an event: metadata and data.
pub(super) fn frozen(event: &str) -> Result<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/contracts/samples");
    let file = folder.join(format!("{event}.json"));
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}

/// Where the samples are kept.
pub const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../events");

/// The samples that are kept, by their path in `events/`.
///
/// # Errors
/// Where a file cannot be read.
pub fn kept() -> Result<BTreeMap<String, String>> {
    fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) -> Result<()> {
        for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let (path, name) = {
                let entry = entry?;
                (entry.path(), entry.file_name().to_string_lossy().into_owned())
            };
            if path.is_dir() {
                collect(&path, &format!("{prefix}{name}/"), files)?;
            } else {
                files.insert(format!("{prefix}{name}"), fs::read_to_string(&path)?);
            }
        }
        Ok(())
    }
    let mut files = BTreeMap::new();
    collect(Path::new(FOLDER), "", &mut files)?;
    Ok(files)
}

/// Every sample, by its path in `events/`.
///
/// # Errors
/// Where a function has no scenario to make one of.
pub fn made() -> Result<BTreeMap<String, String>> {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let deployment = &read_templates(Some(template.as_ref()), &[("Stage", "dev")])?;
    let mut samples = BTreeMap::new();
    for spec in &deployment.functions {
        for (file, sample) in of_function(spec, deployment).with_context(|| spec.name.clone())? {
            samples.insert(format!("{}/{file}.json", spec.service), format!("{sample:#}\n"));
        }
    }
    Ok(samples)
}

/// The names that samples are made with.
#[cfg(test)]
pub(crate) fn names() -> Result<std::collections::BTreeSet<String>> {
    let template = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let deployment = &read_templates(Some(template.as_ref()), &[("Stage", "dev")])?;
    // The authorizer is sent a token, and every caller has an id.
    let mut names: std::collections::BTreeSet<_> = ["accessToken", "userId", "orderId"].map(str::to_owned).into();
    for scenario in super::ALL.iter() {
        match &scenario.act {
            Act::Call { .. } => names.extend(Request::of(scenario, deployment)?.names()),
            Act::Invoke(payload) | Act::Arrives(Some(payload)) => names.extend(request::names_in(&payload.to_string())),
            Act::Arrives(None) => {}
        }
    }
    Ok(names)
}

/// The samples of one function by file: one, or one an event for a consumer of several.
fn of_function(spec: &FunctionSpec, deployment: &Deployment) -> Result<Vec<(String, Value)>> {
    let function = services::find(services::ALL, &spec.service, &spec.binary).context("no code")?;
    let scenario = || find(&format!("{}/{}", spec.service, spec.binary));
    let sample = match function.trigger() {
        Trigger::Http(_) | Trigger::Page(_) => request_event(scenario()?, deployment)?,
        Trigger::Events { events, .. } => {
            let record = |event: &str| anyhow::Ok(records(&sqs_record(spec, &bus_event(event)?)));
            if let [(_, event)] = events[..] {
                record(event)?
            } else {
                let files = events.iter().map(|(_, event)| Ok((format!("{}/{event}", spec.binary), record(event)?)));
                return files.collect();
            }
        }
        Trigger::Messages { .. } => {
            let Act::Arrives(Some(body)) = &scenario()?.act else { anyhow::bail!("its scenario has no message") };
            records(&sqs_record(spec, &filled(body)))
        }
        Trigger::Stream => records(&stream_record(spec)?),
        Trigger::Schedule => json!({
            "version": "0",
            "id": uuid(&spec.name),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": ACCOUNT,
            "time": time(),
            "region": REGION,
            "resources": [format!("arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/default/{}", spec.name)],
            "detail": "{}",
        }),
        Trigger::Invoke => match &scenario()?.act {
            Act::Invoke(payload) => filled(payload),
            _ => anyhow::bail!("its scenario does not invoke it"),
        },
        Trigger::Authorizer => authorizer_event(name("accessToken")),
    };
    Ok(vec![(spec.binary.clone(), sample)])
}

fn filled(value: &Value) -> Value {
    let mut value = value.clone();
    for known in request::names_in(&value.to_string()) {
        request::fill(&mut value, &known, &name(&known).into());
    }
    value
}

/// API Gateway's event of a request (payload format 2.0).
fn request_event(scenario: &Scenario, deployment: &Deployment) -> Result<Value> {
    let mut request = Request::of(scenario, deployment)?;
    for known in request.names() {
        let own = scenario.defaults.iter().find(|(own, _)| *own == known).map(|(_, value)| value.clone());
        request.fill(&known, &own.unwrap_or_else(|| name(&known).into()));
    }
    let roles = match scenario.who() {
        None | Some(Who::Anyone) => None,
        Some(Who::Shopper | Who::Customer) => Some("customer"),
        Some(Who::Merchant) => Some("customer,merchant"),
        Some(Who::Courier) => Some("customer,courier"),
        Some(Who::Support) => Some("customer,support"),
        Some(Who::Admin) => Some("customer,admin"),
    };
    let mut headers = headers();
    let body = request.body.is_some().then(|| request.content());
    if let Some(body) = &body {
        headers["content-length"] = body.len().to_string().into();
        headers["content-type"] = request.content_type().into();
    }
    match request.method.as_str() {
        "POST" if roles.is_some() => headers["idempotency-key"] = uuid(scenario.name).into(),
        "PUT" | "PATCH" | "DELETE" => headers["if-match"] = "*".into(),
        _ => {}
    }
    for (name, value) in request.headers {
        headers[*name] = (*value).into();
    }
    let path = request.path();
    let (path, query) = path.split_once('?').unwrap_or((&path, ""));
    let mut event = json!({
        "version": "2.0",
        "routeKey": format!("{} {}", request.method, request.route),
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": context(&request.method, &request.route, path),
        "isBase64Encoded": false,
    });
    let object = |pairs: &[(String, String)]| pairs.iter().cloned().collect::<BTreeMap<_, _>>();
    if !request.parameters.is_empty() {
        event["pathParameters"] = json!(object(&request.parameters));
    }
    if !request.query.is_empty() {
        event["queryStringParameters"] = json!(object(&request.query));
    }
    if let Some(roles) = roles {
        let session = "ses_019cb33f5c407e78acce0d95f0f60895";
        event["requestContext"]["authorizer"]["lambda"] =
            json!({"principal": name("userId"), "roles": roles, "session": session});
    }
    if let Some(body) = body {
        event["body"] = body.into();
    }
    Ok(event)
}

/// The request by which API Gateway asks who a token is for.
pub fn authorizer_event(token: &str) -> Value {
    let bearer = format!("Bearer {token}");
    let mut headers = headers();
    headers["authorization"] = bearer.as_str().into();
    json!({
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:a1b2c3d4e5/$default/GET/v1/me"),
        "identitySource": [bearer],
        "routeKey": "GET /v1/me",
        "rawPath": "/v1/me",
        "rawQueryString": "",
        "headers": headers,
        "requestContext": context("GET", "/v1/me", "/v1/me"),
    })
}

fn headers() -> Value {
    json!({
        "accept": "application/json",
        "host": "souk.example",
        "user-agent": "curl/8.5.0",
        "x-amzn-trace-id": TRACE,
        "x-forwarded-for": "192.0.2.10",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    })
}

const TRACE: &str = "Root=1-69a6df38-b2b542bc0f10e7236c8243e1;Parent=42aa6cada31a7c44;Sampled=1";

fn context(method: &str, route: &str, path: &str) -> Value {
    json!({
        "accountId": ACCOUNT,
        "apiId": "a1b2c3d4e5",
        "domainName": "souk.example",
        "domainPrefix": "souk",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.10",
            "userAgent": "curl/8.5.0",
        },
        "requestId": "4Qzf8JbQPYJuQus=",
        "routeKey": format!("{method} {route}"),
        "stage": "$default",
        "time": "03/Mar/2026:13:16:40 +0000",
        "timeEpoch": TIME,
    })
}

/// An event as the bus puts it into a queue.
fn bus_event(name: &str) -> Result<Value> {
    let event = contracts::events::all().find(|event| event.name == name);
    let detail = frozen(name)?;
    Ok(json!({
        "version": "0",
        "id": uuid(name),
        "detail-type": name,
        "source": event.context("no such event")?.source,
        "account": ACCOUNT,
        "time": detail["metadata"]["time"],
        "region": REGION,
        "resources": [],
        "detail": detail,
    }))
}

/// The only record of a batch.
fn records(record: &Value) -> Value {
    json!({"Records": [record]})
}

fn sqs_record(spec: &FunctionSpec, body: &Value) -> Value {
    let body = body.to_string();
    json!({
        "messageId": uuid(&body),
        "receiptHandle": "VO6drJm0fx+boxC1BU5awsRwYgaRaWc1V5YjCZM051Q=",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "AWSTraceHeader": TRACE,
            "SentTimestamp": TIME.to_string(),
            "SenderId": "AIDAIE3Y6ZSAMPLE00000",
            "ApproximateFirstReceiveTimestamp": (TIME + 5).to_string(),
        },
        "messageAttributes": {},
        "md5OfBody": hash(&body),
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", spec.name),
        "awsRegion": REGION,
    })
}

/// The insertion of the first event that the service publishes.
fn stream_record(spec: &FunctionSpec) -> Result<Value> {
    let source = format!("souk.{}", spec.service);
    let event = contracts::events::all().find(|event| event.source == source);
    let event = event.context("the service publishes nothing")?;
    let detail = frozen(event.name)?;
    let version = detail["metadata"]["version"].as_u64().unwrap_or_default();
    let keys = json!({
        "pk": {"S": detail["metadata"]["aggregate"]},
        "sk": {"S": format!("event#{version:08}")},
    });
    let mut image = keys.clone();
    image["source"] = json!({"S": event.source});
    image["name"] = json!({"S": event.name});
    image["detail"] = json!({"S": detail.to_string()});
    image["time"] = json!({"S": detail["metadata"]["time"]});
    image["trace"] = json!({"S": TRACE});
    let size = image.to_string().len();
    Ok(json!({
        "eventID": hash(&spec.name),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "ApproximateCreationDateTime": TIME / 1000,
            "Keys": keys,
            "NewImage": image,
            "SequenceNumber": "4421584500000000017450439091",
            "SizeBytes": size,
            "StreamViewType": "NEW_IMAGE",
        },
        "eventSourceARN": format!(
            "arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{}/stream/2026-03-01T08:00:00.000",
            spec.environment.get("TABLE").map_or("", String::as_str)
        ),
    }))
}

fn time() -> String {
    jiff::Timestamp::from_millisecond(TIME).map_or_else(|_| String::new(), |time| time.to_string())
}

fn hash(text: &str) -> String {
    format!("{:x}", md5::compute(text))
}

/// An id that is the same each time.
fn uuid(text: &str) -> String {
    uuid::Builder::from_md5_bytes(md5::compute(text).0).into_uuid().to_string()
}
