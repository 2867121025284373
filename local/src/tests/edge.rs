//! What the edge in the root template does with the routes of the services' templates.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    templates,
    tidy::{ROOT, deployment},
};
use crate::template::{Deployment, Route};

/// `CachingDisabled` of `CloudFront`.
const CACHING_DISABLED: &str = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad";

fn root() -> Value {
    templates::read(&ROOT.join("template.yaml"))
}

/// A row of `CacheBehaviors`: the paths, the service that they go to, and the policy of the cache.
struct Behaviour {
    pattern: String,
    origin: String,
    is_cached: bool,
}

impl Behaviour {
    /// Every behaviour, the default one first.
    fn all(root: &Value) -> Vec<Self> {
        let edge = &root["Resources"]["Edge"]["Properties"]["DistributionConfig"];
        let disabled = &root["Mappings"]["Edge"]["Api"]["Cache"];
        assert_eq!(disabled, CACHING_DISABLED);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let behaviour = |json: &Value| {
            let policy = &json["CachePolicyId"];
            let is_cached = policy["Ref"] == "PublicCache" || policy["Ref"] == "PageCache";
            assert!(is_cached || policy["Fn::FindInMap"].as_array().is_some_and(|path| path[2] == "Cache"), "{json}");
            Self { pattern: text(&json["PathPattern"]), origin: text(&json["TargetOriginId"]), is_cached }
        };
        [&edge["DefaultCacheBehavior"]]
            .into_iter()
            .chain(edge["CacheBehaviors"].as_array().unwrap())
            .map(behaviour)
            .collect()
    }

    fn takes(&self, route: &Route) -> bool {
        !self.pattern.is_empty() && route.path.starts_with(self.pattern.trim_end_matches('*'))
    }

    /// Those that take a route: the default one if no other does.
    fn of<'a>(all: &'a [Self], route: &Route) -> Vec<&'a Self> {
        let taking: Vec<_> = all.iter().filter(|behaviour| behaviour.takes(route)).collect();
        if taking.is_empty() { all.iter().take(1).collect() } else { taking }
    }
}

#[test]
fn the_edge_sends_every_route_to_its_service() {
    let (deployment, behaviours) = (deployment(), Behaviour::all(&root()));
    for route in &deployment.routes {
        let service = &deployment.function(&route.function).unwrap().service;
        let origins: Vec<_> =
            Behaviour::of(&behaviours, route).into_iter().map(|behaviour| behaviour.origin.as_str()).collect();
        assert_eq!(origins, [service.as_str()], "{} {}", route.method, route.path);
    }
}

/// The routes whose responses are at the wrong cache of the edge.
fn wrongly_cached(deployment: &Deployment, behaviours: &[Behaviour]) -> Vec<String> {
    let reads = deployment.routes.iter().filter(|route| route.method == "GET");
    let wrong = reads.filter(|route| {
        let is_cached = Behaviour::of(behaviours, route).iter().any(|behaviour| behaviour.is_cached);
        is_cached != route.authorizer.is_none()
    });
    wrong.map(|route| route.path.clone()).collect()
}

#[test]
fn the_edge_caches_every_public_get_and_nothing_that_needs_a_token() {
    let (deployment, mut behaviours) = (deployment(), Behaviour::all(&root()));
    assert_eq!(wrongly_cached(&deployment, &behaviours), Vec::<String>::new());
    for (pattern, wrong) in [("/v1/quote-keys*", "/v1/quote-keys"), ("/v1/payments*", "/v1/payments")] {
        let behaviour = behaviours.iter_mut().find(|behaviour| behaviour.pattern == pattern).unwrap();
        behaviour.is_cached = !behaviour.is_cached;
        assert!(wrongly_cached(&deployment, &behaviours).iter().any(|path| path == wrong), "{pattern}");
    }
}

#[test]
fn the_edge_keeps_what_the_api_lets_it_keep_by_query_and_origin() {
    let root = root();
    let policy = &root["Resources"]["PublicCache"]["Properties"]["CachePolicyConfig"];
    assert_eq!((&policy["MinTTL"], &policy["DefaultTTL"]), (&0.into(), &0.into()), "nothing without Cache-Control");
    let key = &policy["ParametersInCacheKeyAndForwardedToOrigin"];
    let expected = serde_json::json!({
        "EnableAcceptEncodingGzip": true, "EnableAcceptEncodingBrotli": true,
        "CookiesConfig": {"CookieBehavior": "none"},
        "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": ["origin"]},
        "QueryStringsConfig": {"QueryStringBehavior": "all"},
    });
    assert_eq!(*key, expected);
    let edge = &root["Resources"]["Edge"]["Properties"]["DistributionConfig"];
    let errors = edge["CustomErrorResponses"].as_array().unwrap();
    assert!(errors.iter().all(|error| error["ErrorCachingMinTTL"] == 0 && error.get("ResponsePagePath").is_none()));
    let codes: Vec<_> = errors.iter().filter_map(|error| error["ErrorCode"].as_u64()).collect();
    assert_eq!(codes, [400, 403, 404, 405, 414, 500, 501, 502, 503, 504], "every error that CloudFront caches");
}

#[test]
fn the_edge_keeps_pages_apart_by_session_and_currency() {
    let root = root();
    let policy = &root["Resources"]["PageCache"]["Properties"]["CachePolicyConfig"];
    assert_eq!((&policy["MinTTL"], &policy["DefaultTTL"]), (&0.into(), &0.into()), "nothing without Cache-Control");
    let key = &policy["ParametersInCacheKeyAndForwardedToOrigin"];
    assert_eq!(key["CookiesConfig"]["CookieBehavior"], "none");
    assert_eq!(key["HeadersConfig"]["Headers"], serde_json::json!(["origin", "souk-currency", "souk-session"]));
    let code = &root["Resources"]["ViewerAddress"]["Properties"]["FunctionCode"];
    for header in ["souk-currency", "souk-session", "souk-viewer-address", "souk-viewer-host"] {
        assert!(code.as_str().unwrap().contains(&format!("headers['{header}'] =")), "a viewer could say {header}");
    }
}

#[test]
fn every_public_get_has_a_head() {
    let deployment = deployment();
    let heads: BTreeSet<_> = deployment.heads.iter().map(|head| head.path.as_str()).collect();
    let public = deployment.routes.iter().filter(|route| route.method == "GET" && route.authorizer.is_none());
    assert_eq!(heads, public.map(|route| route.path.as_str()).collect::<BTreeSet<_>>());
}
