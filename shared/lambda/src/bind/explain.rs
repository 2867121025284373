//! Says in the words of the API what an input must be. The schema of the input tells it: the same one that is
//! published.

use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::node::{Fault, Fields};
use crate::{FieldError, json};

/// The maximum length of input that a response repeats. A response must stay small even if the input is large.
pub(crate) const LONGEST_TEXT: usize = 300;

/// The schema of an input, with the schemas that it refers to.
pub(super) struct Shape {
    root: Value,
    definitions: Map<String, Value>,
}

impl Shape {
    pub(super) fn of(schema: fn(&mut SchemaGenerator) -> Schema) -> Self {
        let mut generator = SchemaGenerator::default();
        let root = schema(&mut generator).to_value();
        Self { root, definitions: generator.take_definitions(true) }
    }

    /// Every field that is missing, unknown or of a wrong type, and the one at which reading stopped.
    pub(super) fn unreadable(&self, fields: &Fields, error: &serde_path_to_error::Error<Fault>) -> Vec<FieldError> {
        let mut errors = Vec::new();
        self.names(&self.root, |name| fields.contains_key(name), fields.keys(), "", &mut errors);
        for (name, field) in fields {
            if let Some(schema) = self.field(&self.root, name) {
                self.check(schema, &field.value, field.is_parameter, &format!("/{}", json::escaped(name)), &mut errors);
            }
        }
        let mut at = json::pointer(error.path());
        let detail = match error.inner() {
            Fault::Missing(name) => {
                at = format!("{at}/{name}");
                REQUIRED.to_owned()
            }
            Fault::Unknown(name) => {
                let end = format!("/{}", json::escaped(name));
                at = if at.ends_with(&end) { at } else { at + &end };
                UNKNOWN.to_owned()
            }
            // The messages of our types say what must be. Those of others do not speak of the API.
            Fault::Said(said) if said.starts_with("must ") => said.clone(),
            Fault::Said(_) | Fault::Other => self.allowed_at(&at).unwrap_or_else(|| INVALID.to_owned()),
        };
        match errors.iter_mut().find(|known| known.pointer == at) {
            Some(known) if matches!(error.inner(), Fault::Said(_)) => known.detail = detail,
            Some(_) => {}
            None => errors.insert(0, FieldError { pointer: at, detail }),
        }
        for text in errors.iter_mut().flat_map(|error| [&mut error.pointer, &mut error.detail]) {
            shorten(text);
        }
        errors
    }

    /// The error of a field that is outside its bounds, from the message of the validation.
    pub(super) fn out_of_bounds(&self, pointer: String, message: String) -> FieldError {
        let is_list = || self.at(&pointer).is_some_and(|schema| kind(schema) == "array");
        let counted = |words: &str, count: &str| {
            format!("must have {words} {count} {}", if is_list() { "entries" } else { "characters" })
        };
        let bound = if let Some(least) = message.strip_prefix("length is lower than ") {
            counted("at least", least)
        } else if let Some(most) = message.strip_prefix("length is greater than ") {
            counted("at most", most)
        } else if let Some(least) = message.strip_prefix("lower than ") {
            format!("must be {least} or more")
        } else if let Some(most) = message.strip_prefix("greater than ") {
            format!("must be {most} or less")
        } else {
            return FieldError { pointer, detail: message };
        };
        // With both bounds, if the schema has them.
        let allowed = self.at(&pointer).filter(|schema| bounds(schema).contains(" to ")).and(self.allowed_at(&pointer));
        FieldError { pointer, detail: allowed.unwrap_or(bound) }
    }

    /// Collects the values in `value` that the schema does not allow.
    fn check(&self, schema: &Value, value: &Value, is_parameter: bool, at: &str, errors: &mut Vec<FieldError>) {
        if value.is_null() && is_nullable(schema) {
            return;
        }
        let schema = self.resolved(schema);
        let fits = match (kind(schema), value) {
            ("object", Value::Object(fields)) => {
                self.names(schema, |name| fields.contains_key(name), fields.keys(), at, errors);
                for (name, value) in fields {
                    if let Some(schema) = self.field(schema, name) {
                        self.check(schema, value, false, &format!("{at}/{}", json::escaped(name)), errors);
                    }
                }
                true
            }
            ("array", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.check(&schema["items"], item, false, &format!("{at}/{index}"), errors);
                }
                true
            }
            ("integer", Value::Number(number)) => !number.is_f64(),
            ("integer", Value::String(text)) if is_parameter => text.parse::<i64>().is_ok(),
            ("boolean", Value::String(text)) if is_parameter => text.parse::<bool>().is_ok(),
            ("array", Value::String(_)) if is_parameter => true,
            ("string", Value::String(_)) | ("boolean", Value::Bool(_)) | ("number", Value::Number(_)) | ("", _) => true,
            _ => false,
        };
        let choices = choices(schema);
        if !fits || !(choices.is_empty() || choices.contains(&value)) {
            let name = at.rsplit('/').next().unwrap_or_default();
            let detail = allowed(name, schema).unwrap_or_else(|| INVALID.to_owned());
            errors.push(FieldError { pointer: at.to_owned(), detail });
        }
    }

    /// Collects the missing and the unknown fields of an object.
    fn names<'a>(
        &self,
        schema: &Value,
        is_given: impl Fn(&str) -> bool,
        given: impl Iterator<Item = &'a String>,
        at: &str,
        errors: &mut Vec<FieldError>,
    ) {
        let schema = self.resolved(schema);
        let mut wrong = |name: &str, detail: String| {
            errors.push(FieldError { pointer: format!("{at}/{}", json::escaped(name)), detail });
        };
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        required.filter(|name| !is_given(name)).for_each(|name| wrong(name, REQUIRED.to_owned()));
        if schema["additionalProperties"] == false {
            let known = schema["properties"].as_object();
            let names = || known.into_iter().flatten().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
            let unknown = given.filter(|name| known.is_none_or(|known| !known.contains_key(*name)));
            for (number, name) in unknown.enumerate() {
                wrong(
                    name,
                    if number == 0 { format!("{UNKNOWN}; the fields are: {}", names()) } else { UNKNOWN.to_owned() },
                );
            }
        }
    }

    fn allowed_at(&self, pointer: &str) -> Option<String> {
        allowed(pointer.rsplit('/').next()?, self.at(pointer)?)
    }

    /// The schema of the value at a pointer.
    fn at(&self, pointer: &str) -> Option<&Value> {
        let parts = pointer.split('/').skip(1);
        parts
            .map(unescaped)
            .try_fold(self.resolved(&self.root), |schema, name| Some(self.resolved(self.field(schema, &name)?)))
    }

    /// The schema of a field of an object, or of an entry of a list.
    fn field<'a>(&'a self, schema: &'a Value, name: &str) -> Option<&'a Value> {
        let schema = self.resolved(schema);
        let found = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        found.or_else(|| schema.get("items")).filter(|schema| schema.is_object())
    }

    /// The schema that is referred to, without the choice of null.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
        let referred = name.and_then(|name| self.definitions.get(name)).or_else(|| schema["anyOf"].get(0));
        referred.map_or(schema, |schema| self.resolved(schema))
    }
}

/// Cuts what a response repeats of a request. Names and texts in a body can have any length.
pub(crate) fn shorten(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
    }
}

const REQUIRED: &str = "is required";
const UNKNOWN: &str = "is not a field here";
const INVALID: &str = "is not valid here";

/// What a field must be.
fn allowed(name: &str, schema: &Value) -> Option<String> {
    let choices = choices(schema);
    if !choices.is_empty() {
        let names: Vec<_> = choices.iter().map(|choice| choice.as_str().unwrap_or_default()).collect();
        return Some(format!("must be one of: {}", names.join(", ")));
    }
    let bounds = bounds(schema);
    Some(match kind(schema) {
        "integer" if name == "amount" => {
            format!("must be an amount{bounds} in minor units, such as 1299 for 12.99")
        }
        "integer" => format!("must be a whole number{bounds}"),
        "number" => format!("must be a number{bounds}"),
        "string" if schema["format"] == "date-time" => "must be a time, such as 2026-01-31T12:00:00Z".to_owned(),
        "string" => format!("must be text{bounds}"),
        "array" => format!("must be a list{bounds}"),
        "boolean" => "must be true or false".to_owned(),
        "object" => "must be an object".to_owned(),
        _ => return None,
    })
}

/// The bounds of a number, of the length of a text or of a list, as a part of a sentence.
fn bounds(schema: &Value) -> String {
    let (least, most, unit) = match kind(schema) {
        "string" => ("minLength", "maxLength", " characters"),
        "array" => ("minItems", "maxItems", " entries"),
        _ => ("minimum", "maximum", ""),
    };
    let link = if unit.is_empty() { "from" } else { "of" };
    match (schema[least].as_i64(), schema[most].as_i64()) {
        (Some(least), Some(most)) => format!(" {link} {least} to {most}{unit}"),
        (Some(least), None) => format!(" of at least {least}{unit}"),
        (None, Some(most)) => format!(" of at most {most}{unit}"),
        (None, None) => String::new(),
    }
}

/// The type of a value, or nothing if there are several.
fn kind(schema: &Value) -> &str {
    let kinds = schema["type"].as_array().map_or_else(|| std::slice::from_ref(&schema["type"]), Vec::as_slice);
    let mut kinds = kinds.iter().filter_map(Value::as_str).filter(|kind| *kind != "null");
    kinds.next().filter(|_| kinds.next().is_none()).unwrap_or_default()
}

fn is_nullable(schema: &Value) -> bool {
    let null = |value: &Value| value == "null" || value["type"] == "null";
    [&schema["type"], &schema["anyOf"]]
        .into_iter()
        .any(|kinds| kinds.as_array().is_some_and(|kinds| kinds.iter().any(null)))
}

/// The values of an enumeration.
fn choices(schema: &Value) -> Vec<&Value> {
    let listed = schema["enum"].as_array().into_iter().flatten();
    let described = schema["oneOf"].as_array().into_iter().flatten();
    let described =
        described.flat_map(|one| one.get("const").into_iter().chain(one["enum"].as_array().into_iter().flatten()));
    listed.chain(described).filter(|choice| choice.is_string()).collect()
}

fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
