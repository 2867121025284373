//! Calls of another service's API.

use std::{io, sync::Mutex};

use bytes::Bytes;
use serde_json::Value;

use super::*;
use crate::{ApiError, ApiRequest, FieldError, OutboundHttp, ServiceApi};

type Seen = std::sync::Arc<Mutex<Vec<::http::Request<Bytes>>>>;

/// A service that answers each request with this, and what it was asked.
fn service(status: u16, headers: &'static [(&str, &str)], body: &str) -> (OutboundHttp, Seen) {
    let (seen, body) = (Seen::default(), body.to_owned());
    let asked = seen.clone();
    let answer: OutboundHttp = std::sync::Arc::new(move |request| {
        asked.lock().unwrap().push(request);
        let answer = ::http::Response::builder().status(status);
        let answer = headers.iter().fold(answer, |answer, (name, value)| answer.header(*name, *value));
        let answer = answer.body(Bytes::from(body.clone()));
        Box::pin(async { answer.map_err(io::Error::other) })
    });
    (answer, seen)
}

async fn api(answer: OutboundHttp) -> ServiceApi {
    let harness = harness().await.with_variable("USERS_API", "https://users.example/").with_outbound_http(answer);
    ServiceApi::start(harness.with_variable("EDGE_SECRET", "the secret").env(), "USERS_API").unwrap()
}

async fn ask(status: u16, headers: &'static [(&str, &str)], body: &str) -> Result<Value, ApiError> {
    api(service(status, headers, body).0).await.send(ApiRequest::get("/v1/me")).await
}

#[tokio::test]
async fn a_service_is_asked_as_any_client_does() {
    let (answer, seen) = service(200, &[], "{\"id\":1}");
    let request =
        ApiRequest::post("/v1/carts?x=1", "key-1").token("abc").on_behalf_of("192.0.2.1").json(&json!({"a": 1}));
    let reply: Value = api(answer).await.send(request).await.unwrap();
    assert_eq!(reply, json!({"id": 1}));
    let seen = seen.lock().unwrap();
    let header = |name: &str| seen[0].headers()[name].to_str().unwrap().to_owned();
    assert_eq!(
        (seen[0].method().as_str(), seen[0].uri().to_string().as_str()),
        ("POST", "https://users.example/v1/carts?x=1")
    );
    assert_eq!((header("authorization"), header("idempotency-key")), ("Bearer abc".to_owned(), "key-1".to_owned()));
    assert_eq!(
        (header("souk-viewer-address"), header("souk-edge-secret")),
        ("192.0.2.1".to_owned(), "the secret".to_owned())
    );
    assert_eq!((header("content-type"), seen[0].body().as_ref()), ("application/json".to_owned(), &b"{\"a\":1}"[..]));
}

#[tokio::test]
async fn what_can_be_changed_comes_with_its_tag() {
    let tag = async |headers| {
        let api = api(service(200, headers, "{}").0).await;
        api.send_tagged::<Value>(ApiRequest::get("/v1/me")).await.unwrap().1
    };
    assert_eq!(tag(&[("etag", "\"3\"")]).await.as_deref(), Some("\"3\""));
    assert_eq!(tag(&[]).await, None);
}

#[tokio::test]
async fn a_refusal_says_why() {
    let body = r#"{"type":"/problems/cart-closed","title":"The cart is closed","detail":"It was ordered.",
        "errors":[{"pointer":"/quantity","detail":"must be at least 1"}]}"#;
    let Err(ApiError::Refused(problem)) = ask(409, &[("retry-after", "7")], body).await else { panic!("not refused") };
    assert_eq!(
        (problem.status, problem.slug.as_str(), problem.detail.as_str()),
        (409, "cart-closed", "It was ordered.")
    );
    let error = FieldError { pointer: "/quantity".to_owned(), detail: "must be at least 1".to_owned() };
    assert_eq!((problem.errors, problem.retry_after), (vec![error], Some(7)));
    assert!(ask(404, &[], "").await.unwrap_err().has_status(404));
}

#[tokio::test]
async fn a_service_that_fails_or_says_something_else_is_unavailable() {
    for (status, body) in [(500, "{}"), (503, ""), (200, "<html>"), (204, "x")] {
        assert_eq!(ask(status, &[], body).await, Err(ApiError::Unavailable), "{status} {body}");
    }
    assert_eq!(ask(204, &[], "").await, Ok(Value::Null));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_service_for_ever() {
    let silent: OutboundHttp = std::sync::Arc::new(|_| Box::pin(std::future::pending()));
    let answer: Result<Value, _> = api(silent).await.send(ApiRequest::get("/v1/me")).await;
    assert_eq!(answer, Err(ApiError::Unavailable));
}

#[tokio::test]
async fn a_page_says_what_a_service_did_not_do() {
    let problem = async |status: u16| Problem::from(ask(status, &[], "{}").await.unwrap_err()).status();
    let statuses = [problem(401).await, problem(403).await, problem(404).await, problem(429).await, problem(500).await];
    assert_eq!(statuses, [401, 403, 404, 429, 503]);
    assert_eq!([problem(302).await, problem(409).await, problem(422).await], [500, 409, 422]);
}
