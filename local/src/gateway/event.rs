//! Converts an HTTP request into the event of API Gateway (payload format 2.0).

use std::{borrow::Cow, collections::BTreeMap, net::SocketAddr, sync::Arc};

use axum::http::{HeaderMap, header, request::Parts};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{Timestamp, tz::TimeZone};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::routes::{Found, decode};
use crate::{
    invoker::Call,
    template::{ACCOUNT, Api, REGION},
};

/// Headers that concern one connection, or that API Gateway puts elsewhere.
const NOT_PASSED_ON: [header::HeaderName; 4] =
    [header::CONNECTION, header::COOKIE, header::TRANSFER_ENCODING, header::UPGRADE];

/// A request on its way to an authorizer and a function.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Incoming<'a> {
    version: &'static str,
    route_key: String,
    raw_path: &'a str,
    raw_query_string: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    query_string_parameters: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    path_parameters: &'a BTreeMap<String, String>,
    request_context: RequestContext<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    account_id: &'static str,
    api_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Authorized>,
    domain_name: String,
    domain_prefix: String,
    http: Http<'a>,
    request_id: &'a str,
    route_key: String,
    stage: &'static str,
    time: String,
    time_epoch: i64,
}

#[derive(Serialize)]
struct Authorized {
    lambda: Option<Arc<RawValue>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    method: &'a str,
    path: &'a str,
    protocol: &'static str,
    source_ip: String,
    user_agent: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FunctionEvent<'a> {
    #[serde(flatten)]
    incoming: &'a Incoming<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AuthorizerEvent<'a> {
    r#type: &'static str,
    route_arn: String,
    identity_source: &'a [String],
    #[serde(flatten)]
    incoming: &'a Incoming<'a>,
}

impl<'a> Incoming<'a> {
    pub(super) fn new(found: &'a Found<'_>, api: &'a Api, parts: &'a Parts, from: SocketAddr, call: &'a Call) -> Self {
        let route_key = format!("{} {}", found.route.method, found.route.path);
        let mut headers = joined(&parts.headers);
        let host = headers.get("host").map_or("localhost", String::as_str);
        let domain_name = host.split(':').next().unwrap_or(host).to_owned();
        let port = host.split(':').nth(1).unwrap_or("80").to_owned();
        headers.entry("x-forwarded-for".to_owned()).or_insert_with(|| from.ip().to_string());
        headers.entry("x-forwarded-port".to_owned()).or_insert(port);
        headers.entry("x-forwarded-proto".to_owned()).or_insert_with(|| "http".to_owned());
        headers.insert("x-amzn-trace-id".to_owned(), call.trace.clone());
        let now = Timestamp::now();
        let query = parts.uri.query().unwrap_or_default();
        Self {
            version: "2.0",
            route_key: route_key.clone(),
            raw_path: parts.uri.path(),
            raw_query_string: query,
            cookies: cookies(&parts.headers),
            headers,
            query_string_parameters: parameters(query),
            path_parameters: &found.variables,
            request_context: RequestContext {
                account_id: ACCOUNT,
                api_id: &api.id,
                authorizer: None,
                domain_prefix: domain_name.split('.').next().unwrap_or_default().to_owned(),
                domain_name,
                http: Http {
                    method: parts.method.as_str(),
                    path: parts.uri.path(),
                    protocol: "HTTP/1.1",
                    source_ip: from.ip().to_string(),
                    user_agent: text(&parts.headers, &header::USER_AGENT),
                },
                request_id: &call.request_id,
                route_key,
                stage: "$default",
                time: now.to_zoned(TimeZone::UTC).strftime("%d/%b/%Y:%H:%M:%S %z").to_string(),
                time_epoch: now.as_millisecond(),
            },
        }
    }

    /// The values of these headers; none if one is missing or empty.
    pub(super) fn identity(&self, headers: &[String]) -> Option<Vec<String>> {
        headers.iter().map(|name| self.headers.get(name).filter(|value| !value.is_empty()).cloned()).collect()
    }

    /// Sets the identity of the caller from the authorizer.
    pub(super) fn authorized(&mut self, context: Option<Arc<RawValue>>) {
        self.request_context.authorizer = Some(Authorized { lambda: context });
    }

    /// The event for the function.
    pub(super) fn event(&self, body: &'a [u8]) -> serde_json::Result<Box<RawValue>> {
        let text = Some(body).filter(|_| self.has_text()).and_then(|body| std::str::from_utf8(body).ok());
        let is_base64_encoded = text.is_none() && !body.is_empty();
        let body = match text {
            _ if body.is_empty() => None,
            Some(text) => Some(Cow::Borrowed(text)),
            None => Some(Cow::Owned(STANDARD.encode(body))),
        };
        to_raw_value(&FunctionEvent { incoming: self, body, is_base64_encoded })
    }

    /// The event for the authorizer's function.
    pub(super) fn authorizer_event(&self, identity: &[String]) -> serde_json::Result<Box<RawValue>> {
        let RequestContext { api_id, http, stage, .. } = &self.request_context;
        let route_arn = format!("arn:aws:execute-api:{REGION}:{ACCOUNT}:{api_id}/{stage}/{}{}", http.method, http.path);
        to_raw_value(&AuthorizerEvent { r#type: "REQUEST", route_arn, identity_source: identity, incoming: self })
    }

    /// Whether the body's type is one that API Gateway passes on as text.
    fn has_text(&self) -> bool {
        let kind = self.headers.get("content-type").map_or("text/plain", String::as_str);
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let texts = ["application/json", "application/javascript", "application/xml"];
        let is_text = kind.starts_with("text/") || kind.ends_with("+json") || texts.contains(&kind.as_str());
        is_text && !self.headers.contains_key("content-encoding")
    }
}

/// Names in lower case; the values of a name that comes more than once are joined by commas.
fn joined(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut joined = BTreeMap::<String, String>::new();
    for (name, value) in headers.iter().filter(|(name, _)| !NOT_PASSED_ON.contains(name)) {
        let value = String::from_utf8_lossy(value.as_bytes());
        joined
            .entry(name.as_str().to_owned())
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    joined
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split("; ")).map(str::to_owned).collect()
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let mut parameters = BTreeMap::<String, String>::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decode(value, true);
        parameters
            .entry(decode(name, true))
            .and_modify(|values| {
                values.push(',');
                values.push_str(&value);
            })
            .or_insert(value);
    }
    parameters
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}
