//! The AWS JSON protocols: answers, and errors in the shape that the SDKs read.

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

/// The region in every ARN.
pub(crate) const REGION: &str = "eu-west-1";
/// The account in every ARN.
pub(crate) const ACCOUNT: &str = "000000000000";

/// What [`Cloud::dispatch`](crate::Cloud::dispatch) answers: an HTTP response without a transport.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status: 200, 400, 500 or 501.
    pub status: u16,
    /// Header names in lower case, and their values.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        let headers =
            vec![("content-type", content_type.to_owned()), ("x-amzn-requestid", uuid::Uuid::new_v4().to_string())];
        Self { status, headers, body: body.into() }
    }
}

/// A refusal. `code` is the error's shape name, the part behind `#` in `__type`.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    status: u16,
}

impl Fault {
    /// The caller's mistake: HTTP 400.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), status: 400 }
    }

    /// The operation does not exist here.
    pub(crate) fn unknown_operation(target: &str) -> Self {
        Self::new("UnknownOperationException", format!("The local emulator does not support the operation {target}."))
    }

    /// Our own mistake, or the disk's: HTTP 500, which the SDKs retry.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "emulator failed");
        Self { code: "InternalFailure", message: format!("The local emulator failed: {cause}"), status: 500 }
    }

    /// `namespace` is what stands before `#` in `__type`, e.g. `com.amazonaws.sqs`.
    pub(crate) fn answer(&self, namespace: &str, content_type: &str) -> Answer {
        let body = json!({ "__type": format!("{namespace}#{}", self.code), "message": self.message });
        Answer::new(self.status, content_type, body.to_string().into_bytes())
    }
}

/// Reads an operation's input. Inputs deny unknown fields, so a parameter that we do not support is an error, never ignored.
pub(crate) fn input<T: DeserializeOwned>(body: &[u8], code: &'static str) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        let message = error.to_string();
        let said = message.split(" at line ").next().unwrap_or(&message);
        match said.strip_prefix("unknown field ") {
            Some(field) => Fault::new(code, format!("The local emulator does not support the parameter {field}.")),
            None if error.is_data() => Fault::new(code, format!("The request is not valid: {said}.")),
            None => Fault::new("SerializationException", format!("The request is not JSON: {said}.")),
        }
    })
}

/// Writes an operation's output.
pub(crate) fn output<T: Serialize>(value: &T) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(value).map_err(Fault::internal)
}
