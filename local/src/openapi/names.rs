//! Names of schemas: what two services call alike and mean otherwise gets the service's name in front.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{Part, SCHEMAS};

/// The parts with names that can stand beside each other.
pub(super) fn apart(mut parts: Vec<Part>) -> Vec<Part> {
    let ambiguous = ambiguous(&parts);
    for part in &mut parts {
        let mut service = part.service.name.to_owned();
        service[..1].make_ascii_uppercase();
        let rename = |name: &str| if ambiguous.contains(name) { format!("{service}{name}") } else { name.to_owned() };
        refer(&mut part.paths, &rename);
        part.schemas = std::mem::take(&mut part.schemas)
            .into_iter()
            .map(|(name, mut schema)| {
                refer(&mut schema, &rename);
                (rename(&name), schema)
            })
            .collect();
    }
    parts
}

/// Names with more than one meaning, by what they say or by what they refer to.
fn ambiguous(parts: &[Part]) -> BTreeSet<String> {
    let mut meanings = BTreeMap::<&str, Vec<&Value>>::new();
    for (name, schema) in parts.iter().flat_map(|part| &part.schemas) {
        meanings.entry(name).or_default().push(schema);
    }
    let mut ambiguous = BTreeSet::new();
    loop {
        let found = meanings.iter().filter(|(name, _)| !ambiguous.contains(**name)).find(|(_, meanings)| {
            let differ = meanings.iter().any(|meaning| meaning != &meanings[0]);
            let refer = || references(meanings[0]).iter().any(|name| ambiguous.contains(name));
            meanings.len() > 1 && (differ || refer())
        });
        match found {
            Some((name, _)) => ambiguous.insert((*name).to_owned()),
            None => return ambiguous,
        };
    }
}

/// Drops the schemas that nothing refers to: inputs that are told as parameters.
pub(super) fn keep_used(schemas: &mut Map<String, Value>, paths: &Value) {
    let mut used = BTreeSet::new();
    let mut open = references(paths);
    while let Some(name) = open.pop() {
        if let Some(schema) = schemas.get(&name).filter(|_| used.insert(name.clone())) {
            open.extend(references(schema));
        }
    }
    schemas.retain(|name, _| used.contains(name));
}

/// The names of shared schemas that a value refers to.
pub(crate) fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(SCHEMAS));
            own.map(str::to_owned).into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

fn refer(value: &mut Value, rename: &dyn Fn(&str) -> String) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(to)) = fields.get_mut("$ref")
                && let Some(name) = to.strip_prefix(SCHEMAS)
            {
                *to = format!("{SCHEMAS}{}", rename(name));
            }
            fields.values_mut().for_each(|value| refer(value, rename));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| refer(value, rename)),
        _ => {}
    }
}
