//! Items as plain JSON, and in short.

use serde_json::{Map, Value};

/// An item of DynamoDB's JSON as plain JSON, with the id that an aggregate's item has in its key only.
pub(crate) fn whole(item: &Value) -> Value {
    let fields = item.as_object().into_iter().flatten();
    let mut fields: Map<_, _> = fields.map(|(name, value)| (name.clone(), plain(value))).collect();
    if fields.get("sk").is_some_and(|sk| sk == "state")
        && let Some((_, id)) = fields.get("pk").and_then(Value::as_str).and_then(|pk| pk.split_once('#'))
    {
        let id = id.into();
        fields.entry("id").or_insert(id);
    }
    Value::Object(fields)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_id_of_an_aggregate_is_that_of_its_key() {
        let item = |sk: &str| json!({"pk": {"S": "order#ord_1"}, "sk": {"S": sk}, "version": {"N": "2"}});
        assert_eq!(whole(&item("state")), json!({"pk": "order#ord_1", "sk": "state", "version": 2, "id": "ord_1"}));
        assert_eq!(whole(&item("event#1")).get("id"), None);
    }
}
