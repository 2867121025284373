//! Reads JSON from callers. Each name may occur once in an object, and texts must not contain invisible or misleading
//! characters, so that all readers understand the document in the same way.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::{FieldError, Problem, text};

/// Reads a document.
///
/// # Errors
/// 400 if the document is not JSON; 422 if an object contains a name more than once.
pub fn read(bytes: &[u8]) -> Result<Value, Problem> {
    let malformed = |error: &serde_json::Error| {
        let at = format_args!("It cannot be read from line {}, column {} on.", error.line(), error.column());
        Problem::new(400, "malformed-json", "The body is not JSON").detail(at)
    };
    let mut document = serde_json::Deserializer::from_slice(bytes);
    let Strict(value) = serde_path_to_error::deserialize(&mut document).map_err(|error| {
        if error.inner().is_data() {
            return Problem::invalid(pointer(error.path()), REPEATED);
        }
        malformed(error.inner())
    })?;
    document.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// The texts and names in a value that no input takes.
pub(crate) fn illegible(value: &Value, pointer: &str) -> Vec<FieldError> {
    let refused = |text: &String| {
        text::refusal(text).map(|reason| FieldError { pointer: pointer.to_owned(), detail: reason.to_owned() })
    };
    match value {
        Value::String(text) => refused(text).into_iter().collect(),
        Value::Array(items) => {
            (0..).zip(items).flat_map(|(at, item): (usize, _)| illegible(item, &format!("{pointer}/{at}"))).collect()
        }
        Value::Object(fields) => fields.keys().find_map(refused).map_or_else(
            || {
                let fields = fields.iter();
                fields.flat_map(|(name, value)| illegible(value, &format!("{pointer}/{}", escaped(name)))).collect()
            },
            |name| vec![name],
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

const REPEATED: &str = "is given more than once";

/// The JSON pointer (RFC 6901) of a path.
pub(crate) fn pointer(path: &serde_path_to_error::Path) -> String {
    let parts = path.iter().map(|segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escaped(key)),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    });
    parts.collect()
}

/// Escapes a name for a JSON pointer.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A value in whose objects each name occurs once.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.contains_key(&name) {
                map.next_value_seed(Repeated)?;
            }
            let Strict(value) = map.next_value()?;
            fields.insert(name, value);
        }
        Ok(fields.into())
    }
}

/// Refuses a value at its position, so that the error contains its path.
struct Repeated;

impl<'de> DeserializeSeed<'de> for Repeated {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(D::Error::custom(REPEATED))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refusal(text: &str) -> (u16, Vec<String>) {
        let problem = read(text.as_bytes()).unwrap_err();
        let Problem::Known(details) = &problem else { panic!("{problem}") };
        (details.status, details.errors.iter().map(|error| error.pointer.clone()).collect())
    }

    #[test]
    fn json_is_read_as_it_is() {
        let text = r#"{"a": [1, -2, 1.5, 18446744073709551615, true, null, "\u00e4"], "b": {"a": {}}}"#;
        assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn a_name_that_comes_twice_is_refused_where_it_stands() {
        assert_eq!(refusal(r#"{"a": 1, "a": 1}"#), (422, vec!["/a".to_owned()]));
        assert_eq!(refusal(r#"{"a": [{}, {"b/c": 1, "b\/c": 2}]}"#), (422, vec!["/a/1/b~1c".to_owned()]));
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{} {}", r#"{"a": 1e400}"#, r#""\ud800""#, "NaN", "{'a': 1}", &deep] {
            assert_eq!(refusal(text), (400, Vec::new()), "{text:.20}");
        }
        assert!(read(b"\"\xff\"").is_err(), "not UTF-8");
    }

    #[test]
    fn what_nobody_could_read_is_named() {
        let value =
            json!({"a": ["fine\n", "nul\0"], "b": {"over\u{202e}ride": 1}, "c/d": "\u{202d}", "e": "naïve e\u{301}"});
        let pointers: Vec<_> = illegible(&value, "").into_iter().map(|error| error.pointer).collect();
        assert_eq!(pointers, ["/a/1", "/b", "/c~1d"]);
    }
}
