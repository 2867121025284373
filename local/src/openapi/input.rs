//! Which field of an operation's one input struct comes from where: path, query or body.

use serde_json::{Map, Value, json};

use super::SCHEMAS;

/// An input, taken apart.
pub(super) struct Parts {
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
}

/// Variables of the path are path parameters; the other fields are the query of a GET or DELETE, else the body.
pub(super) fn parts(method: &str, path: &str, input: &Value, schemas: &Map<String, Value>) -> Parts {
    let schema = resolved(input, schemas);
    let Some(fields) = schema["properties"].as_object() else {
        let parameters = path_variables(path).map(|name| path_parameter(name, &json!({"type": "string"}))).collect();
        // An object without fields is no body; anything else is one that is taken as it is.
        let body = (schema["type"] != "object" && !reads(method))
            .then(|| json!({"required": true, "content": {"*/*": {"schema": input}}}));
        return Parts { parameters, body };
    };
    let in_path: Vec<_> = path_variables(path).collect();
    let text = json!({"type": "string"});
    let mut parameters: Vec<_> =
        in_path.iter().map(|name| path_parameter(name, fields.get(*name).unwrap_or(&text))).collect();
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let rest = fields.iter().filter(|(name, _)| !in_path.contains(&name.as_str()));
    if reads(method) {
        parameters.extend(rest.map(|(name, field)| parameter(name, "query", required.contains(&name.as_str()), field)));
        return Parts { parameters, body: None };
    }
    let rest: Map<_, _> = rest.map(|(name, field)| (name.clone(), field.clone())).collect();
    let required: Vec<_> = required.into_iter().filter(|name| rest.contains_key(*name)).collect();
    let body = (!rest.is_empty()).then(|| {
        let is_needed = !required.is_empty();
        let schema = if in_path.is_empty() { input.clone() } else { without_path(schema, rest, &required) };
        json!({"required": is_needed, "content": {"application/json": {"schema": schema}}})
    });
    Parts { parameters, body }
}

/// The names in a path's braces.
pub(super) fn path_variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(|name| name.trim_end_matches('+'))
}

pub(super) fn path_parameter(name: &str, schema: &Value) -> Value {
    parameter(name, "path", true, schema)
}

fn parameter(name: &str, place: &str, required: bool, schema: &Value) -> Value {
    let mut schema = schema.clone();
    // A field that may be absent is not one that may be null, in a path or a query.
    if let Some([kind, _null]) = schema["type"].as_array().map(Vec::as_slice) {
        schema["type"] = kind.clone();
    }
    if let Some([kind, null]) = schema["anyOf"].as_array().map(Vec::as_slice)
        && *null == json!({"type": "null"})
    {
        let mut kind = kind.clone();
        kind["description"] = schema["description"].clone();
        schema = kind;
    }
    let mut parameter = json!({"name": name, "in": place, "required": required});
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    if let Some(description) = description.filter(Value::is_string) {
        parameter["description"] = description;
    }
    if place == "query" && schema["type"] == "array" {
        // `?skus=A,B`
        parameter["explode"] = false.into();
    }
    parameter["schema"] = schema;
    parameter
}

/// The same object without the fields that stand in the path.
fn without_path(schema: &Value, fields: Map<String, Value>, required: &[&str]) -> Value {
    let mut schema = schema.clone();
    schema["properties"] = fields.into();
    schema["required"] = required.to_vec().into();
    if required.is_empty() {
        schema.as_object_mut().map(|schema| schema.remove("required"));
    }
    schema
}

fn resolved<'a>(schema: &'a Value, schemas: &'a Map<String, Value>) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|to| to.strip_prefix(SCHEMAS));
    name.and_then(|name| schemas.get(name)).map_or(schema, |found| resolved(found, schemas))
}

fn reads(method: &str) -> bool {
    matches!(method, "GET" | "DELETE")
}
