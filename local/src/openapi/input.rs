//! Which field of an operation's one input struct comes from where: path, query or body.

use lambda::{DEFAULT_LIMIT, Http, MERGE_PATCH};
use serde_json::{Map, Value, json};

use super::{JSON, SCHEMAS, examples::Example};
use crate::template::Route;

/// An input, taken apart.
pub(super) struct Parts {
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    /// A schema that the body refers to, by its name: the fields of the input that are not in the path.
    pub(super) schema: Option<(String, Value)>,
}

/// Variables of the path are path parameters; the other fields are the query of a GET or DELETE, or of an operation that
/// reads its body itself, else the body.
pub(super) fn parts(route: &Route, http: Http, input: &Value, schemas: &Map<String, Value>) -> Parts {
    let (method, path) = (route.method.as_str(), route.path.as_str());
    let schema = resolved(input, schemas);
    let Some(fields) = schema["properties"].as_object() else {
        let parameters = path_variables(path).map(|name| path_parameter(name, &json!({"type": "string"}))).collect();
        return Parts { parameters, body: raw_body(http), schema: None };
    };
    let in_path: Vec<_> = path_variables(path).collect();
    let text = json!({"type": "string"});
    let mut parameters: Vec<_> =
        in_path.iter().map(|name| path_parameter(name, fields.get(*name).unwrap_or(&text))).collect();
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let rest = fields.iter().filter(|(name, _)| !in_path.contains(&name.as_str()));
    let body = raw_body(http);
    if reads(method) || body.is_some() {
        parameters.extend(rest.map(|(name, field)| parameter(name, "query", required.contains(&name.as_str()), field)));
        return Parts { parameters, body, schema: None };
    }
    let rest: Map<_, _> = rest.map(|(name, field)| (name.clone(), field.clone())).collect();
    let required: Vec<_> = required.into_iter().filter(|name| rest.contains_key(*name)).collect();
    if rest.is_empty() {
        return Parts { parameters, body: None, schema: None };
    }
    let own = (!in_path.is_empty()).then(|| {
        let name = input["$ref"].as_str().and_then(|to| to.strip_prefix(SCHEMAS)).unwrap_or_default();
        (format!("{name}Body"), without_path(schema, rest, &required))
    });
    let body = {
        let is_needed = !required.is_empty();
        let schema =
            own.as_ref().map_or_else(|| input.clone(), |(name, _)| json!({"$ref": format!("{SCHEMAS}{name}")}));
        let mut content = json!({JSON: {"schema": schema}});
        if method == "PATCH" {
            content[MERGE_PATCH] = content[JSON].clone();
        }
        json!({"required": is_needed, "content": content})
    };
    Parts { parameters, body: Some(body), schema: own }
}

/// The body of an operation that reads it itself.
fn raw_body(http: Http) -> Option<Value> {
    let kinds = http.media_types.iter().map(|kind| ((*kind).to_owned(), raw(kind))).collect::<Map<_, _>>();
    (!kinds.is_empty()).then(|| json!({"required": true, "content": kinds}))
}

fn raw(kind: &str) -> Value {
    match kind {
        JSON => json!({"schema": {"type": "object", "description": "The event, as the payment provider signed it."}}),
        _ => json!({"schema": {"type": "string", "description": "The content of the file."}}),
    }
}

/// Adds the values of an example to parameters and body.
pub(super) fn add_examples(parameters: &mut [Value], body: Option<&mut Value>, example: &Example) {
    for parameter in parameters.iter_mut() {
        let Some(text) = parameter["name"].as_str().and_then(|name| example.parameters.get(name)) else { continue };
        let kind = parameter["schema"]["type"].as_str().unwrap_or_default();
        parameter["example"] = match kind {
            "integer" => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
            "array" => text.split(',').collect(),
            _ => text.as_str().into(),
        };
    }
    for (kind, content) in body.and_then(|body| body["content"].as_object_mut()).into_iter().flatten() {
        let same = example.body.get(kind).or_else(|| example.body.get(JSON).filter(|_| kind == MERGE_PATCH));
        if let Some(value) = same {
            content["example"] = value.clone();
        }
    }
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
    if let Some([kind, null]) = schema["type"].as_array().map(Vec::as_slice)
        && *null == "null"
    {
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
    // Every list has these two.
    match (place, name) {
        ("query", "limit") => {
            schema["default"] = DEFAULT_LIMIT.into();
            parameter["description"] = "The maximum number of items in the page.".into();
        }
        ("query", "cursor") => {
            parameter["description"] = "The `nextCursor` of the previous page. Absent for the first page.".into();
        }
        _ => {}
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
