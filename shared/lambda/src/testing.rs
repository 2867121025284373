//! A harness for tests of a service. It invokes the service's functions like Lambda does, with a fresh table. It
//! panics on unexpected results, which fails the test.
#![expect(clippy::needless_pass_by_value, reason = "ids, numbers and texts are given alike")]
#![expect(clippy::missing_panics_doc, reason = "said once, above")]

mod answer;
mod caller;
mod pages;
mod table;

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use base64::{Engine, engine::general_purpose::STANDARD};
use contracts::{Envelope, EventId, Metadata, UserId};
use dynamo::{EventRecord, Ids, RequestContext};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json, value::RawValue};
use uuid::Uuid;

use crate::{Context, Env, Function, InvocationError, Service, Trigger};
pub use answer::Answer;
use table::Fresh;

/// The time at which every harness starts.
pub const START: Timestamp = Timestamp::constant(1_790_000_000, 0);

/// The trace of every invocation, as X-Ray names it.
pub const TRACE: &str = "Root=1-6ab1a380-000000000000000000000001;Parent=0000000000000001;Sampled=0";

/// The user with a number. It is the same user each time.
pub fn user(number: u128) -> UserId {
    Uuid::from_u128(number).into()
}

/// A fresh table, a clock that only tests move, and the functions of one service.
#[derive(Debug, Clone)]
pub struct Harness {
    env: Env,
    /// The table is dropped with the last harness that uses it.
    _table: Arc<Fresh>,
    clock: Arc<AtomicI64>,
    check: Option<fn(&Answer)>,
}

impl Harness {
    /// A harness with an emulator's HTTP client and a separate table, in the emulator or in the `DynamoDB` at the
    /// address in `SOUK_TEST_DYNAMODB`.
    pub async fn new(http: SharedHttpClient) -> Self {
        Self::with_http_clients(|| table::http_client(http.clone())).await
    }

    /// A harness whose calls all go to an HTTP client, also with `SOUK_TEST_DYNAMODB`.
    pub async fn with_http_client(http: SharedHttpClient) -> Self {
        Self::with_http_clients(|| http.clone()).await
    }

    async fn with_http_clients(http: impl Fn() -> SharedHttpClient) -> Self {
        let table = format!("test-{}", Uuid::from_u128(crate::env::random()).simple());
        let variables = [
            ("TABLE", table.as_str()),
            ("EVENT_BUS", "souk-test"),
            ("SERVICE", "test"),
            ("STAGE", "test"),
            ("ID_SECRET", "a secret of at least thirty-two characters"),
            ("SEAL_SECRET", "a secret of at least thirty-two characters"),
            ("AWS_REGION", "eu-west-1"),
            ("RELAY_DEAD_LETTERS_URL", "https://sqs.eu-west-1.amazonaws.com/000000000000/relay-dead-letters"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter();
        let variables: HashMap<_, _> = variables.chain(table::credentials()).collect();
        let env = || Env::new(variables.clone(), http()).with_attempt_timeout(table::attempt_timeout());
        let table = Arc::new(Fresh::make(table, || env().dynamodb()).await);
        let clock = Arc::new(AtomicI64::new(START.as_millisecond()));
        let time = clock.clone();
        let env = env().with_clock(move || Timestamp::from_millisecond(time.load(Ordering::Relaxed)).unwrap_or(START));
        Self { env, _table: table, clock, check: None }
    }

    /// The environment of the functions.
    pub fn env(&self) -> &Env {
        &self.env
    }

    /// The same harness with more environment variables.
    #[must_use]
    pub fn with_variable(self, name: &str, value: &str) -> Self {
        Self { env: self.env.with_variables([(name.to_owned(), value.to_owned())]), ..self }
    }

    /// The same harness, with the HTTP requests of its functions answered by this.
    #[must_use]
    pub fn with_outbound_http(self, outbound_http: crate::OutboundHttp) -> Self {
        Self { env: self.env.with_outbound_http(outbound_http), ..self }
    }

    /// The same harness, with a check of every answer of its functions.
    #[must_use]
    pub fn with_check(self, check: fn(&Answer)) -> Self {
        Self { check: Some(check), ..self }
    }

    /// The service's handle.
    pub fn service<S: Service>(&self) -> S {
        S::start(&self.env).expect("the service starts")
    }

    /// The time of the harness.
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: SignedDuration) {
        self.clock.fetch_add(i64::try_from(by.as_millis()).unwrap_or_default(), Ordering::Relaxed);
    }

    /// A context for items that a test stores itself.
    pub fn context(&self) -> RequestContext {
        let (now, id) = (self.now(), Uuid::from_u128(crate::env::random()));
        RequestContext {
            now,
            principal: "test".to_owned(),
            causation: id.to_string(),
            correlation: id.to_string(),
            trace: None,
            ids: Ids::new(now, crate::env::random()),
            message: None,
            idempotency_key: None,
        }
    }

    /// Calls an operation with an event of API Gateway. Panics if the function does not declare what it answers.
    pub async fn call(&self, function: fn() -> Function, request: Request) -> Answer {
        let method = request.method.clone();
        let answer = self.invoke(function, &request.event()).await.unwrap_or_else(|error| panic!("{error}"));
        let headers = answer["headers"].as_object().into_iter().flatten();
        let headers = headers.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
        let answer = Answer {
            status: u16::try_from(answer["statusCode"].as_u64().unwrap_or_default()).unwrap_or_default(),
            headers: headers.collect(),
            text: answer["body"].as_str().unwrap_or_default().to_owned(),
            json: answer["body"].as_str().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default(),
            cookies: serde_json::from_value(answer["cookies"].clone()).unwrap_or_default(),
        };
        let function = function();
        if let Trigger::Http(http) = function.trigger() {
            let problem = Some(answer.problem()).filter(|slug| !slug.is_empty());
            let breach = http.breach(&method, answer.status, answer.headers.contains_key("etag"), problem);
            assert!(breach.is_none(), "{} {}: {answer:?}", function.name(), breach.unwrap_or_default());
        }
        if let Some(check) = self.check {
            check(&answer);
        }
        answer
    }

    /// Sends an event with a new id to a consumer.
    ///
    /// # Errors
    /// The reason why it was not consumed. The log has more details.
    pub async fn consume<E: contracts::Event>(&self, function: fn() -> Function, data: E) -> Result<(), String> {
        self.deliver(function, &self.envelope("test#1", 1, data)).await
    }

    /// An event in its envelope, with the current time and a new id.
    pub fn envelope<E: contracts::Event>(&self, aggregate: &str, version: u64, data: E) -> Envelope<E> {
        let metadata = Metadata {
            id: EventId::from(Uuid::from_u128(crate::env::random())),
            aggregate: aggregate.to_owned(),
            version,
            time: self.now(),
            causation: "test".to_owned(),
            correlation: "test".to_owned(),
            principal: "test".to_owned(),
        };
        Envelope { metadata, data }
    }

    /// Sends an event to a consumer. Sending the same envelope again is a redelivery.
    ///
    /// # Errors
    /// The reason why it was not consumed. The log has more details.
    pub async fn deliver<E: contracts::Event>(
        &self,
        function: fn() -> Function,
        event: &Envelope<E>,
    ) -> Result<(), String> {
        let (id, body) = Self::message_of(event);
        self.message(function, id, &body).await
    }

    /// An event as a message in the consumer's queue: the message's id and body.
    pub fn message_of<E: contracts::Event>(event: &Envelope<E>) -> (Uuid, Value) {
        let body = json!({"version": "0", "id": event.metadata.id, "source": E::SOURCE, "detail-type": E::NAME, "detail": event});
        (event.metadata.id.uuid(), body)
    }

    /// Sends a message to a consumer, as its queue does.
    ///
    /// # Errors
    /// The reason why it was not consumed. The log has more details.
    pub async fn message(&self, function: fn() -> Function, id: Uuid, body: &Value) -> Result<(), String> {
        match self.batch(function, &[(id, body.clone())]).await {
            Ok(failed) if failed.is_empty() => Ok(()),
            Ok(_) => Err("not consumed".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Sends a batch of messages to a consumer, as its queue does. Returns the ids of those that failed and will be
    /// delivered again.
    ///
    /// # Errors
    /// The error of the invocation.
    pub async fn batch(
        &self,
        function: fn() -> Function,
        messages: &[(Uuid, Value)],
    ) -> Result<Vec<Uuid>, InvocationError> {
        let record = |(id, body): &(Uuid, Value)| {
            json!({
                "messageId": id.to_string(), "receiptHandle": "receipt", "body": body.to_string(), "md5OfBody": "",
                "attributes": {"ApproximateReceiveCount": "1"}, "messageAttributes": {}, "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:test", "awsRegion": "eu-west-1",
            })
        };
        let records: Vec<_> = messages.iter().map(record).collect();
        let answer = self.invoke(function, &json!({"Records": records})).await?;
        let failures = answer["batchItemFailures"].as_array().expect("a consumer reports what failed");
        let id = |failure: &Value| failure["itemIdentifier"].as_str().and_then(|id| id.parse().ok());
        Ok(failures.iter().map(|failure| id(failure).expect("a message is named by its id")).collect())
    }

    /// Runs a scheduled function.
    pub async fn tick(&self, function: fn() -> Function) {
        self.invoke(function, &json!({})).await.unwrap_or_else(|error| panic!("{error}"));
    }

    /// Invokes a function with an event, like Lambda does.
    ///
    /// # Errors
    /// The function's error.
    pub async fn invoke(&self, function: fn() -> Function, event: &Value) -> Result<Value, InvocationError> {
        let instance = function().start(&self.env).expect("the function starts");
        let mut invocation = Context::default();
        invocation.request_id = Uuid::from_u128(crate::env::random()).to_string();
        invocation.deadline = u64::try_from(self.now().as_millisecond()).unwrap_or_default() + 30_000;
        invocation.xray_trace_id = Some(TRACE.to_owned());
        let payload = RawValue::from_string(event.to_string()).expect("JSON is JSON");
        let answer = instance.invoke(payload, invocation).await?;
        Ok(serde_json::from_str(answer.get()).expect("an answer is JSON"))
    }

    /// All events of the service so far, by aggregate.
    pub async fn events(&self) -> Vec<EventRecord> {
        let table = self.env.table().expect("the table is named");
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = table.events_since(Timestamp::MIN, after.as_ref()).await.expect("the table is readable");
            all.extend(page.0);
            after = page.1;
            if after.is_none() {
                all.sort_by(|a, b| (&a.pk, &a.sk).cmp(&(&b.pk, &b.sk)));
                return all;
            }
        }
    }

    /// The names of all events so far, by aggregate.
    pub async fn event_names(&self) -> Vec<String> {
        self.events().await.into_iter().map(|event| event.name).collect()
    }
}

/// A request to an operation.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    path: String,
    parameters: HashMap<String, String>,
    query: HashMap<String, String>,
    headers: HashMap<String, String>,
    body: Option<String>,
    is_base64: bool,
    authorizer: Value,
    id: Option<String>,
}

impl Request {
    /// A request with a method and a path, from an anonymous caller. A POST has a fresh idempotency key.
    pub fn new(method: &str, path: &str) -> Self {
        let key = Uuid::from_u128(crate::env::random()).to_string();
        let headers = (method == "POST").then(|| ("idempotency-key".to_owned(), key));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            parameters: HashMap::new(),
            query: HashMap::new(),
            headers: headers.into_iter().collect(),
            body: None,
            is_base64: false,
            authorizer: Value::Null,
            id: None,
        }
    }

    /// With an id; otherwise each call has a new one.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Adds a path parameter.
    #[must_use]
    pub fn parameter(mut self, name: &str, value: impl ToString) -> Self {
        self.parameters.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl ToString) -> Self {
        self.query.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.insert(name.to_owned(), value.to_string());
        self
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    /// Sets an unchanged body.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sets a form as the body, as a browser sends it from a page of this host.
    #[must_use]
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.of_own_page("application/x-www-form-urlencoded", body.as_bytes())
    }

    /// The same with a file.
    #[must_use]
    pub fn form_with_file(self, fields: &[(&str, &str)], name: &str, content: &[u8]) -> Self {
        let part = |start: &str| format!("--boundary\r\nContent-Disposition: form-data; {start}\r\n\r\n");
        let fields = fields.iter().map(|(name, value)| part(&format!("name=\"{name}\"")) + value + "\r\n");
        let file = part(&format!("name=\"{name}\"; filename=\"{name}.csv\"\r\nContent-Type: text/csv"));
        let start = fields.collect::<String>() + &file;
        let body = [start.as_bytes(), content, b"\r\n--boundary--\r\n"].concat();
        self.of_own_page("multipart/form-data; boundary=boundary", &body)
    }

    fn of_own_page(self, kind: &str, body: &[u8]) -> Self {
        let request = self.header("host", "souk.example").header("origin", "https://souk.example");
        request.header("content-type", kind).bytes(body)
    }

    /// Sets a body that is not text.
    #[must_use]
    pub fn bytes(self, body: &[u8]) -> Self {
        Self { is_base64: true, ..self.body(STANDARD.encode(body)) }
    }

    /// The event of API Gateway (payload format 2.0).
    fn event(self) -> Value {
        let id = self.id.unwrap_or_else(|| Uuid::from_u128(crate::env::random()).to_string());
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.query).finish();
        json!({
            "version": "2.0", "routeKey": format!("{} {}", self.method, self.path),
            "rawPath": self.path, "rawQueryString": query,
            "headers": self.headers, "queryStringParameters": self.query, "pathParameters": self.parameters,
            "requestContext": {
                "accountId": "000000000000", "apiId": "test", "stage": "$default", "requestId": id,
                "http": {"method": self.method, "path": self.path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"},
                "authorizer": self.authorizer, "timeEpoch": 0,
            },
            "body": self.body, "isBase64Encoded": self.is_base64,
        })
    }
}
