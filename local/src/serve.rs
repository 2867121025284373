//! The HTTP server of the stack: the gateway, the documentation and the console.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Path, Request, State},
    http::{HeaderValue, Response, StatusCode, header},
    middleware::map_response,
    routing::get,
    serve::ListenerExt,
};
use emulators::Cloud;
use tokio::net::TcpListener;

use crate::{console, gateway::Gateway, http::Client, openapi, quotes, shutdown::Shutdown, template::Deployment};

/// The maximum size of a customer's decision in bytes.
const LARGEST_DECISION: usize = 4096;

/// The state that handlers share.
#[derive(Clone)]
pub(crate) struct Site {
    pub(crate) gateway: Arc<Gateway>,
    pub(crate) cloud: Cloud,
    pub(crate) deployment: Arc<Deployment>,
    /// The published contract, as JSON.
    pub(crate) contract: Arc<str>,
    /// The payment provider, which serves the pages where customers approve payments.
    pub(crate) provider: Client,
    pub(crate) shutdown: Shutdown,
}

pub(crate) fn router(site: Site) -> Router {
    Router::new()
        .route("/health", get(async || typed("application/json", r#"{"status":"ok"}"#)))
        .route(
            "/openapi.json",
            get(async |State(site): State<Site>| typed("application/json", site.contract.as_bytes().to_vec())),
        )
        .route("/docs", get(async || openapi::page("docs.html")))
        .route("/docs/", get(async || openapi::page("docs.html")))
        .route("/problems", get(async || openapi::problem_page(None)))
        .route("/problems/{slug}", get(async |Path(slug): Path<String>| openapi::problem_page(Some(&slug))))
        .route("/docs/docs.css", get(async || openapi::page("docs.css")))
        .route("/docs/docs.js", get(async || openapi::page("docs.js")))
        .route("/docs/element.js", get(async || openapi::page("element.js")))
        .route("/docs/seen.js", get(async || openapi::page("seen.js")))
        .route("/docs/schema.js", get(async || openapi::page("schema.js")))
        .route("/_souk/status", get(status))
        .route("/_souk/quotes", get(quotes))
        .route(
            "/_souk/events",
            get(async |State(site): State<Site>| console::events(&site.cloud, site.shutdown.clone())),
        )
        .route("/_souk/3ds/{intent}", get(approval).post(approval))
        .layer(map_response(identified))
        .fallback(async |State(site): State<Site>, ConnectInfo(from): ConnectInfo<SocketAddr>, request: Request| {
            site.gateway.answer(request, from).await
        })
        .with_state(site)
}

/// Serves until the stack stops, and then finishes the requests that have started.
pub(crate) async fn serve(listener: TcpListener, router: Router, mut shutdown: Shutdown) {
    let listener = listener.tap_io(|stream| {
        // A response is written in one piece, so there is no delay for more data.
        drop(stream.set_nodelay(true));
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let served = axum::serve(listener, service).with_graceful_shutdown(async move { shutdown.wait().await });
    if let Err(error) = served.await {
        tracing::error!(%error, "the server ended");
    }
}

/// A response with a content type.
pub(crate) fn typed(kind: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Adds a request id to a response that no function made.
async fn identified(mut response: Response<Body>) -> Response<Body> {
    if let Ok(id) = HeaderValue::from_str(&uuid::Uuid::new_v4().to_string()) {
        response.headers_mut().entry("x-request-id").or_insert(id);
    }
    response
}

/// Passes a request to the page of the payment provider where a customer approves a payment.
async fn approval(State(site): State<Site>, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let sent = async {
        let body = axum::body::to_bytes(body, LARGEST_DECISION).await?;
        let headers = [("content-type", kind)];
        site.provider.send(head.method.as_str(), head.uri.path(), &headers, body.to_vec()).await
    };
    match sent.await {
        Ok(answer) => {
            let mut response = Response::new(Body::from(answer.body));
            *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
            for name in [header::ALLOW, header::CACHE_CONTROL, header::CONTENT_TYPE, header::LOCATION] {
                if let Some(value) = answer.headers.get(&name) {
                    response.headers_mut().insert(name, value.clone());
                }
            }
            response
        }
        Err(error) => {
            let mut response = typed("text/plain; charset=utf-8", format!("{error:#}\n"));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }
    }
}

async fn status(State(site): State<Site>) -> Response<Body> {
    told(console::status(&site.cloud, &site.deployment).await)
}

async fn quotes(State(site): State<Site>) -> Response<Body> {
    told(quotes::verify(&site.cloud, &site.deployment).await)
}

/// What a command shows, or why it cannot.
fn told(what: anyhow::Result<serde_json::Value>) -> Response<Body> {
    match what {
        Ok(what) => typed("application/json", what.to_string()),
        Err(error) => {
            let mut response = typed("application/json", serde_json::json!({"message": error.to_string()}).to_string());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}
