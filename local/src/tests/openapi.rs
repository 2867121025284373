//! The published contract is `OpenAPI` 3.1, and whole.

use std::collections::BTreeSet;

use serde_json::Value;

use super::tidy::ROOT;
use crate::{contract, stack};

fn document() -> Value {
    contract(Some(&ROOT.join("template.yaml"))).unwrap()
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, methods)| {
        methods.as_object().unwrap().iter().map(move |(m, o)| (path.as_str(), m.as_str(), o))
    })
}

#[test]
fn every_route_is_an_operation_with_its_service_and_who_may_call() {
    let (document, deployment) = (document(), stack::read_templates(Some(&ROOT.join("template.yaml")), &[]).unwrap());
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let tags: BTreeSet<_> =
        document["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    for route in &deployment.routes {
        let operation = &document["paths"][&route.path][route.method.to_lowercase()];
        assert!(
            operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
            "{} {}",
            route.method,
            route.path
        );
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()));
        assert_eq!(operation["security"].as_array().unwrap().is_empty(), route.authorizer.is_none());
    }
    assert_eq!(operations(&document).count(), deployment.routes.len());
    let ids: BTreeSet<_> =
        operations(&document).map(|(_, _, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), deployment.routes.len(), "an id is one operation's");
}

#[test]
fn an_operation_names_the_roles_that_may_call_it() {
    let document = document();
    let refusal = |path: &str, method: &str| &document["paths"][path][method]["responses"]["403"]["description"];
    assert_eq!(refusal("/v1/replenishments", "get"), "Allowed roles: merchant, support, admin.");
    assert_eq!(refusal("/v1/users/{userId}/roles", "put"), "Allowed roles: admin.");
    assert_eq!(refusal("/v1/orders", "post"), "The caller is not allowed to do this.");
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    let document = document();
    let mut referred = BTreeSet::new();
    visit(&document, &mut |value| {
        if let Some(to) = value["$ref"].as_str() {
            let found = to.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
            assert!(found.is_some(), "{to} leads nowhere");
            referred.insert(to.to_owned());
        }
    });
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(referred.contains(&format!("#/components/schemas/{name}")), "{name} is not used");
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        assert!(name.chars().all(allowed), "{name} is no name of a component");
    }
}

#[test]
fn parameters_and_answers_have_the_form_that_they_must_have() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let place = format!("{method} {path}");
        let mut in_path = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (name, location) = (parameter["name"].as_str().unwrap(), parameter["in"].as_str().unwrap());
            assert!(["path", "query", "header"].contains(&location), "{place}: {name} is in {location}");
            assert!(seen.insert((name, location)), "{place}: {name} is there twice");
            assert!(parameter["schema"].is_object(), "{place}: {name} has no schema");
            if location == "path" {
                assert_eq!(parameter["required"], true, "{place}: {name}");
                in_path.insert(name);
            }
        }
        let variables = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(in_path, variables, "{place}");
        if matches!(method, "get" | "delete") {
            assert!(operation.get("requestBody").is_none(), "{place} has a body");
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{place} never succeeds");
        for (status, response) in responses {
            assert!(response["description"].is_string() || response["$ref"].is_string(), "{place}: {status}");
        }
        let keyed = operation["parameters"].as_array().into_iter().flatten().any(|p| p["name"] == "Idempotency-Key");
        assert!(method == "post" || !keyed, "{place}: a key is for POST");
    }
}

#[test]
fn every_status_is_said() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        for status in operation["responses"].as_object().unwrap().keys() {
            assert!(status == "5XX" || status.parse::<u16>().is_ok(), "{method} {path}: {status} leaves others open");
        }
    }
}

#[test]
fn an_input_is_told_apart_into_path_query_and_body() {
    let document = document();
    let adjust = &document["paths"]["/v1/stock/{sku}/adjustments"]["post"];
    let body = &adjust["requestBody"]["content"]["application/json"]["schema"];
    assert!(body["properties"]["delta"].is_object() && body["properties"].get("sku").is_none(), "{body}");
    let list = &document["paths"]["/v1/products"]["get"]["parameters"];
    let query: Vec<_> = list.as_array().unwrap().iter().filter(|p| p["in"] == "query").map(|p| &p["name"]).collect();
    assert_eq!(query, ["categoryId", "cursor", "limit"]);
    let order = &document["paths"]["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(order["$ref"], "#/components/schemas/PlaceOrder");
}

/// A journey of the shop fixes these names: the cart to merge, and the categories above a category.
const OTHER_NAMES: [&str; 2] = ["from", "path"];

#[test]
fn a_field_with_an_id_ends_in_id() {
    let document = document();
    let is_id = |schema: &Value| {
        let to = [&schema["$ref"], &schema["anyOf"][0]["$ref"]].into_iter().find_map(Value::as_str);
        to.is_some_and(|to| to.ends_with("Id"))
    };
    let mut ids = 0;
    let mut check = |name: &str, schema: &Value| {
        let (one, several) = (is_id(schema), is_id(&schema["items"]));
        ids += usize::from(one || several);
        let named = OTHER_NAMES.contains(&name) || name.ends_with(if one { "Id" } else { "Ids" });
        assert!(!(one || several) || named || name == "id", "{name} has an id: {schema}");
    };
    visit(&document, &mut |value| {
        for (name, schema) in value["properties"].as_object().into_iter().flatten() {
            check(name, schema);
        }
        for parameter in value["parameters"].as_array().into_iter().flatten() {
            check(parameter["name"].as_str().unwrap(), &parameter["schema"]);
        }
    });
    assert!(ids > 50, "{ids} fields were seen");
}

fn visit(value: &Value, see: &mut impl FnMut(&Value)) {
    see(value);
    match value {
        Value::Object(fields) => fields.values().for_each(|value| visit(value, see)),
        Value::Array(items) => items.iter().for_each(|value| visit(value, see)),
        _ => {}
    }
}
