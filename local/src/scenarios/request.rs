//! The request of a scenario, and the names in it.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use lambda::AS_JSON;
use serde_json::Value;

use super::{Act, Body, Scenario};
use crate::{Answer, Client, template::Deployment};

/// Ids that are another's with another prefix.
const DERIVED: [(&str, &str, &str); 2] = [("paymentId", "orderId", "pay"), ("shipmentId", "orderId", "shp")];

/// A request to an operation's route.
#[derive(Debug, Clone)]
pub struct Request {
    /// The service.
    pub service: String,
    /// The function.
    pub function: String,
    /// The HTTP method.
    pub method: String,
    /// The path as the template has it: `/v1/carts/{cartId}`.
    pub route: String,
    /// The values of the path's variables.
    pub parameters: Vec<(String, String)>,
    /// The query's fields.
    pub query: Vec<(String, String)>,
    /// Headers beside content type, idempotency key and `If-Match`.
    pub headers: &'static [(&'static str, &'static str)],
    /// The body; none where nothing is sent.
    pub body: Option<Body>,
}

impl Request {
    /// The request as the scenario has it, with its names.
    pub(super) fn of(scenario: &Scenario, deployment: &Deployment) -> Result<Self> {
        let Act::Call { query, headers, body, .. } = &scenario.act else {
            bail!("{} is not called by a route", scenario.name)
        };
        let (service, name) = (scenario.service, scenario.name);
        let function = deployment.find(&format!("{service}/{name}"));
        let function = function.with_context(|| format!("{service} has no function {name}"))?;
        // Of a page, what it shows as JSON, if it has that.
        let routes = deployment.routes.iter().filter(|route| route.function == function.name);
        let route = routes.min_by_key(|route| (!route.path.starts_with(AS_JSON), route.method == "POST"));
        let route = route.with_context(|| format!("{name} has no route"))?;
        let variables = route.path.split('/').filter(|part| part.starts_with('{'));
        let fields = query.split('&').filter_map(|field| field.split_once('='));
        Ok(Self {
            service: service.to_owned(),
            function: name.to_owned(),
            method: route.method.clone(),
            route: route.path.clone(),
            parameters: variables
                .map(|variable| (variable.trim_matches(['{', '}']).to_owned(), variable.to_owned()))
                .collect(),
            query: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            headers,
            body: body.clone(),
        })
    }

    /// The names in it.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let values = self.parameters.iter().chain(&self.query).map(|(_, value)| value.clone());
        let body = match &self.body {
            Some(Body::Json(body)) => body.to_string(),
            Some(Body::Text(_, text)) => text.clone(),
            None => String::new(),
        };
        values.chain([body]).flat_map(|text| names_in(&text)).collect()
    }

    /// Puts a value in the place of a name.
    pub(super) fn fill(&mut self, name: &str, with: &Value) {
        let (from, to) = (format!("{{{name}}}"), text(with));
        for (_, value) in self.parameters.iter_mut().chain(&mut self.query) {
            *value = value.replace(&from, &to);
        }
        match &mut self.body {
            Some(Body::Json(body)) => fill(body, name, with),
            Some(Body::Text(_, text)) => *text = text.replace(&from, &to),
            None => {}
        }
    }

    /// The path with its variables' values and the query.
    pub fn path(&self) -> String {
        let path = self
            .parameters
            .iter()
            .fold(self.route.clone(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value));
        let fields: Vec<_> = self.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if fields.is_empty() { path } else { format!("{path}?{}", fields.join("&")) }
    }

    /// The media type of the body.
    pub fn content_type(&self) -> &'static str {
        if let Some(Body::Text(kind, _)) = self.body { kind } else { "application/json" }
    }

    /// The body as it is sent.
    pub fn content(&self) -> String {
        match &self.body {
            Some(Body::Json(body)) => body.to_string(),
            Some(Body::Text(_, text)) => text.clone(),
            None => String::new(),
        }
    }

    /// Sends it over HTTP, under a fresh idempotency key and for any version.
    pub async fn send(&self, client: &Client) -> Result<Answer> {
        let key = uuid::Uuid::new_v4().to_string();
        let usual = [("content-type", self.content_type()), ("idempotency-key", key.as_str()), ("if-match", "*")];
        let headers: Vec<_> = usual.into_iter().chain(self.headers.iter().copied()).collect();
        client.send(&self.method, &self.path(), &headers, self.content().into_bytes()).await
    }
}

/// The name that an id is made of, and the prefix that it has instead.
pub(super) fn derived(name: &str) -> Option<(&'static str, &'static str)> {
    DERIVED.iter().find(|(known, ..)| *known == name).map(|(_, from, prefix)| (*from, *prefix))
}

/// The names in a text: `cartId` in `/v1/carts/{cartId}`.
pub(super) fn names_in(text: &str) -> BTreeSet<String> {
    let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    let names = parts
        .map(|(name, _)| name)
        .filter(|name| name.starts_with(char::is_alphabetic) && name.chars().all(char::is_alphanumeric));
    names.map(str::to_owned).collect()
}

/// Puts a value in the place of a name, everywhere in a JSON value.
pub(super) fn fill(value: &mut Value, name: &str, with: &Value) {
    let from = format!("{{{name}}}");
    match value {
        Value::String(whole) if *whole == from => *value = with.clone(),
        Value::String(part) if part.contains(&from) => *part = part.replace(&from, &text(with)),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, name, with)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill(field, name, with)),
        _ => {}
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
