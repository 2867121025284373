//! Rewrites schemas as generators of clients expect them.

use serde_json::{Value, json};

/// Rewrites a schema and the schemas in it.
pub(super) fn simplify(value: &mut Value) {
    match value {
        Value::Object(_) => {
            plain_enum(value);
            let Value::Object(fields) = value else { return };
            // JSON has one kind of number. The bounds of a Rust type are no part of the contract.
            if fields.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with(['i', 'u'])) {
                fields.remove("format");
            }
            fields.values_mut().for_each(simplify);
        }
        Value::Array(items) => items.iter_mut().for_each(simplify),
        _ => {}
    }
}

/// `oneOf` of constants, as the type of an enum with documented variants is given, becomes `enum`. The description
/// says what each value means.
fn plain_enum(schema: &mut Value) {
    let Some(choices) = schema["oneOf"].as_array() else { return };
    let Some(parts) = choices.iter().map(part).collect::<Option<Vec<_>>>() else { return };
    let values: Vec<_> = parts.iter().flat_map(|(values, _)| values.clone()).collect();
    let meanings = parts.iter().filter_map(|(values, meaning)| {
        let names: Vec<_> = values.iter().filter_map(Value::as_str).map(|name| format!("`{name}`")).collect();
        Some(format!("- {}: {}", names.join(", "), (*meaning)?))
    });
    let own = schema["description"].as_str().map(str::to_owned);
    let meanings = meanings.collect::<Vec<_>>().join("\n");
    let texts: Vec<_> = own.into_iter().chain([meanings]).filter(|text| !text.is_empty()).collect();
    *schema = json!({"type": "string", "enum": values});
    if !texts.is_empty() {
        schema["description"] = texts.join("\n\n").into();
    }
}

/// The texts of one choice and their description. `None` if the choice is not between constant texts.
fn part(choice: &Value) -> Option<(Vec<Value>, Option<&str>)> {
    let values = match (&choice["const"], &choice["enum"]) {
        (value @ Value::String(_), _) => vec![value.clone()],
        (_, Value::Array(values)) if choice["type"] == "string" => values.clone(),
        _ => return None,
    };
    Some((values, choice["description"].as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn simplified(mut schema: Value) -> Value {
        simplify(&mut schema);
        schema
    }

    #[test]
    fn documented_variants_are_an_enum() {
        let schema = json!({"items": {"description": "A size.", "oneOf": [
            {"const": "s", "type": "string", "description": "Small."},
            {"enum": ["m", "l"], "type": "string"},
        ]}});
        let description = "A size.\n\n- `s`: Small.";
        let expected = json!({"items": {"type": "string", "enum": ["s", "m", "l"], "description": description}});
        assert_eq!(simplified(schema), expected);
    }

    #[test]
    fn another_choice_stays() {
        let schema = json!({"oneOf": [{"const": "s", "type": "string"}, {"type": "object"}]});
        assert_eq!(simplified(schema.clone()), schema);
    }

    #[test]
    fn a_number_has_no_format() {
        assert_eq!(simplified(json!({"type": "integer", "format": "uint32"})), json!({"type": "integer"}));
        let time = json!({"type": "string", "format": "date-time"});
        assert_eq!(simplified(time.clone()), time);
    }
}
