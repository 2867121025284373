//! The edge: one address for all APIs, by the paths of the deployed distribution.

use std::sync::Arc;

use anyhow::{Context, Result};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderName, Response, StatusCode, header},
    routing::get,
};
use local::Client;
use serde::Deserialize;
use tokio::net::TcpListener;

/// The largest request that API Gateway takes.
const MAX_BODY: usize = 10 * 1024 * 1024;
/// Headers that concern one connection, or one host.
const NOT_PASSED_ON: [HeaderName; 4] =
    [header::CONNECTION, header::CONTENT_LENGTH, header::HOST, header::TRANSFER_ENCODING];

/// Where requests go.
#[derive(Deserialize)]
pub(crate) struct Behaviour {
    /// Which paths: the start of a path and `*`, as all patterns of the root template are.
    path: String,
    /// The address of an API.
    origin: String,
}

impl Behaviour {
    fn takes(&self, path: &str) -> bool {
        path.starts_with(self.path.trim_end_matches('*'))
    }
}

/// Serves until the process ends.
pub(crate) async fn serve(listener: TcpListener, behaviours: Vec<Behaviour>) -> Result<()> {
    let origins: Arc<[_]> =
        behaviours.into_iter().map(|behaviour| (Client::new(&behaviour.origin), behaviour)).collect();
    let contract = local::contract(None)?.to_string();
    // What no template declares, and the local stack answers beside its gateway.
    let router = Router::new()
        .route("/health", get(async || [(header::CONTENT_TYPE, "application/json")]))
        .route("/openapi.json", get(async move || ([(header::CONTENT_TYPE, "application/json")], contract)))
        .fallback(async move |request: Request| {
            pass_on(&origins, request).await.unwrap_or_else(|error| {
                eprintln!("the edge: {error:#}");
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::BAD_GATEWAY;
                response
            })
        });
    Ok(axum::serve(listener, router).await?)
}

async fn pass_on(origins: &[(Client, Behaviour)], request: Request) -> Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await?.to_vec();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let (origin, _) =
        origins.iter().find(|(_, behaviour)| behaviour.takes(path)).context("the last pattern takes all paths")?;
    let headers = head.headers.iter().filter(|(name, _)| !NOT_PASSED_ON.contains(name));
    let headers: Vec<_> = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let answer = origin.send(head.method.as_str(), path, &headers, body).await?;
    let mut response = Response::builder().status(answer.status);
    for (name, value) in answer.headers.iter().filter(|(name, _)| !NOT_PASSED_ON.contains(name)) {
        response = response.header(name, value);
    }
    Ok(response.body(Body::from(answer.body))?)
}
