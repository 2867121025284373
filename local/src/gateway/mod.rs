//! API Gateway for one machine: it converts requests into events of payload format 2.0, invokes functions, and sends
//! their responses.
//!
//! In the cloud each service has its own API behind one edge; here one gateway serves all their routes.

mod answer;
mod authorizer;
mod cors;
mod event;
mod routes;
mod throttle;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderValue, Method, Request, Response, StatusCode, request::Parts},
};
use lambda::Http;
use tokio::time::timeout;

use crate::{
    invoker::{self, Call, Invoker},
    openapi,
    services::Service,
    template::{Api, Deployment},
};
use authorizer::{Authorizers, Verdict};
use event::Incoming;
use routes::{Found, Routes};

/// The largest event that Lambda takes.
const LARGEST_BODY: usize = 6 * 1024 * 1024;

/// The routes of every API, and their functions.
pub(crate) struct Gateway {
    routes: Routes,
    apis: HashMap<String, Api>,
    authorizers: Authorizers,
    /// What each function with a route declares, by the function's name.
    contracts: HashMap<String, Http>,
    invoker: Invoker,
    patience: Duration,
}

impl Gateway {
    /// Creates the gateway of a deployment, with the timeout of a request's body.
    pub(crate) fn new(deployment: &Deployment, services: &[Service], invoker: Invoker, patience: Duration) -> Self {
        let contracts = deployment
            .functions
            .iter()
            .filter_map(|function| Some((function.name.clone(), openapi::contract(services, function)?)));
        let apis = deployment.apis.iter().map(|api| (api.id.clone(), api.clone()));
        Self {
            routes: Routes::new(deployment),
            apis: apis.collect(),
            authorizers: Authorizers::new(invoker.clone()),
            contracts: contracts.collect(),
            invoker,
            patience,
        }
    }

    /// Answers a request of a client at `from`.
    pub(crate) async fn answer(self: Arc<Self>, request: Request<Body>, from: SocketAddr) -> Response<Body> {
        let started = Instant::now();
        let (parts, body) = request.into_parts();
        let call = Call::fresh();
        let request_id = call.request_id.clone();
        let (method, path) = (parts.method.clone(), parts.uri.path().to_owned());
        let mut response = self.route(parts, body, from, call).await;
        if let Ok(id) = HeaderValue::from_str(&request_id) {
            response.headers_mut().entry("x-request-id").or_insert(id);
        }
        let (status, took) = (response.status().as_u16(), started.elapsed());
        tracing::info!(%method, path, status, ?took, request_id, "answered");
        response
    }

    async fn route(&self, parts: Parts, body: Body, from: SocketAddr, call: Call) -> Response<Body> {
        let origin = parts.headers.get("origin").cloned();
        let preflight = parts.method == Method::OPTIONS && parts.headers.contains_key("access-control-request-method");
        let Some(found) = self.routes.find(&parts.method, parts.uri.path()) else {
            let api = self.routes.api_of(parts.uri.path()).and_then(|api| self.apis.get(api));
            return match api.and_then(|api| api.cors.as_ref()) {
                Some(cors) if preflight => cors::preflight(cors, origin.as_ref()),
                cors => cors::allow(cors, origin.as_ref(), message(StatusCode::NOT_FOUND, "Not Found")),
            };
        };
        let api = &self.apis[&found.route.api];
        let response = self.pass(&found, api, parts, body, from, call).await;
        cors::allow(api.cors.as_ref(), origin.as_ref(), response)
    }

    async fn pass(
        &self,
        found: &Found<'_>,
        api: &Api,
        parts: Parts,
        body: Body,
        from: SocketAddr,
        call: Call,
    ) -> Response<Body> {
        if !found.bucket.take(Instant::now()) {
            return message(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests");
        }
        let mut incoming = Incoming::new(found, api, &parts, from, &call);
        let authorizer = found.route.authorizer.as_ref().and_then(|name| api.authorizers.get(name));
        if let Some(authorizer) = authorizer {
            match self.authorizers.ask(&api.id, authorizer, &incoming, &call).await {
                Verdict::Allowed(context) => incoming.authorized(context),
                Verdict::Anonymous => return anonymous(),
                Verdict::Refused => return message(StatusCode::FORBIDDEN, "Forbidden"),
                Verdict::Failed => return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
            }
        }
        let body = match timeout(self.patience, axum::body::to_bytes(body, LARGEST_BODY)).await {
            Ok(Ok(body)) => body,
            Ok(Err(_)) => return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large"),
            Err(_) => return message(StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
        };
        let event = match incoming.event(&body) {
            Ok(event) => event,
            Err(error) => {
                tracing::error!(%error, "an event could not be written");
                return message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
            }
        };
        match self.invoker.invoke(&found.route.function, event, call).await {
            Ok(answer) => answer::response(&answer, parts.method.as_str(), self.contracts.get(&found.route.function)),
            Err(error) if invoker::timed_out(&error) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
            Err(_) => message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"),
        }
    }
}

/// The response to a request without a token (RFC 6750).
fn anonymous() -> Response<Body> {
    let mut response = message(StatusCode::UNAUTHORIZED, "Unauthorized");
    response.headers_mut().insert("www-authenticate", HeaderValue::from_static("Bearer"));
    response
}

/// The responses of API Gateway itself.
fn message(status: StatusCode, message: &str) -> Response<Body> {
    let body = Bytes::from(serde_json::json!({"message": message}).to_string());
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}
