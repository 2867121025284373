//! The emulators over HTTP, for the AWS CLI and for SDKs in other processes.

use std::{future::Future, io};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue},
    response::Response,
    routing::post,
};
use tokio::net::TcpListener;

use crate::Cloud;

/// The largest request of the three services is DynamoDB's `BatchWriteItem`.
const MAX_BODY: usize = 16 * 1024 * 1024;

pub(crate) async fn serve(
    cloud: Cloud,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let router = Router::new().fallback(post(handle)).layer(DefaultBodyLimit::max(MAX_BODY)).with_state(cloud);
    axum::serve(listener, router).with_graceful_shutdown(shutdown).await
}

async fn handle(State(cloud): State<Cloud>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let answer = cloud.dispatch_at(header("host"), header("x-amz-target").unwrap_or_default(), &body).await;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    // Only our own constants and checked texts are in there.
    response.body(Body::from(answer.body)).unwrap_or_default()
}
