//! Calls to the emulators without an SDK client, for the parts that belong to AWS.
//!
//! Functions call the emulators with real SDK clients. The parts that belong to AWS (event source mappings,
//! `CloudFormation`, the console) send the same JSON to the same endpoint, unsigned.

use emulators::Cloud;
use serde_json::Value;

/// An error in the reply of a service.
#[derive(Debug, thiserror::Error)]
#[error("{target}: {code}: {message}")]
pub(crate) struct AwsError {
    target: String,
    pub(crate) code: String,
    message: String,
}

/// Calls an operation (`AmazonSQS.SendMessage`) with its JSON body.
pub(crate) async fn call(cloud: &Cloud, target: &str, body: &Value) -> Result<Value, AwsError> {
    let answer = cloud.dispatch(target, body.to_string().as_bytes()).await;
    let said: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status == 200 {
        return Ok(said);
    }
    let code = said["__type"].as_str().unwrap_or_default();
    let message = said["message"].as_str().or(said["Message"].as_str()).unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    Err(AwsError { target: target.to_owned(), code, message: message.to_owned() })
}
