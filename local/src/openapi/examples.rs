//! The examples in the document: requests and replies that were recorded from a running stack.

use std::{collections::BTreeMap, fs, sync::LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A recorded call of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Example {
    /// The values of the path's variables and of the query.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// The body of the request, by its media type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub body: BTreeMap<String, Value>,
    /// The body of the reply. `null` if there is none.
    pub reply: Value,
}

/// The recorded calls by function: `orders/place-order`.
pub type Examples = BTreeMap<String, Example>;

/// Where the examples are kept. `souk openapi --record` writes them.
pub const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/openapi/examples.json");

/// Read from the source tree, like the samples, so that new ones need no new build. Without them the document has none.
static KEPT: LazyLock<Examples> = LazyLock::new(|| {
    let text = fs::read_to_string(FILE).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
});

/// The kept examples.
pub fn kept() -> &'static Examples {
    &KEPT
}
