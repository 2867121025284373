//! Callers of the API, which send events of API Gateway to functions and try again if there is no reply.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use uuid::Uuid;

use crate::world::World;

/// The maximum number of attempts of a call.
const TRIES: u32 = 6;

/// A caller of operations.
#[derive(Clone)]
pub(crate) struct Caller {
    world: Arc<World>,
    principal: String,
    roles: &'static str,
    session: String,
}

/// The reply to a caller.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) body: Value,
    /// The number of attempts.
    pub(crate) tries: u32,
    /// The idempotency key of the request.
    pub(crate) key: String,
}

impl Answer {
    pub(crate) fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.body[name].as_str().unwrap_or_default().to_owned()
    }
}

/// An operation: its function, method, path with parameters, and body.
pub(crate) struct Operation<'a> {
    pub(crate) function: &'a str,
    pub(crate) method: &'a str,
    /// `/v1/carts/{cartId}`.
    pub(crate) path: &'a str,
    pub(crate) parameters: &'a [(&'a str, &'a str)],
    pub(crate) query: &'a [(&'a str, &'a str)],
    pub(crate) content_type: &'a str,
    /// JSON, or a text for any other content type.
    pub(crate) body: Option<Value>,
}

impl Caller {
    /// The caller with a number and roles.
    pub(crate) fn new(world: &Arc<World>, number: u128, roles: &'static str) -> Self {
        let principal = format!("usr_{}", Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).simple());
        Self { world: world.clone(), principal, roles, session: String::new() }
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// A caller without a token.
    pub(crate) fn anonymous(world: &Arc<World>) -> Self {
        Self::of_session(world, String::new(), String::new())
    }

    /// A customer with a session.
    pub(crate) fn of_session(world: &Arc<World>, principal: String, session: String) -> Self {
        Self { world: world.clone(), principal, roles: "customer", session }
    }

    /// Calls an operation with a key that this caller has not used, and that other callers use, too.
    pub(crate) async fn call(&self, operation: &Operation<'_>) -> Option<Answer> {
        let answer = self.call_with_key(operation, &self.world.next_key(&self.principal)).await?;
        if answer.text("type").ends_with("idempotency-key-reused") {
            let about = format!("{} {}: the key is refused", operation.method, operation.path);
            self.breaks("who tries again is answered", about);
        }
        Some(answer)
    }

    /// Calls an operation, with the same idempotency key for each attempt, until there is a reply.
    pub(crate) async fn call_with_key(&self, operation: &Operation<'_>, key: &str) -> Option<Answer> {
        for attempt in 0..TRIES {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_secs(1 << attempt)).await;
            }
            let payload = self.event(operation, key);
            // A reply can be lost, too.
            let lost = self.world.suffers("answer to the caller lost");
            let about = format!("{} {}", operation.method, operation.path);
            let Ok(answer) = self.world.invoke(operation.function, &about, &payload).await else { continue };
            let status = answer["statusCode"].as_u64().unwrap_or_default();
            if !lost && status < 500 && status != 429 {
                let body = answer["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
                let body = body.unwrap_or_default();
                return Some(Answer { status, body, tries: attempt + 1, key: key.to_owned() });
            }
        }
        None
    }

    /// Reports a violation.
    pub(crate) fn breaks(&self, invariant: &'static str, what: impl Into<String>) {
        self.world.observed.breaks(invariant, what);
    }

    /// API Gateway's event (payload format 2.0).
    fn event(&self, operation: &Operation<'_>, key: &str) -> Value {
        let Operation { method, path, parameters, query, content_type, body, .. } = operation;
        let raw =
            parameters.iter().fold((*path).to_owned(), |raw, (name, value)| raw.replace(&format!("{{{name}}}"), value));
        let object = |pairs: &[(&str, &str)]| -> Value {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let body = match body {
            Some(Value::String(text)) => Some(text.clone()),
            body => body.as_ref().map(Value::to_string),
        };
        let raw_query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        json!({
            "version": "2.0", "routeKey": format!("{method} {path}"), "rawPath": raw, "rawQueryString": raw_query.join("&"),
            "headers": {"content-type": content_type, "idempotency-key": key, "if-match": "*"},
            "pathParameters": object(parameters), "queryStringParameters": object(query),
            "requestContext": {
                "accountId": "000000000000", "apiId": "simulation", "stage": "$default", "requestId": format!("{:032x}", self.world.random()),
                "http": {"method": method, "path": raw, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "simulation"},
                "authorizer": {"lambda": {"principal": self.principal, "roles": self.roles, "session": self.session}}, "timeEpoch": 0,
            },
            "body": body, "isBase64Encoded": false,
        })
    }
}
