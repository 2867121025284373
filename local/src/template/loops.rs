//! The transform `AWS::LanguageExtensions`: expands `Fn::ForEach`, and evaluates functions whose arguments are known.
//!
//! `.ci/language_extensions.py` does the same for what is deployed in CI; a golden file compares the two.

use std::{
    cell::Cell,
    collections::{BTreeMap, btree_map::Entry},
};

use serde_json::{Map, Value, json};

use super::TemplateError;

const TRANSFORM: &str = "AWS::LanguageExtensions";
const LOOP: &str = "Fn::ForEach::";
/// The sections in which CloudFormation allows loops.
const SECTIONS: [&str; 3] = ["Conditions", "Resources", "Outputs"];
/// As many as CloudFormation allows resources in a stack.
const MOST_COPIES: usize = 500;

/// The variables of the loops around a value, with the item that each stands for.
type Variables = BTreeMap<String, String>;

struct Expansion<'a> {
    file: &'a str,
    template: &'a Value,
    /// How many copies all loops made so far.
    copies: Cell<usize>,
}

/// A loop: its body is copied for each item.
struct Loop<'a> {
    variable: &'a str,
    items: Vec<&'a str>,
    body: &'a Map<String, Value>,
}

/// Expands a template in its long form, if it names the transform.
pub(super) fn expand(file: &str, template: &mut Value) -> Result<(), TemplateError> {
    let names_it = |transform: &Value| transform == TRANSFORM;
    let transforms = &template["Transform"];
    if !names_it(transforms) && !transforms.as_array().is_some_and(|all| all.iter().any(names_it)) {
        return match loop_in(template) {
            Some(name) => Err(TemplateError::new(file, name, format_args!("it needs `Transform: [{TRANSFORM}, …]`"))),
            None => Ok(()),
        };
    }
    let expansion = Expansion { file, template, copies: Cell::new(0) };
    let mut expanded = Vec::new();
    for section in SECTIONS {
        if let Some(fields) = template[section].as_object() {
            expanded.push((section, expansion.fields(fields, &Variables::new(), None)?));
        }
    }
    for (section, fields) in expanded {
        template[section] = fields.into_iter().collect();
    }
    Ok(())
}

/// The names of a section's entries, in the order in which they are written or their loops make them.
pub(super) fn names(section: &yaml_serde::Mapping) -> Vec<String> {
    let mut found = Vec::new();
    collect(section, &Variables::new(), &mut found);
    found
}

fn collect(section: &yaml_serde::Mapping, variables: &Variables, found: &mut Vec<String>) {
    for (key, field) in section {
        let Some(key) = key.as_str() else { continue };
        if !key.starts_with(LOOP) {
            found.push(substituted(key, |name| variables.get(name).cloned()));
            continue;
        }
        let parts = (field[0].as_str(), field[1].as_sequence(), field[2].as_mapping());
        let (Some(variable), Some(items), Some(body)) = parts else { continue };
        for item in items.iter().filter_map(yaml_serde::Value::as_str) {
            collect(body, &with(variables, variable, item), found);
        }
    }
}

fn with(variables: &Variables, variable: &str, item: &str) -> Variables {
    let mut variables = variables.clone();
    variables.insert(variable.to_owned(), item.to_owned());
    variables
}

impl Expansion<'_> {
    /// Expands the entries of a map. `place` is the resource that they are in; none where each entry is one.
    fn fields(
        &self,
        fields: &Map<String, Value>,
        variables: &Variables,
        place: Option<&str>,
    ) -> Result<BTreeMap<String, Value>, TemplateError> {
        let mut expanded = BTreeMap::new();
        for (key, field) in fields {
            let name = substituted(key, |name| variables.get(name).cloned());
            let here = place.unwrap_or(&name);
            let mut made = Vec::new();
            if key.starts_with(LOOP) {
                let Loop { variable, items, body } = self.read(field, variables).map_err(|message| {
                    let what = place.map_or("it", |_| key);
                    self.error(here, &format!("{what} {message}"))
                })?;
                for item in items {
                    made.extend(self.fields(body, &with(variables, variable, item), place)?);
                }
            } else {
                made.push((name.clone(), self.value(field, variables, here)?));
            }
            for (name, value) in made {
                match expanded.entry(name) {
                    Entry::Vacant(free) => drop(free.insert(value)),
                    Entry::Occupied(taken) => return Err(self.error(here, &format!("it makes {} twice", taken.key()))),
                }
            }
        }
        Ok(expanded)
    }

    fn read<'b>(&self, field: &'b Value, variables: &Variables) -> Result<Loop<'b>, String> {
        let parts = field.as_array().map(Vec::as_slice);
        let Some([Value::String(variable), Value::Array(items), Value::Object(body)]) = parts else {
            return Err("is not a variable, a list of texts and a map".to_owned());
        };
        let items = items.iter().map(Value::as_str).collect::<Option<Vec<_>>>();
        let items = items.ok_or("loops over an item that is not a string")?;
        if variables.contains_key(variable) || self.template["Parameters"].get(variable).is_some() {
            return Err(format!("has the variable {variable}, which already means something else"));
        }
        self.copies.set(self.copies.get() + items.len());
        if self.copies.get() > MOST_COPIES {
            return Err(format!("makes more than {MOST_COPIES} copies, with the loops before it"));
        }
        Ok(Loop { variable, items, body })
    }

    fn value(&self, value: &Value, variables: &Variables, place: &str) -> Result<Value, TemplateError> {
        let fields = match value {
            Value::Object(fields) => fields,
            Value::Array(items) => return items.iter().map(|item| self.value(item, variables, place)).collect(),
            Value::String(text) => {
                return match variables.keys().find(|name| text.contains(&format!("${{{name}}}"))) {
                    Some(name) => Err(self.error(place, &format!("${{{name}}} needs !Sub in {text:?}"))),
                    None => Ok(value.clone()),
                };
            }
            plain => return Ok(plain.clone()),
        };
        let mut entries = fields.iter();
        Ok(match (entries.next().map(|(name, argument)| (name.as_str(), argument)), entries.next()) {
            (Some(("Ref", Value::String(name))), None) if variables.contains_key(name) => json!(variables[name]),
            (Some(("Fn::Sub", Value::String(text))), None) => sub(text, Map::new(), variables),
            (Some(("Fn::Sub", Value::Array(parts))), None) => match parts.as_slice() {
                [Value::String(text), Value::Object(more)] => {
                    let more = self.fields(more, variables, Some(place))?.into_iter().collect();
                    sub(text, more, variables)
                }
                // The scope reports it when it evaluates the resource.
                _ => value.clone(),
            },
            (Some(("Fn::Join", parts)), None) => {
                let parts = self.value(parts, variables, place)?;
                joined(&parts).unwrap_or_else(|| json!({"Fn::Join": parts}))
            }
            (Some(("Fn::FindInMap", keys)), None) => {
                let keys = self.value(keys, variables, place)?;
                self.found(&keys).cloned().unwrap_or_else(|| json!({"Fn::FindInMap": keys}))
            }
            (Some(("Fn::GetAtt", path @ Value::Array(_))), None) => {
                let path = self.value(path, variables, place)?;
                match path.as_array().map(Vec::as_slice) {
                    Some([Value::String(resource), Value::String(attribute)]) => {
                        json!({"Fn::GetAtt": format!("{resource}.{attribute}")})
                    }
                    _ => json!({"Fn::GetAtt": path}),
                }
            }
            _ => self.fields(fields, variables, Some(place))?.into_iter().collect(),
        })
    }

    /// A value in a mapping; `None` if a key is missing, or is not known before the template is evaluated.
    fn found(&self, keys: &Value) -> Option<&Value> {
        keys.as_array()?.iter().try_fold(&self.template["Mappings"], |found, key| found.get(key.as_str()?))
    }

    fn error(&self, place: &str, message: &str) -> TemplateError {
        TemplateError::new(self.file, place, message)
    }
}

/// A text for `Fn::Sub` in which all that is known is replaced; a plain text if nothing else is left.
fn sub(text: &str, mut more: Map<String, Value>, variables: &Variables) -> Value {
    let text = substituted(text, |name| match more.get(name) {
        Some(value) => value.as_str().map(str::to_owned),
        None => variables.get(name).cloned(),
    });
    more.retain(|_, value| !value.is_string());
    match (text.contains("${"), more.is_empty()) {
        (false, _) => json!(text),
        (true, true) => json!({ "Fn::Sub": text }),
        (true, false) => json!({ "Fn::Sub": [text, more] }),
    }
}

/// The result of `Fn::Join`; `None` if it is not known before the template is evaluated.
fn joined(parts: &Value) -> Option<Value> {
    let (separator, items) = (parts.get(0)?.as_str()?, parts.get(1)?.as_array()?);
    let items = items.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
    Some(items.join(separator).into())
}

/// A text with each `${name}` replaced that `value` knows.
fn substituted(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let whole = &rest[start..=start + length];
        out += &rest[..start];
        out += &value(&whole[2..length]).unwrap_or_else(|| whole.to_owned());
        rest = &rest[start + length + 1..];
    }
    out + rest
}

/// The first loop in a template.
fn loop_in(value: &Value) -> Option<&str> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .find_map(|(key, field)| if key.starts_with(LOOP) { Some(key.as_str()) } else { loop_in(field) }),
        Value::Array(items) => items.iter().find_map(loop_in),
        _ => None,
    }
}
