//! The client of another service's HTTP API, for a service that shows what others own. It calls as any client does, with the
//! visitor's own token.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, Request, header};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Env, FieldError, OutboundHttp, Problem, StartError, https};

/// The longest that a caller waits for an answer. A page waits 2.5 s, so that it can still say what is missing.
const PATIENCE: Duration = Duration::from_secs(2);

/// The API of a service. Cheap to clone.
#[derive(Clone)]
pub struct ServiceApi {
    base: Arc<str>,
    edge_secret: Option<Arc<str>>,
    send: OutboundHttp,
}

/// A request to a service.
#[derive(Debug, Clone)]
pub struct ApiRequest {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

/// Why a service did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// It refused.
    Refused(ApiProblem),
    /// It did not answer, or it failed. What was asked for may have been done.
    Unavailable,
}

/// A problem that a service answered (RFC 9457).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiProblem {
    /// The HTTP status.
    pub status: u16,
    /// The name of the kind of problem, such as `cart-closed`.
    pub slug: String,
    /// What happened.
    pub detail: String,
    /// The wrong fields.
    pub errors: Vec<FieldError>,
    /// Seconds until another attempt can succeed.
    pub retry_after: Option<u64>,
}

impl ApiRequest {
    /// A request with a method, and a path with its query.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), headers: Vec::new(), body: Bytes::new() }
    }

    /// A GET.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// A POST with an idempotency key.
    pub fn post(path: impl Into<String>, key: &str) -> Self {
        Self::new(Method::POST, path).header("idempotency-key", key)
    }

    /// With an access token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With the network address of the visitor, which the service counts attempts by.
    #[must_use]
    pub fn on_behalf_of(self, address: &str) -> Self {
        self.header("souk-viewer-address", address)
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.file("application/json", body.to_string())
    }

    /// With a file of a media type as its body.
    #[must_use]
    pub fn file(self, media_type: &str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }.header("content-type", media_type)
    }
}

impl ServiceApi {
    /// The API at the address in a variable. With the edge's secret, the service believes whom a request is on behalf of.
    pub fn start(env: &Env, variable: &str) -> Result<Self, StartError> {
        Ok(Self {
            base: env.variable(variable)?.trim_end_matches('/').into(),
            edge_secret: env.find("EDGE_SECRET").map(Arc::from),
            send: env.outbound_http().cloned().unwrap_or_else(https::to_services),
        })
    }

    /// Sends a request, and reads the answer's body as `T`.
    ///
    /// # Errors
    /// [`ApiError::Refused`] with the problem that the service answered. [`ApiError::Unavailable`] if it did not answer in
    /// time, failed, or answered something else.
    pub async fn send<T: DeserializeOwned>(&self, request: ApiRequest) -> Result<T, ApiError> {
        self.send_tagged(request).await.map(|(body, _)| body)
    }

    /// Sends a request, and reads the answer's body as `T`, and its `ETag`, which a change sends as `If-Match`.
    ///
    /// # Errors
    /// As [`ServiceApi::send`].
    pub async fn send_tagged<T: DeserializeOwned>(&self, request: ApiRequest) -> Result<(T, Option<String>), ApiError> {
        let path = request.path.clone();
        let answer = tokio::time::timeout(PATIENCE, (self.send)(self.made(request)?)).await;
        let unavailable = |error: &dyn fmt::Display| {
            tracing::warn!(path, %error, "a service did not answer");
            ApiError::Unavailable
        };
        let answer = answer.map_err(|error| unavailable(&error))?.map_err(|error| unavailable(&error))?;
        let (head, body) = answer.into_parts();
        if head.status.is_success() {
            // A reply without a body is `null`.
            let body = if body.is_empty() { &b"null"[..] } else { &body };
            let tag = head.headers.get(header::ETAG).and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
            return serde_json::from_slice(body).map(|body| (body, tag)).map_err(|error| unavailable(&error));
        }
        if head.status.is_server_error() {
            return Err(unavailable(&head.status));
        }
        let told: Told = serde_json::from_slice(&body).unwrap_or_default();
        let retry_after = head.headers.get(header::RETRY_AFTER).and_then(|wait| wait.to_str().ok()?.parse().ok());
        Err(ApiError::Refused(ApiProblem {
            status: head.status.as_u16(),
            slug: told.kind.trim_start_matches("/problems/").to_owned(),
            detail: told.detail.or(told.title).unwrap_or_default(),
            errors: told.errors,
            retry_after,
        }))
    }

    fn made(&self, ApiRequest { method, path, headers, body }: ApiRequest) -> Result<Request<Bytes>, ApiError> {
        let request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let secret = self.edge_secret.as_deref().map(|secret| ("souk-edge-secret", secret));
        let request = secret.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.body(body).map_err(|error| {
            tracing::warn!(path, %error, "a request could not be made");
            ApiError::Unavailable
        })
    }
}

impl fmt::Debug for ServiceApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceApi").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The fields of a problem that are shown.
#[derive(Debug, Default, Deserialize)]
struct Told {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<FieldError>,
}

impl ApiError {
    /// The problem that the service answered, if it did.
    pub fn problem(&self) -> Option<&ApiProblem> {
        if let Self::Refused(problem) = self { Some(problem) } else { None }
    }

    /// Whether the service answered with this status.
    pub fn has_status(&self, status: u16) -> bool {
        self.problem().is_some_and(|problem| problem.status == status)
    }
}

/// What a page says if what it is about cannot be shown.
impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Refused(problem) => match problem.status {
                401 => Self::unauthenticated(problem.detail),
                403 => Self::forbidden(problem.detail),
                404 => Self::not_found("page"),
                429 => Self::new(429, "too-many-requests", "Too many requests")
                    .detail(problem.detail)
                    .retry_after(problem.retry_after.unwrap_or(60)),
                // What the visitor asked for is not possible, in the words of the service.
                status @ 400..500 => Self::new(status, "refused", "It was refused").detail(problem.detail),
                _ => Self::internal(format!("a service refused: {} {}", problem.slug, problem.detail)),
            },
            ApiError::Unavailable => Self::new(503, "unavailable", "A part of the shop does not answer")
                .detail("Try again in a moment.")
                .retry_after(5),
        }
    }
}
