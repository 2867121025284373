//! What an operation answers to a test.

use std::collections::HashMap;

use serde_json::Value;

/// The response of an operation.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HashMap<String, String>,
    /// The body as JSON. `null` if there is none.
    pub json: Value,
    /// The body.
    pub text: String,
    /// The cookies that it sets.
    pub cookies: Vec<String>,
}

impl Answer {
    /// The stable name of the problem: `out-of-stock`.
    pub fn problem(&self) -> &str {
        self.json["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or_default()
    }

    /// The pointers of the wrong fields.
    pub fn pointers(&self) -> Vec<&str> {
        self.json["errors"].as_array().into_iter().flatten().filter_map(|error| error["pointer"].as_str()).collect()
    }
}
