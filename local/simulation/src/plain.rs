//! Items as plain JSON, and in short.

use serde_json::{Map, Value};

/// An item of DynamoDB's JSON as plain JSON.
pub(crate) fn whole(item: &Value) -> Value {
    let fields = item.as_object().into_iter().flatten();
    Value::Object(fields.map(|(name, value)| (name.clone(), plain(value))).collect())
}

fn plain(value: &Value) -> Value {
    let Some((kind, value)) = value.as_object().and_then(|value| value.iter().next()) else { return Value::Null };
    match (kind.as_str(), value) {
        ("N", Value::String(number)) => serde_json::from_str(number).unwrap_or_default(),
        ("M", Value::Object(fields)) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>())
        }
        ("L", Value::Array(values)) => Value::Array(values.iter().map(plain).collect()),
        ("NULL", _) => Value::Null,
        _ => value.clone(),
    }
}

/// An item by its key, and what is worth knowing of it: `order…3f2a v2 reserved`.
pub(crate) fn short(item: &Value) -> String {
    let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
    let key = short_key(text("pk"));
    let detail = match text("sk") {
        "state" => {
            let version = item["version"]["N"].as_str().map(|version| format!(" v{version}")).unwrap_or_default();
            format!("{version} {}", text("status"))
        }
        sk if item.get("name").is_some() && sk.starts_with("event#") => format!("! {}", text("name")),
        sk => format!("/{}", sk.split('#').next().unwrap_or_default()),
    };
    format!("{key}{detail}").trim_end().to_owned()
}

/// `order#ord_…` as `order…` and the end of its id.
pub(crate) fn short_key(key: &str) -> String {
    // Ids of messages and signing keys are by lot; what is named by them is told by its kind.
    match key.split_once('#') {
        Some((kind @ "quote-key", _)) => kind.to_owned(),
        Some((kind, id)) => {
            let end = id.len().saturating_sub(4);
            format!("{kind}…{}", id.get(end..).unwrap_or(id))
        }
        None => key.to_owned(),
    }
}
