//! Problems: why an operation failed (RFC 9457). This module does not define how a problem is sent.

use std::fmt;

use dynamo::{Earlier, Limit};
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The reason why an operation failed.
///
/// [`Problem::Known`] is for the caller to read. The others are for the runtime: after a conflict it runs the operation
/// again, it counts a repeated message as consumed, and it repeats the reply to a repeated request.
#[derive(Debug)]
pub enum Problem {
    /// A problem that the caller is told, and may be able to correct.
    Known(Box<Details>),
    /// Another writer was first. Reload and decide again.
    Conflict,
    /// The message, or a later one, already took effect.
    AlreadyDone,
    /// The request took effect before.
    Repeated(Earlier),
    /// Any other error. It is logged, and the caller does not see it.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

/// The maximum number of wrong fields in a response.
const MOST_ERRORS: usize = 100;

/// The parts of a problem that the caller reads, except those that depend on the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Details {
    pub(crate) status: u16,
    pub(crate) slug: &'static str,
    pub(crate) title: &'static str,
    pub(crate) detail: Option<String>,
    pub(crate) errors: Vec<FieldError>,
    /// Seconds until another attempt can succeed.
    pub(crate) retry_after: Option<u64>,
    /// The rate limit that refused the request.
    pub(crate) limit: Option<Limit>,
    /// Whether an access token was sent and is invalid.
    pub(crate) refuses_token: bool,
}

/// A wrong field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// A JSON pointer (RFC 6901) into the input: `/lines/0/quantity`.
    pub pointer: String,
    /// The error, and the allowed values.
    pub detail: String,
}

impl Problem {
    /// A problem by HTTP status, slug (`type` is `/problems/{slug}`) and title. The slug is stable:
    /// clients tell problems apart by it. Each problem also has a [`Problem::detail`].
    pub fn new(status: u16, slug: &'static str, title: &'static str) -> Self {
        Self::Known(Box::new(Details::new(status, slug, title)))
    }

    /// 404: it does not exist, or it belongs to another caller.
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(404, "not-found", "Not found").detail(format!("There is no such {what}."))
    }

    /// 403: the caller is known, but not allowed to do this.
    pub fn forbidden(detail: impl fmt::Display) -> Self {
        Self::new(403, "forbidden", "Not allowed").detail(detail)
    }

    /// 401: the caller is not known.
    pub fn unauthenticated(detail: impl fmt::Display) -> Self {
        Self::new(401, "unauthenticated", "Authentication required").detail(detail)
    }

    /// 401: an access token was sent, and it is invalid or has expired.
    pub(crate) fn invalid_token(reason: impl fmt::Display) -> Self {
        let mut problem = Self::unauthenticated(reason);
        if let Self::Known(details) = &mut problem {
            details.refuses_token = true;
        }
        problem
    }

    /// 422: one field is wrong.
    pub fn invalid(pointer: impl Into<String>, detail: impl fmt::Display) -> Self {
        Self::invalid_fields(vec![FieldError { pointer: pointer.into(), detail: detail.to_string() }])
    }

    /// 422: some fields are wrong. The first 100 are named: a response stays small even if the input is large.
    pub fn invalid_fields(mut errors: Vec<FieldError>) -> Self {
        let detail = match &*errors {
            [FieldError { pointer, detail }] => {
                let field = if pointer.is_empty() { "The input" } else { pointer };
                format!("{field} {detail}.")
            }
            errors => format!("{} fields are invalid: see errors.", errors.len()),
        };
        errors.truncate(MOST_ERRORS);
        Self::new(422, "invalid-input", "Some fields are invalid").detail(detail).with_errors(errors)
    }

    /// Puts the wrong fields below another field: `/percent` becomes `/promotion/percent` within `/promotion`.
    #[must_use]
    pub fn within(self, pointer: &str) -> Self {
        match self {
            Self::Known(details) if details.slug == "invalid-input" => {
                let below =
                    |FieldError { pointer: own, detail }| FieldError { pointer: format!("{pointer}{own}"), detail };
                let (errors, detail) = (details.errors.into_iter().map(below).collect::<Vec<_>>(), details.detail);
                // The detail of one wrong field names it. That of several counts also those that are not named.
                let counted = detail.filter(|_| errors.len() > 1);
                let problem = Self::invalid_fields(errors);
                counted.into_iter().fold(problem, Self::detail)
            }
            other => other,
        }
    }

    /// 429: too many requests. `wait` is the time until another attempt can succeed.
    pub fn too_many(limit: Limit, wait: SignedDuration) -> Self {
        let seconds = u64::try_from(wait.as_secs()).unwrap_or_default() + 1;
        let mut problem = Self::new(429, "too-many-requests", "Too many requests")
            .detail(format_args!("Try again in {seconds} seconds."))
            .retry_after(seconds);
        if let Self::Known(details) = &mut problem {
            details.limit = Some(limit);
        }
        problem
    }

    /// Any error that the caller cannot correct.
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }

    /// Sets the wrong parts of the resource, such as lines of a cart.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        if let Self::Known(details) = &mut self {
            details.errors = errors;
        }
        self
    }

    /// Sets a sentence that describes this occurrence, for display.
    #[must_use]
    pub fn detail(mut self, detail: impl fmt::Display) -> Self {
        if let Self::Known(details) = &mut self {
            details.detail = Some(detail.to_string());
        }
        self
    }

    /// Sets the number of seconds until another attempt can succeed.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        if let Self::Known(details) = &mut self {
            details.retry_after = Some(seconds);
        }
        self
    }

    /// The slug, if the problem is for the caller to read.
    pub fn slug(&self) -> Option<&'static str> {
        if let Self::Known(details) = self { Some(details.slug) } else { None }
    }

    /// The wrong fields, if the problem is for the caller to read.
    pub fn errors(&self) -> &[FieldError] {
        if let Self::Known(details) = self { &details.errors } else { &[] }
    }

    /// The HTTP status that the caller receives.
    pub fn status(&self) -> u16 {
        match self {
            Self::Known(details) => details.status,
            Self::Conflict | Self::AlreadyDone => 409,
            Self::Repeated(_) => 200,
            Self::Internal(_) => 500,
        }
    }
}

impl Details {
    pub(crate) fn new(status: u16, slug: &'static str, title: &'static str) -> Self {
        Self {
            status,
            slug,
            title,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            limit: None,
            refuses_token: false,
        }
    }
}

impl From<dynamo::Error> for Problem {
    fn from(error: dynamo::Error) -> Self {
        match error {
            dynamo::Error::Conflict => Self::Conflict,
            dynamo::Error::Consumed | dynamo::Error::Stale => Self::AlreadyDone,
            dynamo::Error::Repeated(earlier) => Self::Repeated(earlier),
            dynamo::Error::KeyExpired => {
                Self::new(409, "idempotency-key-expired", "The idempotency key is more than 24 hours old")
                    .detail("Send a new key to create something else.")
            }
            dynamo::Error::KeyReused => {
                Self::new(422, "idempotency-key-reused", "The idempotency key was used for another request")
                    .detail("Send a new key, or repeat the first request unchanged.")
            }
            dynamo::Error::InvalidCursor => Self::new(400, "invalid-cursor", "The cursor is invalid for this list")
                .detail("Send the nextCursor of a page of the same list, or no cursor for the first page."),
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

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(details) => {
                // The errors say more than the detail, which repeats one of them or counts them.
                let detail = details.detail.as_deref().filter(|_| details.errors.is_empty());
                write!(f, "{}: {}", details.slug, detail.unwrap_or(details.title))?;
                details.errors.iter().try_for_each(|error| write!(f, "; {} {}", error.pointer, error.detail))
            }
            Self::Conflict => f.write_str("changed by another writer"),
            Self::AlreadyDone => f.write_str("already done"),
            Self::Repeated(_) => f.write_str("took effect before"),
            // With all causes, because the JSON log does not record sources.
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
