//! The published contract is `OpenAPI` 3.1, and whole.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use serde_json::{Value, json};

use lambda::{AS_JSON, Trigger};

use super::tidy::ROOT;
use crate::{contract, openapi::problems, pretty, services, stack, template::Route};

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
    let is_page = |route: &&Route| {
        let function = deployment.function(&route.function).unwrap();
        let function = services::find(services::ALL, &function.service, &function.binary).unwrap();
        matches!(function.trigger(), Trigger::Page(_)) && !route.path.starts_with(AS_JSON)
    };
    for route in deployment.routes.iter().filter(|route| !is_page(route)) {
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
    let routes = deployment.routes.iter().filter(|route| !is_page(route)).count();
    assert_eq!(operations(&document).count(), routes);
    let ids: BTreeSet<_> =
        operations(&document).map(|(_, _, operation)| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), routes, "an id is one operation's");
}

/// What the document adds to the description of an operation.
const WHO_MAY_CALL: [&str; 3] = ["Needs an access token.", "No access token is needed.", "Allowed roles: "];

#[test]
fn every_operation_has_a_summary_and_a_description_that_says_more() {
    for (path, method, operation) in operations(&document()) {
        let text = |name: &str| operation[name].as_str().unwrap_or_default().to_owned();
        let (summary, description) = (text("summary"), text("description"));
        assert!(!summary.is_empty(), "{method} {path} has no summary");
        let own = WHO_MAY_CALL.iter().find_map(|said| description.split_once(said)).unwrap().0.trim();
        assert!(own.ends_with('.') && !own.starts_with(&summary), "{method} {path}: {description}: give it an `about`");
    }
}

#[test]
fn the_code_of_a_warning_is_one_of_a_closed_set() {
    let document = document();
    for warning in ["WarningView", "LineWarningView", "AddressWarning"] {
        let code = &document["components"]["schemas"][warning]["properties"]["code"];
        let name = code["$ref"].as_str().unwrap_or_default().trim_start_matches("#/components/schemas/");
        let values = document["components"]["schemas"][name]["enum"].as_array();
        assert!(values.is_some_and(|values| values.contains(&json!("unusual-postcode"))), "{warning}: {code}");
    }
}

#[test]
fn an_operation_names_the_roles_that_may_call_it() {
    let document = document();
    let says = |path: &str, method: &str, text: &str| {
        let operation = &document["paths"][path][method];
        operation["description"].as_str().unwrap().ends_with(text)
    };
    assert!(says("/v1/replenishments", "get", "Allowed roles: `merchant`, `support`, `admin`."));
    assert!(says(
        "/v1/users/{userId}/roles",
        "put",
        "Allowed roles: `admin`. Needs `If-Match` with the current `ETag`."
    ));
    assert!(says("/v1/orders", "post", "Needs an access token."));
    assert!(says("/v1/products", "get", "No access token is needed."));
}

#[test]
fn the_kept_document_is_the_one_that_the_code_gives() {
    let kept = fs::read_to_string(ROOT.join("docs/openapi.json")).unwrap_or_default();
    assert!(kept == pretty(&document()), "run `cargo run -- openapi --write`");
}

#[test]
fn every_request_and_reply_has_an_example() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let success = operation["responses"].as_object().unwrap().iter().find(|(status, _)| status.starts_with('2'));
        let contents = [&operation["requestBody"]["content"], &success.unwrap().1["content"]];
        let contents = contents.into_iter().filter_map(Value::as_object).flatten();
        for (kind, content) in contents {
            // The payment provider signs its webhooks, so a recorded one is refused.
            let has = content.get("example").is_some() || path == "/v1/webhooks/payments";
            assert!(has, "{method} {path}: {kind} has no example: run `cargo run -- openapi --record --write`");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let has = parameter["in"] != "path" || parameter.get("example").is_some();
            assert!(has, "{method} {path}: {} has no example", parameter["name"]);
        }
    }
}

#[test]
fn every_problem_type_has_a_meaning_with_the_title_of_the_code() {
    let document = document();
    let mut titles = BTreeMap::<String, BTreeSet<String>>::new();
    for file in rust_files(&["functions", "shared/lambda"]) {
        for (slug, title) in kinds_in(&fs::read_to_string(file).unwrap()) {
            titles.entry(slug).or_default().insert(title);
        }
    }
    let mut declared = BTreeSet::new();
    for example in document["components"]["examples"].as_object().unwrap().values() {
        let slug = example["value"]["type"].as_str().unwrap().trim_start_matches("/problems/");
        let known = problems::find(slug).unwrap_or_else(|| panic!("openapi/problems.rs has no {slug}"));
        let in_code = titles.get(slug).unwrap_or_else(|| panic!("no code answers {slug}"));
        assert!(in_code.contains(known.title), "the title of {slug} in openapi/problems.rs is none of {in_code:?}");
        declared.insert(known.slug);
    }
    let undeclared: Vec<_> = problems::ALL.iter().filter(|known| !declared.contains(known.slug)).collect();
    assert!(undeclared.is_empty(), "no operation declares {undeclared:?}");
}

/// The slug and title of each problem that is made in a file: `409, "cart-full", "The cart is full"`.
fn kinds_in(source: &str) -> Vec<(String, String)> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code = code.split_whitespace().collect::<Vec<_>>().join(" ");
    let kind = |(at, _): (usize, &str)| {
        let status = code.get(at.checked_sub(3)?..at)?;
        let mut texts = code[at..].strip_prefix(", \"")?.splitn(3, '"');
        let (slug, between, rest) = (texts.next()?, texts.next()?, texts.next()?);
        let title = rest.split('"').next()?;
        let is_kind = status.parse::<u16>().is_ok() && between == ", " && !slug.contains(' ');
        is_kind.then(|| (slug.to_owned(), title.to_owned()))
    };
    code.match_indices(", \"").filter_map(kind).collect()
}

fn rust_files(folders: &[&str]) -> Vec<PathBuf> {
    let (mut files, mut open) = (Vec::new(), folders.iter().map(|folder| ROOT.join(folder)).collect::<Vec<_>>());
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" && name != "testing" {
                open.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") && name != "tests.rs" {
                files.push(path);
            }
        }
    }
    files
}

#[test]
fn an_enum_is_a_list_of_its_values() {
    visit(&document(), &mut |value| {
        let choices = value["oneOf"].as_array().into_iter().flatten();
        assert!(!choices.into_iter().any(|choice| choice["const"].is_string()), "{value}");
    });
}

#[test]
fn every_list_says_its_limit_and_every_text_that_is_sent_its_length() {
    let document = document();
    let mut lists = 0;
    for (path, _, operation) in operations(&document) {
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"];
        if answer.get("nextCursor").is_none() {
            continue;
        }
        let parameter = |name: &str| {
            let known = operation["parameters"].as_array().into_iter().flatten();
            known.into_iter().find(|parameter| parameter["name"] == name).unwrap_or_else(|| panic!("{path}: no {name}"))
        };
        let limit = &parameter("limit")["schema"];
        let (least, most, default) = (&limit["minimum"], &limit["maximum"], &limit["default"]);
        assert_eq!((least, most, default), (&json!(1), &json!(100), &json!(20)), "{path}: {limit}");
        assert_eq!(parameter("cursor")["required"], false, "{path}");
        lists += 1;
    }
    assert!(lists >= 13, "{lists} lists were seen");
    let patch = &document["paths"]["/v1/products/{productId}"]["patch"]["requestBody"]["content"];
    assert_eq!(patch["application/merge-patch+json"]["schema"], patch["application/json"]["schema"]);
    let fields = &document["components"]["schemas"]["UpdateProductBody"]["properties"];
    assert_eq!((&fields["images"]["maxItems"], &fields["images"]["items"]["maxLength"]), (&json!(20), &Value::Null));
    assert_eq!((&fields["categoryIds"]["maxItems"], &fields["title"]["maxLength"]), (&json!(5), &json!(200)));
}

#[test]
fn versions_are_where_they_happen() {
    let document = document();
    for (path, method, operation) in operations(&document) {
        let header = |name: &str| {
            operation["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["name"] == name)
        };
        let status = |status: &str| operation["responses"].get(status).is_some();
        assert_eq!((header("If-Match"), header("If-Match")), (status("412"), status("428")), "{method} {path}");
        assert_eq!(header("If-None-Match"), status("304"), "{method} {path}");
    }
    assert!(document["paths"]["/v1/orders/{orderId}"]["get"]["responses"]["304"].is_object());
    assert!(document["paths"]["/v1/carts/{cartId}"]["get"]["responses"].get("304").is_none());
    assert!(document["paths"]["/v1/carts/{cartId}/items/{sku}"]["put"]["responses"].get("412").is_none());
}

#[test]
fn the_name_of_a_schema_does_not_need_its_service() {
    let document = document();
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        for tag in document["tags"].as_array().unwrap() {
            let service = tag["name"].as_str().unwrap();
            let prefix = service[..1].to_uppercase() + &service[1..];
            assert!(!name.starts_with(&prefix), "{name} is ambiguous: give it another name with #[schemars(rename)]");
        }
    }
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
            assert!(status.parse::<u16>().is_ok(), "{method} {path}: {status} leaves others open");
        }
    }
}

#[test]
fn an_input_is_told_apart_into_path_query_and_body() {
    let document = document();
    let adjust = &document["paths"]["/v1/stock/{sku}/adjustments"]["post"];
    assert_eq!(
        adjust["requestBody"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/AdjustStockBody"
    );
    let body = &document["components"]["schemas"]["AdjustStockBody"];
    assert!(body["properties"]["delta"].is_object() && body["properties"].get("sku").is_none(), "{body}");
    let list = &document["paths"]["/v1/products"]["get"]["parameters"];
    let query: Vec<_> = list.as_array().unwrap().iter().filter(|p| p["in"] == "query").map(|p| &p["name"]).collect();
    assert_eq!(query, ["categoryId", "cursor", "limit", "sku"]);
    let import = &document["paths"]["/v1/imports"]["post"];
    let query: Vec<_> =
        import["parameters"].as_array().unwrap().iter().filter(|p| p["in"] == "query").map(|p| &p["name"]).collect();
    assert_eq!(query, ["currency", "mode"]);
    assert_eq!(import["requestBody"]["content"]["text/csv"]["schema"]["type"], "string");
    let file = &document["paths"]["/v1/imports/{importId}/adjustments"]["get"]["responses"]["200"]["content"];
    assert_eq!(file["text/csv"]["schema"]["type"], "string", "{file}");
    let order = &document["paths"]["/v1/orders"]["post"]["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(order["$ref"], "#/components/schemas/PlaceOrder");
}

/// A journey of the shop fixes these names: the cart to merge, the categories above a category, the category to search in, the
/// customer groups of a price list, and the price list of a line.
const OTHER_NAMES: [&str; 5] = ["from", "path", "category", "customerGroups", "priceList"];

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
