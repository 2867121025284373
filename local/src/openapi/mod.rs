//! The published contract: `OpenAPI` 3.1, assembled from the templates (method, path, summary, who may call) and from
//! the functions' types (input, reply).

mod input;
mod names;
mod page;

use contracts::Role;
use lambda::{Http, Trigger};
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use crate::{
    services::{self, Service},
    template::{Deployment, FunctionSpec, Route},
};

pub(crate) use page::page;

/// Where shared schemas are.
const SCHEMAS: &str = "#/components/schemas/";

/// The `OpenAPI` document of every route of the deployment.
pub fn document(deployment: &Deployment, services: &[Service]) -> Value {
    let parts: Vec<_> = services.iter().map(|service| part(deployment, service)).collect();
    let tags: Vec<_> = parts
        .iter()
        .filter(|part| part.paths.as_object().is_some_and(|paths| !paths.is_empty()))
        .map(|part| json!({"name": part.service}))
        .collect();
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
    schemas.insert("Problem".to_owned(), problem());
    schemas.insert("Message".to_owned(), message());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Souk",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
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
            "responses": {
                "Problem": {
                    "description": "The request failed. The type identifies the problem.",
                    "headers": {"X-Request-Id": request_id()},
                    "content": {PROBLEM: referred("Problem")},
                },
                "Unchanged": {"description": "The caller already has the current version.", "headers": {"X-Request-Id": request_id()}},
                "Refusal": {
                    "description": "A problem, or a message from API Gateway if it refused the request itself.",
                    "headers": {"X-Request-Id": request_id()},
                    "content": {PROBLEM: referred("Problem"), JSON: referred("Message")},
                },
            },
        },
    })
}

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

fn referred(schema: &str) -> Value {
    json!({"schema": {"$ref": format!("{SCHEMAS}{schema}")}})
}

const DESCRIPTION: &str = "Money is in minor units. Lists are paged: send `nextCursor` as `cursor` to get the next page. \
    A resource that has a version is returned with an `ETag`. To change it, send that `ETag` as `If-Match`, or `*` to \
    change any version. `If-Match` may be absent only if the resource was never set. \
    A POST with an `Idempotency-Key` takes effect once, however often it is sent.";

/// What one service adds to the contract.
struct Part {
    service: &'static str,
    paths: Value,
    schemas: Map<String, Value>,
}

fn part(deployment: &Deployment, service: &Service) -> Part {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = json!({});
    for route in &deployment.routes {
        let function = deployment.function(&route.function).filter(|function| function.service == service.name);
        let Some(function) = function else { continue };
        let contract = services::find(&[*service], service.name, &function.binary);
        let contract = contract.and_then(|function| match function.trigger() {
            Trigger::Http(http) => Some(*http),
            _ => None,
        });
        paths[&route.path][route.method.to_ascii_lowercase()] = operation(route, function, contract, &mut generator);
    }
    let mut schemas = generator.take_definitions(true);
    names::keep_used(&mut schemas, &paths);
    Part { service: service.name, paths, schemas }
}

fn operation(route: &Route, function: &FunctionSpec, contract: Option<Http>, generator: &mut SchemaGenerator) -> Value {
    let mut operation = json!({
        "operationId": function.binary,
        "summary": function.summary,
        "tags": [function.service],
        "security": if route.authorizer.is_some() { json!([{"token": []}]) } else { json!([]) },
        "responses": {},
    });
    let mut parameters = Vec::new();
    if let Some(http) = contract {
        let input = (http.input)(generator).to_value();
        let parts = input::parts(&route.method, &route.path, &input, generator.definitions());
        parameters = parts.parameters;
        if let Some(body) = parts.body {
            operation["requestBody"] = body;
        }
        parameters.extend(conditions(&route.method, http));
        let reply = http.reply;
        let mut response = json!({"description": meaning(reply.status), "headers": headers(&route.method, http)});
        if let Some(schema) = reply.schema {
            response["content"] = json!({JSON: {"schema": schema(generator).to_value()}});
        }
        operation["responses"][reply.status.to_string()] = response;
    } else {
        parameters.extend(
            input::path_variables(&route.path).map(|name| input::path_parameter(name, &json!({"type": "string"}))),
        );
    }
    for (status, description) in refusals(route) {
        let response = match status {
            "304" => "Unchanged",
            "401" | "403" | "413" | "429" | "5XX" => "Refusal", // API Gateway may answer so as well
            _ => "Problem",
        };
        operation["responses"][status] =
            json!({"$ref": format!("#/components/responses/{response}"), "description": description});
    }
    if let Some(Http { roles: roles @ [_, ..], .. }) = contract {
        let others = roles.iter().filter(|role| **role != Role::Admin);
        let names: Vec<_> = others.chain(&[Role::Admin]).map(|role| role.as_str()).collect();
        operation["responses"]["403"]["description"] = format!("Allowed roles: {}.", names.join(", ")).into();
    }
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    operation
}

/// Headers that make a request conditional, or safe to repeat.
fn conditions(method: &str, http: Http) -> Vec<Value> {
    let header = |name: &str, required: bool, description: &str| json!({"name": name, "in": "header", "required": required, "description": description, "schema": {"type": "string"}});
    match method {
        "POST" if http.keyed => {
            let mut key = header(
                "Idempotency-Key",
                true,
                "A unique value of 1 to 255 printable ASCII characters without spaces. Send the same value when you repeat the request, within 24 hours. With the same value, another request is refused (422, `idempotency-key-reused`). After 24 hours, a value that created an order or a cart is refused (409, `idempotency-key-expired`).",
            );
            key["schema"]["pattern"] = format!("^[!-~]{{1,{}}}$", lambda::LONGEST_KEY).into();
            vec![key]
        }
        "PATCH" | "PUT" => {
            vec![header("If-Match", false, "The ETag of the version to change, or `*`, if the resource has a version.")]
        }
        "GET" => vec![header("If-None-Match", false, "The ETag of the version that the caller has.")],
        _ => Vec::new(),
    }
}

fn headers(method: &str, http: Http) -> Value {
    let text = |description: &str| json!({"description": description, "schema": {"type": "string"}});
    let mut headers = json!({"X-Request-Id": request_id()});
    if matches!(http.reply.status, 201 | 202) {
        headers["Location"] = text("The path of the resource.");
    }
    if method == "POST" && http.keyed {
        headers["Idempotency-Replayed"] = text("true if this is the reply to an earlier request with the same key.");
    }
    if http.reply.schema.is_some() {
        headers["ETag"] = text("The version of the resource, if it has one.");
    }
    headers
}

fn request_id() -> Value {
    json!({"description": "The id of the request, for support.", "schema": {"type": "string"}})
}

/// Every status of an operation except success.
fn refusals(route: &Route) -> Vec<(&'static str, &'static str)> {
    let method = route.method.as_str();
    let mut refusals = vec![
        ("400", "The JSON is malformed, the idempotency key is missing, or the cursor is not one of this list."),
        ("413", "The body is too large."),
        ("415", "The media type of the body is not supported."),
        ("422", "Some fields are invalid."),
        ("429", "Too many requests."),
        ("5XX", "The server failed. Try again later."),
    ];
    if route.authorizer.is_some() {
        refusals.extend([
            ("401", "The access token is missing, is invalid or has expired."),
            ("403", "The caller is not allowed to do this."),
        ]);
    } else if method == "POST" {
        refusals.push(("401", "The credentials are invalid or have expired."));
    }
    if route.path.contains('{') {
        refusals.push(("404", "The resource does not exist, or belongs to another caller."));
    }
    if method == "GET" {
        refusals.push(("304", "The caller already has the current version."));
    } else {
        refusals.push(("409", "The current state does not allow this."));
    }
    if matches!(method, "PUT" | "PATCH") {
        refusals.extend([("412", "The current version is not the one in If-Match."), ("428", "If-Match is missing.")]);
    }
    refusals
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
    json!({"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}})
}

/// RFC 9457, as every service answers it.
fn problem() -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": text("A stable path that identifies the kind of problem, such as /problems/out-of-stock."),
            "title": text("The kind of problem, for people."),
            "status": {"type": "integer"},
            "detail": text("This occurrence of the problem, for people."),
            "instance": text("The path of the request."),
            "requestId": text("The id of the request, for support."),
            "errors": {
                "type": "array",
                "description": "Which fields are wrong, and why.",
                "items": {
                    "type": "object",
                    "required": ["pointer", "detail"],
                    "properties": {"pointer": text("A JSON pointer to the field."), "detail": text("What is wrong with it.")},
                },
            },
        },
    })
}
