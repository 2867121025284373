//! The AWS endpoint: the emulators, and Lambda's `Invoke`, for the AWS CLI, SDKs and `cargo lambda invoke`.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode},
    routing::post,
};
use emulators::Cloud;
use serde_json::{json, value::RawValue};

use crate::{
    invoker::{Call, Invoker},
    template::Deployment,
};

/// The largest request of all services is `DynamoDB`'s `BatchWriteItem`.
const LARGEST_BODY: usize = 16 * 1024 * 1024;

#[derive(Clone)]
struct Endpoint {
    cloud: Cloud,
    deployment: Arc<Deployment>,
    invoker: Invoker,
}

pub(crate) fn router(cloud: Cloud, deployment: Arc<Deployment>, invoker: Invoker) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(invoke))
        .fallback(post(dispatch))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(Endpoint { cloud, deployment, invoker })
}

async fn dispatch(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> Response<Body> {
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let target = header("x-amz-target").unwrap_or_default();
    let answer = endpoint.cloud.dispatch_at(header("host"), target, &body).await;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.body)).unwrap_or_default()
}

async fn invoke(
    State(endpoint): State<Endpoint>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response<Body> {
    // A web page can make a browser send this; it cannot keep the browser from saying so.
    if headers.contains_key("origin") {
        return answer(StatusCode::FORBIDDEN, None, &json!({"Message": "not for browsers"}).to_string());
    }
    let Some(function) = endpoint.deployment.find(&name).map(|function| function.name.clone()) else {
        let message = json!({"Type": "User", "Message": format!("Function not found: {name}")});
        return answer(StatusCode::NOT_FOUND, None, &message.to_string());
    };
    let payload = if body.is_empty() { "{}".to_owned() } else { body };
    let Ok(payload) = RawValue::from_string(payload) else {
        let message = json!({"Type": "User", "Message": "Could not parse request body into json"});
        return answer(StatusCode::BAD_REQUEST, None, &message.to_string());
    };
    let call = Call::traced(headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok()));
    if headers.get("x-amz-invocation-type").is_some_and(|kind| kind == "Event") {
        tokio::spawn(async move { endpoint.invoker.invoke(&function, payload, call).await });
        return answer(StatusCode::ACCEPTED, None, "");
    }
    match endpoint.invoker.invoke(&function, payload, call).await {
        Ok(said) => answer(StatusCode::OK, None, said.get()),
        Err(error) => {
            let body = json!({"errorType": error.kind, "errorMessage": error.message});
            answer(StatusCode::OK, Some("Unhandled"), &body.to_string())
        }
    }
}

fn answer(status: StatusCode, error: Option<&str>, body: &str) -> Response<Body> {
    let mut response = Response::builder().status(status).header("content-type", "application/json");
    if let Some(error) = error {
        response = response.header("x-amz-function-error", error);
    }
    response.body(Body::from(body.to_owned())).unwrap_or_default()
}
