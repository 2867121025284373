//! Finds the route of a request: the most specific one.

use std::collections::BTreeMap;

use axum::http::Method;

use super::throttle::Bucket;
use crate::template::{Deployment, Route};

/// All routes, most specific first.
pub(super) struct Routes(Vec<Compiled>);

struct Compiled {
    route: Route,
    segments: Vec<Segment>,
    bucket: Bucket,
}

/// A part of a path, in the order in which they win.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Variable(String),
    /// Takes this part and all that follow.
    Greedy(String),
}

/// A route that a request takes, with the variables of its path, decoded.
pub(super) struct Found<'a> {
    pub(super) route: &'a Route,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) bucket: &'a Bucket,
}

impl Routes {
    pub(super) fn new(deployment: &Deployment) -> Self {
        let mut routes: Vec<_> = deployment
            .routes
            .iter()
            .chain(&deployment.heads)
            .map(|route| {
                let stage = deployment.api(&route.api).map(|api| api.throttling);
                let throttling = route.throttling.or(stage);
                Compiled { route: route.clone(), segments: segments(&route.path), bucket: Bucket::new(throttling) }
            })
            .collect();
        // Paths that both match differ first where one of them has the stronger kind of segment.
        routes.sort_by(|a, b| (&a.segments, a.route.method == "ANY").cmp(&(&b.segments, b.route.method == "ANY")));
        Self(routes)
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Option<Found<'_>> {
        let parts = parts(path);
        let mut ofmethod =
            self.0.iter().filter(|known| known.route.method == method.as_str() || known.route.method == "ANY");
        ofmethod.find_map(|known| {
            let variables = matched(&known.segments, &parts)?;
            Some(Found { route: &known.route, variables, bucket: &known.bucket })
        })
    }

    /// The API that has this path, whatever the method.
    pub(super) fn api_of(&self, path: &str) -> Option<&str> {
        let parts = parts(path);
        let known = self.0.iter().find(|known| matched(&known.segments, &parts).is_some());
        known.map(|known| known.route.api.as_str())
    }
}

fn segments(path: &str) -> Vec<Segment> {
    let segment = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(variable) => match variable.strip_suffix('+') {
            Some(greedy) => Segment::Greedy(greedy.to_owned()),
            None => Segment::Variable(variable.to_owned()),
        },
        None => Segment::Literal(part.to_owned()),
    };
    path.trim_start_matches('/').split('/').map(segment).collect()
}

/// A path's parts, decoded.
fn parts(path: &str) -> Vec<String> {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.split('/').map(|part| decode(part, false)).collect()
}

fn matched(segments: &[Segment], parts: &[String]) -> Option<BTreeMap<String, String>> {
    let mut variables = BTreeMap::new();
    let mut parts = parts.iter();
    for segment in segments {
        match segment {
            Segment::Literal(literal) if parts.next()? == literal => {}
            Segment::Literal(_) => return None,
            Segment::Variable(name) => {
                variables.insert(name.clone(), parts.next().filter(|part| !part.is_empty())?.clone());
            }
            Segment::Greedy(name) => {
                let rest: Vec<_> = parts.by_ref().map(String::as_str).collect();
                variables.insert(name.clone(), Some(rest.join("/")).filter(|rest| !rest.is_empty())?);
            }
        }
    }
    parts.next().is_none().then_some(variables)
}

/// Percent-decodes a text. In a query, a plus is a space. Invalid UTF-8 is replaced.
pub(super) fn decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let coded = (byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let coded = coded.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        out.push(match coded {
            Some(byte) => byte,
            None if plus && byte == b'+' => b' ',
            None => byte,
        });
        at += if coded.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(routes: &[(&str, &str)]) -> Routes {
        let routes = routes.iter().map(|(method, path)| Route {
            api: "api".to_owned(),
            method: (*method).to_owned(),
            path: (*path).to_owned(),
            function: format!("{method} {path}"),
            authorizer: None,
            throttling: None,
        });
        Routes::new(&Deployment { routes: routes.collect(), ..Deployment::default() })
    }

    fn found(routes: &Routes, method: &Method, path: &str) -> Option<(String, Vec<String>)> {
        routes.find(method, path).map(|found| (found.route.path.clone(), found.variables.into_values().collect()))
    }

    #[test]
    fn the_most_specific_route_wins() {
        let routes = routes(&[
            ("ANY", "/{all+}"),
            ("GET", "/v1/products/{productId}"),
            ("GET", "/v1/products/search"),
            ("GET", "/v1/{kind}/search"),
            ("DELETE", "/v1/products/{productId}"),
        ]);
        let path = |method, path| found(&routes, &method, path).map(|(path, _)| path);
        assert_eq!(path(Method::GET, "/v1/products/search").unwrap(), "/v1/products/search");
        assert_eq!(path(Method::GET, "/v1/products/prd_1").unwrap(), "/v1/products/{productId}");
        assert_eq!(path(Method::GET, "/v1/orders/search").unwrap(), "/v1/{kind}/search");
        assert_eq!(path(Method::PUT, "/v1/products/prd_1").unwrap(), "/{all+}");
        assert_eq!(path(Method::GET, "/"), None);
    }

    #[test]
    fn variables_are_decoded() {
        let routes = routes(&[("GET", "/v1/stock/{sku}"), ("GET", "/files/{path+}")]);
        assert_eq!(found(&routes, &Method::GET, "/v1/stock/A%2FB%20%C3%A4+").unwrap().1, ["A/B ä+"]);
        assert_eq!(found(&routes, &Method::GET, "/files/a/b%20c").unwrap().1, ["a/b c"]);
        assert_eq!(found(&routes, &Method::GET, "/v1/stock/"), None);
        assert_eq!(found(&routes, &Method::GET, "/v1/stock/a/"), None);
        assert_eq!(decode("a+b%2", true), "a b%2");
    }
}
