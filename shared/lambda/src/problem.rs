//! What a caller is told when something did not go as asked (RFC 9457).

use std::fmt;

use dynamo::Limit;
use http::header;
use jiff::SignedDuration;
use lambda_http::{Body, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{http::finished, keyring::NotDue};

/// Why an operation did not do what was asked.
///
/// [`Problem::Known`] is for the caller to read. The others are for the runtime: it runs the
/// operation again after a conflict, takes a repeated message as done, and answers a repeated request
/// as before.
#[derive(Debug)]
pub enum Problem {
    /// Something that the caller should know, and perhaps can mend.
    Known(Box<Details>),
    /// Another writer was first: load and decide again.
    Conflict,
    /// The message, or a later one, took effect before.
    AlreadyDone,
    /// The request took effect before; this was the reply, as JSON.
    Replayed(String),
    /// Anything else: logged, never told.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The body of an `application/problem+json` answer, but for what only the request knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub(crate) status: u16,
    pub(crate) slug: &'static str,
    pub(crate) title: &'static str,
    pub(crate) detail: Option<String>,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) retry_after: Option<u64>,
    /// The limit that was met, as `RateLimit-Policy` has it.
    pub(crate) policy: Option<String>,
}

/// One wrong field: where, and what is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901) into the input: `/lines/0/quantity`.
    pub pointer: String,
    /// What is wrong with it, and what is allowed.
    pub detail: String,
}

impl Problem {
    /// A problem by HTTP status, slug (`type` is `/problems/{slug}`) and title. The slug is stable:
    /// clients tell problems apart by it.
    pub fn new(status: u16, slug: &'static str, title: &'static str) -> Self {
        Self::Known(Box::new(Details::new(status, slug, title, None)))
    }

    /// 404: there is no such thing, or it is not the caller's.
    pub fn not_found(what: &'static str) -> Self {
        Self::new(404, "not-found", "Not found").detail(format!("There is no such {what}."))
    }

    /// 403: the caller is known, and may not.
    pub fn forbidden(detail: impl fmt::Display) -> Self {
        Self::new(403, "forbidden", "Not allowed").detail(detail)
    }

    /// 401: the caller is not known.
    pub fn unauthenticated(detail: impl fmt::Display) -> Self {
        Self::new(401, "unauthenticated", "Authentication needed").detail(detail)
    }

    /// 422: one field is wrong.
    pub fn invalid(pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::invalid_fields(vec![FieldError { pointer: pointer.into(), detail: detail.to_string() }])
    }

    /// 422: some fields are wrong.
    pub fn invalid_fields(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(422, "invalid-input", "Some fields are wrong");
        if let Self::Known(details) = &mut problem {
            details.errors = errors;
        }
        problem
    }

    /// 429: too often. Says what the limit is, and how long until the next attempt is worth making.
    pub fn too_many(limit: Limit, wait: SignedDuration) -> Self {
        let seconds = |duration: SignedDuration| u64::try_from(duration.as_secs()).unwrap_or_default() + 1;
        let mut problem = Self::new(429, "too-many-requests", "Too many requests").retry_after(seconds(wait));
        if let Self::Known(details) = &mut problem {
            let window = limit.every.saturating_mul(i32::try_from(limit.burst).unwrap_or(i32::MAX));
            details.policy = Some(format!("\"attempts\";q={};w={}", limit.burst, seconds(window)));
        }
        problem
    }

    /// Anything that the caller can do nothing about.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// Says what it is about, in a sentence for a person.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        if let Self::Known(details) = &mut self {
            details.detail = Some(detail.to_string());
        }
        self
    }

    /// Says in how many seconds another try is worth making.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        if let Self::Known(details) = &mut self {
            details.retry_after = Some(seconds);
        }
        self
    }

    /// The slug of a problem that a caller is told.
    pub fn slug(&self) -> Option<&'static str> {
        if let Self::Known(details) = self { Some(details.slug) } else { None }
    }

    /// The HTTP status that a caller is told.
    pub fn status(&self) -> u16 {
        match self {
            Self::Known(details) => details.status,
            Self::Conflict | Self::AlreadyDone => 409,
            Self::Replayed(_) => 200,
            Self::Internal(_) => 500,
        }
    }
}

/// The body of an `application/problem+json` answer (RFC 9457).
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProblemBody<'a> {
    /// A stable path that names the kind of problem.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem, for a person.
    title: &'a str,
    /// The HTTP status.
    status: u16,
    /// What happened this time.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The path that was called.
    instance: &'a str,
    /// The request's id, to ask support about.
    request_id: &'a str,
    /// The wrong fields, when the status is 422.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// The HTTP answer. What went wrong inside is not told.
    pub(crate) fn response(&self, path: &str, request_id: &str) -> Response<Body> {
        let unknown;
        let details = if let Self::Known(details) = self {
            details
        } else {
            unknown = match self {
                Self::Conflict => Details::new(409, "conflict", "It is being changed by others", Some(1)),
                Self::AlreadyDone => Details::new(409, "already-done", "It is already so", None),
                _ => Details::new(500, "internal", "Something went wrong here", None),
            };
            &unknown
        };
        let body = ProblemBody {
            kind: format!("/problems/{}", details.slug),
            title: details.title,
            status: details.status,
            detail: details.detail.as_deref(),
            instance: path,
            request_id,
            errors: &details.errors,
        };
        let mut response = Response::builder()
            .status(details.status)
            .header(header::CONTENT_TYPE, "application/problem+json")
            .header("x-request-id", request_id);
        if details.status == 401 {
            response = response.header(header::WWW_AUTHENTICATE, "Bearer");
        }
        if let Some(seconds) = details.retry_after {
            response = response.header(header::RETRY_AFTER, seconds);
        }
        if let (Some(policy), Some(seconds)) = (&details.policy, details.retry_after) {
            response = response
                .header("ratelimit-policy", policy)
                .header("ratelimit", format!("\"attempts\";r=0;t={seconds}"));
        }
        finished(response, Body::Text(serde_json::to_string(&body).unwrap_or_default()))
    }
}

impl Details {
    fn new(status: u16, slug: &'static str, title: &'static str, retry_after: Option<u64>) -> Self {
        Self { status, slug, title, detail: None, errors: Vec::new(), retry_after, policy: None }
    }
}

impl From<dynamo::Error> for Problem {
    fn from(error: dynamo::Error) -> Self {
        match error {
            dynamo::Error::Conflict => Self::Conflict,
            dynamo::Error::Consumed | dynamo::Error::Stale => Self::AlreadyDone,
            dynamo::Error::Answered(reply) => Self::Replayed(reply),
            dynamo::Error::KeyReused => {
                Self::new(422, "idempotency-key-reused", "The idempotency key was used for another request")
            }
            dynamo::Error::InvalidCursor => Self::new(400, "invalid-cursor", "The cursor is not one of this list"),
            error => Self::internal(error),
        }
    }
}

impl From<contracts::MoneyError> for Problem {
    fn from(error: contracts::MoneyError) -> Self {
        Self::new(422, "invalid-amount", "The amount cannot be computed").detail(error)
    }
}

impl From<dynamo::SealError> for Problem {
    fn from(error: dynamo::SealError) -> Self {
        Self::internal(error)
    }
}

impl From<NotDue> for Problem {
    fn from(NotDue: NotDue) -> Self {
        Self::AlreadyDone
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(details) => {
                write!(f, "{}: {}", details.slug, details.detail.as_deref().unwrap_or(details.title))?;
                details.errors.iter().try_for_each(|error| write!(f, "; {} {}", error.pointer, error.detail))
            }
            Self::Conflict => f.write_str("changed by another writer"),
            Self::AlreadyDone => f.write_str("already done"),
            Self::Replayed(_) => f.write_str("answered before"),
            // For the log, with its causes: a JSON log keeps no sources.
            Self::Internal(error) => {
                write!(f, "{error}")?;
                std::iter::successors(error.source(), |cause| cause.source())
                    .try_for_each(|cause| write!(f, ": {cause}"))
            }
        }
    }
}

impl std::error::Error for Problem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Internal(error) = self { Some(&**error) } else { None }
    }
}
