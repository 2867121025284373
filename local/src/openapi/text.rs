//! The document as text, with the keys that readers and generators look at first in front.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

/// These keys come first, in this order. Generators take the first media type of a response.
const FIRST: [&str; 12] = [
    "openapi",
    "info",
    "servers",
    "tags",
    "operationId",
    "summary",
    "description",
    "type",
    "title",
    "paths",
    "components",
    "application/problem+json",
];

/// A JSON value whose text has the keys in that order, and then by name.
pub(super) struct Ordered<'a>(pub(super) &'a Value);

impl Serialize for Ordered<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(fields) => {
                let mut keys: Vec<_> = fields.keys().collect();
                keys.sort_by_key(|key| (FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()), *key));
                let mut map = serializer.serialize_map(Some(keys.len()))?;
                for key in keys {
                    map.serialize_entry(key, &Ordered(&fields[key]))?;
                }
                map.end()
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Ordered)),
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_is_the_first_media_type() {
        let content = json!({"application/json": 1, "application/problem+json": [{"b": 1, "type": 2}]});
        let text = serde_json::to_string(&Ordered(&content)).unwrap();
        assert_eq!(text, r#"{"application/problem+json":[{"type":2,"b":1}],"application/json":1}"#);
    }
}
