//! Functions and the APIs in front of them.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use super::{
    Api, Authorizer, Cors, Deployment, FunctionSpec, Place, Resource, TemplateError, Throttling, events,
    identity::name_in_arn, policies::Policy, scope::text_of,
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct FunctionProperties {
    #[serde(default)]
    description: String,
    /// SAM's own defaults.
    #[serde(default = "three")]
    timeout: u64,
    #[serde(default = "least_memory")]
    memory_size: u32,
    #[serde(default)]
    environment: Environment,
    #[serde(default)]
    policies: Policy,
    permissions_boundary: Option<String>,
    #[serde(default)]
    events: BTreeMap<String, events::Declared>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Environment {
    #[serde(default)]
    variables: BTreeMap<String, Value>,
}

fn three() -> u64 {
    3
}

fn least_memory() -> u32 {
    128
}

/// Packaging, logs and traces: nothing of it changes what a function does here.
const PASSED_OVER: &[&str] = &[
    "Architectures",
    "CodeUri",
    "FunctionName",
    "Handler",
    "LoggingConfig",
    "ReservedConcurrentExecutions",
    "Runtime",
    "Tags",
    "Tracing",
];

pub(super) fn function(resource: &Resource<'_>, into: &mut Deployment) -> Result<(), TemplateError> {
    let properties: FunctionProperties = resource.properties(PASSED_OVER)?;
    let binary = resource.json["Metadata"]["BuildProperties"]["Binary"].as_str();
    let binary = binary.ok_or_else(|| resource.error("Metadata.BuildProperties.Binary names no binary"))?;
    let function = FunctionSpec {
        place: place(resource),
        service: resource.service(),
        name: resource.identity()?.name,
        binary: binary.to_owned(),
        summary: properties.description,
        timeout: Duration::from_secs(properties.timeout),
        memory: properties.memory_size,
        environment: properties.environment.variables.iter().map(|(k, v)| (k.clone(), text_of(v))).collect(),
        policy: properties.policies.statements(),
        boundary: properties.permissions_boundary,
    };
    for (event, declared) in properties.events {
        declared.add(resource, &event, &function.name, into)?;
    }
    into.functions.push(function);
    Ok(())
}

pub(super) fn place(resource: &Resource<'_>) -> Place {
    Place { file: resource.scope.document.name.clone(), resource: resource.name.to_owned() }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ApiProperties {
    #[serde(default)]
    auth: Auth,
    #[serde(default)]
    default_route_settings: RouteSettings,
    cors_configuration: Option<CorsProperties>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Auth {
    default_authorizer: Option<String>,
    #[serde(default)]
    authorizers: BTreeMap<String, AuthorizerProperties>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct AuthorizerProperties {
    function_arn: String,
    authorizer_payload_format_version: String,
    #[serde(default)]
    enable_simple_responses: bool,
    #[serde(default, rename = "EnableFunctionDefaultPermissions")]
    _permissions: bool,
    identity: Identity,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Identity {
    headers: Vec<String>,
    /// API Gateway's default is five minutes.
    #[serde(default = "five_minutes")]
    reauthorize_every: u64,
}

fn five_minutes() -> u64 {
    300
}

/// Limits of a route, or of all routes of a stage.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct RouteSettings {
    throttling_rate_limit: Option<f64>,
    throttling_burst_limit: Option<f64>,
    #[serde(default, rename = "DetailedMetricsEnabled")]
    _metrics: bool,
}

impl RouteSettings {
    /// The account's own limits are what remains without any.
    pub(super) fn throttling(&self) -> Throttling {
        Throttling {
            rate: self.throttling_rate_limit.unwrap_or(10_000.0),
            burst: self.throttling_burst_limit.unwrap_or(5_000.0),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CorsProperties {
    allow_origins: Vec<String>,
    #[serde(default)]
    allow_methods: Vec<String>,
    #[serde(default)]
    allow_headers: Vec<String>,
    #[serde(default)]
    expose_headers: Vec<String>,
    max_age: Option<u64>,
    #[serde(default)]
    allow_credentials: bool,
}

pub(super) fn api(resource: &Resource<'_>) -> Result<Api, TemplateError> {
    let passed_over = ["AccessLogSettings", "Description", "FailOnWarnings", "Name", "Tags"];
    let properties: ApiProperties = resource.properties(&passed_over)?;
    let mut authorizers = BTreeMap::new();
    for (name, authorizer) in properties.auth.authorizers {
        if authorizer.authorizer_payload_format_version != "2.0" || !authorizer.enable_simple_responses {
            return Err(resource
                .error("the local stack supports only authorizers with payload format 2.0 and simple responses"));
        }
        let authorizer = Authorizer {
            function: name_in_arn(&authorizer.function_arn).to_owned(),
            headers: authorizer.identity.headers.iter().map(|header| header.to_ascii_lowercase()).collect(),
            keep: Duration::from_secs(authorizer.identity.reauthorize_every),
        };
        authorizers.insert(name, authorizer);
    }
    let cors = properties.cors_configuration.map(|cors| Cors {
        origins: cors.allow_origins,
        methods: cors.allow_methods,
        headers: cors.allow_headers,
        exposed: cors.expose_headers,
        max_age: cors.max_age,
        credentials: cors.allow_credentials,
    });
    Ok(Api {
        place: place(resource),
        id: resource.identity()?.reference,
        authorizers,
        default_authorizer: properties.auth.default_authorizer,
        throttling: properties.default_route_settings.throttling(),
        cors,
    })
}
