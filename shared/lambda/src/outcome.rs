//! The outcome of an invocation: the response or the error that Lambda receives.

use std::fmt;

use lambda_runtime::Diagnostic;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::Problem;

/// Why an invocation failed, as Lambda reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvocationError {
    /// The kind of failure.
    pub kind: String,
    /// A description of the failure.
    pub message: String,
}

impl InvocationError {
    pub(crate) fn new(kind: &str, message: impl fmt::Display) -> Self {
        Self { kind: kind.to_owned(), message: message.to_string() }
    }

    /// The payload is not the event that Lambda sends to this kind of function.
    pub(crate) fn unexpected_event(error: impl fmt::Display) -> Self {
        Self::new("UnexpectedEvent", error)
    }
}

impl fmt::Display for InvocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl std::error::Error for InvocationError {}

impl From<InvocationError> for Diagnostic {
    fn from(error: InvocationError) -> Self {
        Self { error_type: error.kind, error_message: error.message }
    }
}

/// The response of an invocation.
pub(crate) struct Response {
    pub(crate) body: Box<RawValue>,
    /// Whether the response reports a failure of this function. Lambda itself counts the invocation as a success.
    pub(crate) failed: bool,
}

pub(crate) type Outcome = Result<Response, InvocationError>;

/// Responds with JSON.
pub(crate) fn respond(body: &impl Serialize) -> Outcome {
    let body = serde_json::value::to_raw_value(body).map_err(|error| InvocationError::new("Serialization", error))?;
    Ok(Response { body, failed: false })
}

/// Responds with JSON that reports a failure of this function.
pub(crate) fn respond_failed(body: &impl Serialize) -> Outcome {
    respond(body).map(|response| Response { failed: true, ..response })
}

/// Responds to a batch with the ids of the records that failed. Lambda delivers only those again.
pub(crate) fn respond_to_batch(failed: Vec<String>) -> Outcome {
    let failures: Vec<_> = failed.into_iter().map(|id| serde_json::json!({"itemIdentifier": id})).collect();
    let body = serde_json::json!({"batchItemFailures": failures});
    if failures.is_empty() { respond(&body) } else { respond_failed(&body) }
}

/// Reads the event that a function is invoked with.
pub(crate) fn read_event<'a, T: Deserialize<'a>>(payload: &'a RawValue) -> Result<T, InvocationError> {
    serde_json::from_str(payload.get()).map_err(InvocationError::unexpected_event)
}

/// Fails the invocation because of a problem that no caller reads, and logs it.
pub(crate) fn failed(problem: &Problem) -> InvocationError {
    tracing::error!(error = problem as &dyn std::error::Error, "the invocation failed");
    InvocationError::new(problem.slug().unwrap_or("internal"), problem)
}
