//! The published contract: `OpenAPI` 3.1, assembled from the templates (method, path, summary, who may call) and from
//! the functions' types (input, reply) and declarations (roles, problems, versions).

pub mod examples;
mod headers;
mod input;
mod names;
mod page;
pub(crate) mod problems;
mod schema;
mod text;

use std::collections::BTreeSet;

use contracts::Role;
use lambda::{AS_JSON, Function, Http, ProblemKind, Trigger};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    services::{self, Service},
    template::{Deployment, FunctionSpec, Route},
};

pub(crate) use page::{page, problem_page};

/// Where shared schemas are.
const SCHEMAS: &str = "#/components/schemas/";

/// The `OpenAPI` document of every route of the deployment.
pub fn document(deployment: &Deployment, services: &[Service]) -> Value {
    let parts: Vec<_> = services.iter().map(|service| part(deployment, service)).collect();
    let tags: Vec<_> = parts
        .iter()
        .filter(|part| part.paths.as_object().is_some_and(|paths| !paths.is_empty()))
        .map(|part| json!({"name": part.service.name, "description": part.service.about}))
        .collect();
    let kinds: BTreeSet<_> = parts.iter().flat_map(|part| part.kinds.clone()).collect();
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for part in names::apart(parts) {
        schemas.extend(part.schemas);
        let Value::Object(own) = part.paths else { continue };
        for (path, operations) in own {
            let known = paths.entry(path).or_insert_with(|| json!({}));
            if let (Value::Object(known), Value::Object(operations)) = (known, operations) {
                known.extend(operations);
            }
        }
    }
    let responses = problems::share(&mut paths);
    schemas.insert("Problem".to_owned(), problem());
    schemas.insert("Message".to_owned(), message());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Souk",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
            "contact": {"name": "Souk"},
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An access token from POST /v1/sessions or POST /v1/guests."},
            },
            "headers": headers::components(),
            "responses": responses,
            "examples": problems::examples(&kinds),
        },
    })
}

/// The document as it is served, in one line.
pub(crate) fn compact(document: &Value) -> String {
    serde_json::to_string(&text::Ordered(document)).unwrap_or_default()
}

/// The document as it is kept in `docs/openapi.json`.
pub fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(&text::Ordered(document)).unwrap_or_default() + "\n"
}

const DESCRIPTION: &str = "Money is in minor units: `{\"amount\": 1299, \"currency\": \"EUR\"}` is 12.99 EUR. \
    Times are RFC 3339 timestamps; those in replies are in UTC, with milliseconds. \
    Lists are paged: send `nextCursor` as `cursor` to get the next page. \
    An operation with the header `If-Match` needs the current `ETag` of the resource in it, or `*` for any version. \
    Without it, the request is refused (428), unless it sets the resource for the first time. Other operations need \
    no `If-Match`. \
    A POST with an `Idempotency-Key` takes effect once, if it is repeated within 24 hours. \
    An error is a problem (RFC 9457). Its `type` is the path of a page that explains it.";

/// The media type of most bodies.
const JSON: &str = "application/json";

/// What one service adds to the contract.
struct Part {
    service: Service,
    paths: Value,
    schemas: Map<String, Value>,
    /// The problems that its operations can answer.
    kinds: BTreeSet<ProblemKind>,
}

fn part(deployment: &Deployment, service: &Service) -> Part {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let (mut paths, mut kinds) = (json!({}), BTreeSet::new());
    for route in deployment.routes.iter().filter(|route| is_operation(route)) {
        let function = deployment.function(&route.function).filter(|function| function.service == service.name);
        let Some(function) = function else { continue };
        let contract = match services::find(&[*service], service.name, &function.binary).as_ref().map(Function::trigger)
        {
            Some(Trigger::Http(http)) => Some(*http),
            // Of a page, what it shows as JSON.
            Some(Trigger::Page(page)) if route.path.starts_with(AS_JSON) => Some(page.json),
            Some(Trigger::Page(_)) => continue,
            _ => None,
        };
        kinds.extend(contract.iter().flat_map(|contract| contract.problem_kinds(&route.method)));
        paths[&route.path][route.method.to_ascii_lowercase()] = operation(route, function, contract, &mut generator);
    }
    let mut schemas = generator.take_definitions(true);
    names::keep_used(&mut schemas, &paths);
    schema::simplify(&mut paths);
    schemas.values_mut().for_each(schema::simplify);
    Part { service: *service, paths, schemas, kinds }
}

/// Whether a route is an operation of its own. HEAD is the GET without its body, and `$default` is every other route.
pub(crate) fn is_operation(route: &Route) -> bool {
    route.path.starts_with('/') && route.method != "HEAD"
}

/// What an operation with a route declares. A page declares no statuses and problems: a browser shows whatever comes.
pub(crate) fn contract(services: &[Service], function: &FunctionSpec) -> Option<Http> {
    match services::find(services, &function.service, &function.binary)?.trigger() {
        Trigger::Http(http) => Some(*http),
        _ => None,
    }
}

fn operation(route: &Route, function: &FunctionSpec, contract: Option<Http>, generator: &mut SchemaGenerator) -> Value {
    let example = examples::kept().get(&function.id());
    let mut operation = json!({
        "operationId": function.binary,
        "summary": function.summary.trim_end_matches('.'),
        "description": description(route, contract),
        "tags": [function.service],
        "security": if route.authorizer.is_some() { json!([{"token": []}]) } else { json!([]) },
        "responses": {},
    });
    let mut parameters = Vec::new();
    if let Some(http) = contract {
        let input = (http.input)(generator).to_value();
        let parts = input::parts(route, http, &input, generator.definitions());
        parameters = parts.parameters;
        generator.definitions_mut().extend(parts.schema);
        if let Some(body) = parts.body {
            operation["requestBody"] = body;
        }
        parameters.extend(headers::of_request(&route.method, http));
        let reply = http.reply;
        let mut response =
            json!({"description": meaning(reply.status), "headers": headers::of_response(&route.method, http)});
        if let Some(schema) = reply.schema {
            response["content"] = json!({reply.media_type: {"schema": schema(generator).to_value()}});
            if let Some(example) = example.filter(|example| !example.reply.is_null()) {
                response["content"][reply.media_type]["example"] = example.reply.clone();
            }
        }
        operation["responses"][reply.status.to_string()] = response;
        if http.versioned && route.method == "GET" {
            operation["responses"]["304"] = json!({
                "description": "The caller already has the current version.",
                "headers": {"ETag": headers::referred("ETag"), "X-Request-Id": headers::referred("X-Request-Id")},
            });
        }
        for (status, response) in problems::responses(&http.problem_kinds(&route.method), &by_gateway(route)) {
            operation["responses"][status.to_string()] = response;
        }
    } else {
        parameters.extend(
            input::path_variables(&route.path).map(|name| input::path_parameter(name, &json!({"type": "string"}))),
        );
    }
    if let Some(example) = example {
        input::add_examples(&mut parameters, operation.get_mut("requestBody"), example);
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation
}

/// What a caller must know beside the summary, and who may call it.
fn description(route: &Route, contract: Option<Http>) -> String {
    let mut sentences: Vec<_> = contract.iter().map(|http| http.about.to_owned()).collect();
    match contract {
        Some(Http { roles: roles @ [_, ..], .. }) => {
            let others = roles.iter().filter(|role| **role != Role::Admin);
            let names: Vec<_> = others.chain(&[Role::Admin]).map(|role| format!("`{}`", role.as_str())).collect();
            sentences.push(format!("Allowed roles: {}.", names.join(", ")));
        }
        _ if route.authorizer.is_none() => sentences.push("No access token is needed.".to_owned()),
        _ => sentences.push("Needs an access token.".to_owned()),
    }
    if contract.is_some_and(|http| http.versioned) && matches!(route.method.as_str(), "PUT" | "PATCH") {
        sentences.push("Needs `If-Match` with the current `ETag`.".to_owned());
    }
    sentences.join(" ")
}

/// The statuses that API Gateway answers by itself, with a message.
fn by_gateway(route: &Route) -> Vec<u16> {
    let mut statuses = vec![429, 500, 503];
    if route.authorizer.is_some() {
        statuses.push(401);
    }
    if !matches!(route.method.as_str(), "GET" | "DELETE") {
        statuses.push(413);
    }
    statuses
}

fn meaning(status: u16) -> &'static str {
    match status {
        201 => "Created.",
        202 => "Accepted. The resource at Location shows the progress.",
        204 => "Done.",
        _ => "Success.",
    }
}

/// What API Gateway says itself.
fn message() -> Value {
    let text = json!({"type": "string", "description": "The reason, in English."});
    json!({
        "type": "object",
        "description": "The reply of API Gateway if it refuses a request before it reaches the service.",
        "required": ["message"],
        "properties": {"message": text},
    })
}

/// RFC 9457, as every service answers it.
fn problem() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "description": "A problem (RFC 9457): why the request failed.",
        "required": ["type", "title", "status", "instance", "requestId"],
        "properties": {
            "type": text("The type of the problem: a stable path, such as `/problems/not-found`. Its page explains it."),
            "title": text("A short summary of the problem type, in English."),
            "status": {"type": "integer", "description": "The HTTP status."},
            "detail": text("An explanation of this occurrence of the problem, in English."),
            "instance": text("The path of the request."),
            "requestId": text("The id of the request, for support."),
            "errors": {
                "type": "array",
                "description": "The invalid fields, at most 100.",
                "maxItems": 100,
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {"pointer": text("A JSON pointer (RFC 6901) to the field."), "detail": text("Why the field is invalid.")},
                },
            },
        },
    })
}
