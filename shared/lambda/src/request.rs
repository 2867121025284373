//! Requests and responses of API Gateway (payload format 2.0).

use std::{
    borrow::Cow,
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use contracts::{CustomerGroupId, Role};
use http::{HeaderMap, HeaderName};
use lambda_http::{Body, Response, aws_lambda_events::apigw::ApiGatewayV2httpResponse};
use lambda_runtime::Context;
use ring::hmac;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    Caller, InvocationError, Problem,
    outcome::{Outcome, read_event, respond, respond_failed},
    trace,
};

/// The header in which the edge sends the address of the viewer.
const VIEWER_ADDRESS: &str = "souk-viewer-address";
/// The header in which the edge sends its secret.
const EDGE_SECRET: &str = "souk-edge-secret";
/// The header in which the edge sends the host that the viewer asked.
const VIEWER_HOST: &str = "souk-viewer-host";

/// A request to an operation.
#[derive(Debug)]
pub struct Request<'a> {
    event: Event<'a>,
    body: Vec<u8>,
    context: Context,
}

/// The fields of the event that are used. Reading all of them would take a tenth of an invocation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow, default)]
    raw_path: Cow<'a, str>,
    #[serde(borrow, default)]
    raw_query_string: Cow<'a, str>,
    cookies: Option<Vec<String>>,
    headers: Option<BTreeMap<String, String>>,
    path_parameters: Option<BTreeMap<String, String>>,
    #[serde(borrow)]
    request_context: RequestContext<'a>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    request_id: Option<String>,
    #[serde(borrow)]
    http: Http<'a>,
    authorizer: Option<Authorizer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http<'a> {
    #[serde(borrow)]
    method: Cow<'a, str>,
    source_ip: Option<Cow<'a, str>>,
}

#[derive(Debug, Deserialize)]
struct Authorizer {
    lambda: Option<BTreeMap<String, Value>>,
}

impl<'a> Request<'a> {
    pub(crate) fn read(payload: &'a RawValue, context: Context) -> Result<Self, InvocationError> {
        let mut event: Event<'a> = read_event(payload)?;
        let mut body = event.body.take().unwrap_or_default().into_bytes();
        if event.is_base64_encoded {
            body = STANDARD.decode(body).map_err(InvocationError::unexpected_event)?;
        }
        // API Gateway takes cookies out of the headers.
        if let Some(cookies) = event.cookies.take() {
            event.headers.get_or_insert_default().insert("cookie".to_owned(), cookies.join("; "));
        }
        Ok(Self { event, body, context })
    }

    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// API Gateway's id of the request.
    pub(crate) fn id(&self) -> &str {
        self.event.request_context.request_id.as_deref().unwrap_or(&self.context.request_id)
    }

    /// The method. HEAD is handled as GET: API Gateway and the edge remove the body of the response.
    pub(crate) fn method(&self) -> &str {
        match &*self.event.request_context.http.method {
            "HEAD" => "GET",
            method => method,
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.event.raw_path
    }

    pub(crate) fn query(&self) -> &str {
        &self.event.raw_query_string
    }

    /// The parameters of the path by name, decoded.
    pub(crate) fn path_parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        self.event.path_parameters.iter().flatten().map(|(name, value)| (name.into(), value.into()))
    }

    /// The parameters of the query by name, decoded. A name can occur more than once.
    pub(crate) fn query_parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        // The event also has the query parsed, but with all values of a name joined by commas.
        form_urlencoded::parse(self.query().as_bytes())
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        let headers = self.event.headers.iter().flatten();
        headers.filter_map(|(name, value)| Some((name.parse::<HeaderName>().ok()?, value.parse().ok()?))).collect()
    }

    /// The value of a header. The case of its name is ignored.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.event.headers.iter().flatten();
        headers.find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_matches([' ', '\t']))
    }

    /// The trace of the request: that of its client if there is one, otherwise that of the invocation.
    pub(crate) fn trace(&self) -> Option<String> {
        let given = self.header("traceparent").and_then(trace::from_traceparent);
        given.or_else(|| self.context.xray_trace_id.clone())
    }

    pub(crate) fn body(&self) -> &[u8] {
        &self.body
    }

    /// The caller, as the authorizer identified it. `edge_secret` is the secret of the edge, if there is an edge.
    pub(crate) fn caller(&self, edge_secret: Option<&str>) -> Result<Caller, Problem> {
        let said = self.event.request_context.authorizer.as_ref().and_then(|authorizer| authorizer.lambda.as_ref());
        let field =
            |name: &str| said.and_then(|said| said.get(name)).and_then(Value::as_str).filter(|text| !text.is_empty());
        if let Some(reason) = field("refused") {
            let scheme = self.header("authorization").and_then(|value| value.split(' ').next()).unwrap_or_default();
            let token_sent = scheme.eq_ignore_ascii_case("bearer");
            return Err(if token_sent { Problem::invalid_token(reason) } else { Problem::unauthenticated(reason) });
        }
        let malformed = |_| Problem::internal("the authorizer's context is malformed");
        Ok(Caller {
            id: field("principal").map(str::parse).transpose().map_err(malformed)?,
            roles: field("roles")
                .into_iter()
                .flat_map(|roles| roles.split(','))
                .filter_map(|role| role.parse::<Role>().ok())
                .collect(),
            session: field("session").and_then(|session| session.parse().ok()),
            groups: field("groups")
                .into_iter()
                .flat_map(|groups| groups.split(','))
                .filter_map(|group| group.parse::<CustomerGroupId>().ok())
                .collect(),
            verified: field("verified") == Some("true"),
            address: self.address(edge_secret).map(|address| address.to_string()).unwrap_or_default(),
        })
    }

    /// The network address of the caller. Behind the edge the source of the request is the edge, which sends the
    /// viewer's address in a header. Only a request with the edge's secret is from the edge: any other client could
    /// send the header.
    fn address(&self, edge_secret: Option<&str>) -> Option<IpAddr> {
        let viewer = || self.header_of_edge(edge_secret, VIEWER_ADDRESS)?.parse::<IpAddr>().ok();
        let source = || self.event.request_context.http.source_ip.as_deref()?.parse().ok();
        let address = viewer().or_else(source)?.to_canonical();
        Some(match address {
            IpAddr::V4(_) => address,
            // A client that has one address of a /64 network has all of them.
            IpAddr::V6(one) => Ipv6Addr::from_bits(one.to_bits() & (u128::MAX << 64)).into(),
        })
    }

    /// A header that only the edge may set: `None` unless the request shows the edge's secret.
    fn header_of_edge(&self, edge_secret: Option<&str>, name: &str) -> Option<&str> {
        let (secret, shown) = (edge_secret?.as_bytes(), self.header(EDGE_SECRET)?.as_bytes());
        // Comparing tags takes the same time for every secret that a client sends.
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        hmac::verify(&key, shown, hmac::sign(&key, secret).as_ref()).ok()?;
        self.header(name)
    }

    /// The origin that the visitor's browser asked: scheme, host and port. Behind the edge, the edge says it, and it is
    /// always HTTPS.
    pub(crate) fn own_origin(&self, edge_secret: Option<&str>) -> String {
        if let Some(host) = self.header_of_edge(edge_secret, VIEWER_HOST) {
            return format!("https://{host}");
        }
        let scheme = self.header("x-forwarded-proto").unwrap_or("https");
        format!("{scheme}://{}", self.header("host").unwrap_or_default())
    }
}

/// The response for API Gateway.
pub(crate) fn answered(response: Response<Body>) -> Outcome {
    let (head, body) = response.into_parts();
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = head.status.as_u16().into();
    answer.headers = head.headers;
    // API Gateway has a field of its own for cookies.
    let cookies = answer.headers.remove(http::header::SET_COOKIE);
    answer.cookies = cookies.iter().filter_map(|cookie| cookie.to_str().ok()).map(str::to_owned).collect();
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = (body != Body::Empty).then_some(body);
    if head.status.is_server_error() { respond_failed(&answer) } else { respond(&answer) }
}

#[cfg(test)]
mod tests {
    use contracts::UserId;
    use serde_json::{json, value::to_raw_value};
    use uuid::Uuid;

    use super::*;
    use crate::outcome::respond_to_batch;

    fn read(more: &Value) -> Result<Request<'static>, InvocationError> {
        let mut event = json!({"version": "2.0", "requestContext": {"http": {"method": "PUT"}}});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut context = Context::default();
        context.request_id = "invocation-1".to_owned();
        Request::read(Box::leak(to_raw_value(&event).unwrap()), context)
    }

    fn parameters(event: &Value) -> Vec<(String, String)> {
        let request = read(event).unwrap();
        let all = request.path_parameters().chain(request.query_parameters());
        all.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
    }

    #[test]
    fn what_may_be_missing_is_empty() {
        let request = read(&json!({"headers": null, "pathParameters": null, "body": null})).unwrap();
        assert_eq!((request.method(), request.path(), request.query()), ("PUT", "", ""));
        assert_eq!((request.id(), request.body(), request.headers().len()), ("invocation-1", &[][..], 0));
        assert_eq!((request.path_parameters().count(), request.query_parameters().count()), (0, 0));
        assert_eq!(request.caller(None).unwrap(), Caller::default());
    }

    #[test]
    fn a_body_in_base64_is_decoded() {
        let body = |body: &str| read(&json!({"body": body, "isBase64Encoded": true}));
        assert_eq!(body("/wA=").unwrap().body(), [255, 0]);
        assert_eq!(body("no base64").unwrap_err().kind, "UnexpectedEvent");
        assert_eq!(read(&json!({"body": "/wA="})).unwrap().body(), b"/wA=");
    }

    #[test]
    fn headers_are_found_in_any_case_and_trimmed() {
        let request = read(&json!({"headers": {"If-Match": " \"1\" "}})).unwrap();
        assert_eq!((request.header("if-match"), request.header("IF-MATCH")), (Some("\"1\""), Some("\"1\"")));
        assert_eq!(request.header("if-none-match"), None);
    }

    #[test]
    fn cookies_are_a_header_again() {
        let request = read(&json!({"headers": {"accept": "*/*"}, "cookies": ["a=1", "b=2"]})).unwrap();
        assert_eq!((request.header("cookie"), request.header("accept")), (Some("a=1; b=2"), Some("*/*")));
    }

    #[test]
    fn parameters_are_decoded_and_none_is_lost() {
        let query =
            json!({"rawQueryString": "q=a+b%26c&q=d&flag", "queryStringParameters": {"q": "a b&c,d", "flag": ""}});
        let pairs = [("q", "a b&c"), ("q", "d"), ("flag", "")];
        assert_eq!(parameters(&query), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let path = json!({"pathParameters": {"sku": "LAMP+RED%20"}});
        assert_eq!(parameters(&path), [("sku".to_owned(), "LAMP+RED%20".to_owned())]);
    }

    #[test]
    fn callers_are_as_the_authorizer_says() {
        let request = |said: Value| {
            let http = json!({"method": "GET", "sourceIp": "192.0.2.1"});
            read(&json!({"requestContext": {"http": http, "authorizer": {"lambda": said}}})).unwrap().caller(None)
        };
        let caller =
            request(json!({"principal": UserId::from(Uuid::nil()), "roles": "guest,owl", "session": ""})).unwrap();
        assert_eq!((caller.id.unwrap().uuid(), caller.session), (Uuid::nil(), None));
        assert_eq!((&*caller.roles, &*caller.address), (&[Role::Guest][..], "192.0.2.1"));
        assert_eq!(request(json!({"refused": "too old"})).unwrap_err().status(), 401);
        assert_eq!(request(json!({"principal": "nobody"})).unwrap_err().status(), 500);
        assert_eq!(request(Value::Null).unwrap().id, None);
    }

    #[test]
    fn groups_and_verification_are_as_the_authorizer_says_and_absent_in_old_tokens() {
        let caller = |said: Value| {
            let http = json!({"method": "GET"});
            read(&json!({"requestContext": {"http": http, "authorizer": {"lambda": said}}}))
                .unwrap()
                .caller(None)
                .unwrap()
        };
        let [one, two] = [1, 2].map(|n| CustomerGroupId::from(Uuid::from_u128(n)));
        let member = caller(json!({"groups": format!("{one},owl,{two}"), "verified": "true"}));
        assert_eq!((member.groups, member.verified), (vec![one, two], true));
        for said in [json!({}), json!({"groups": "", "verified": "false"})] {
            let other = caller(said);
            assert_eq!((other.groups, other.verified), (vec![], false));
        }
    }

    /// The address of a request from an address of the edge, where the edge's secret is `the secret`.
    fn address(headers: &Value) -> String {
        let http = json!({"method": "GET", "sourceIp": "192.0.2.1"});
        let request = read(&json!({"requestContext": {"http": http}, "headers": headers})).unwrap();
        request.caller(Some("the secret")).unwrap().address
    }

    #[test]
    fn the_edge_says_whose_request_it_is() {
        let said = json!({"souk-edge-secret": "the secret", "souk-viewer-address": "198.51.100.7"});
        assert_eq!(address(&said), "198.51.100.7");
    }

    #[test]
    fn nobody_is_believed_without_the_secret_of_the_edge() {
        assert_eq!(address(&json!({"souk-viewer-address": "198.51.100.7"})), "192.0.2.1");
        for secret in ["", "the secre", "the secrets", "guess,the secret"] {
            let said = json!({"souk-edge-secret": secret, "souk-viewer-address": "198.51.100.7"});
            assert_eq!(address(&said), "192.0.2.1", "{secret}");
        }
    }

    #[test]
    fn without_an_edge_the_source_counts_whatever_is_said() {
        let said = json!({"souk-edge-secret": "", "souk-viewer-address": "198.51.100.7"});
        let http = json!({"method": "GET", "sourceIp": "192.0.2.1"});
        let request = read(&json!({"requestContext": {"http": http}, "headers": said})).unwrap();
        assert_eq!(request.caller(None).unwrap().address, "192.0.2.1");
    }

    #[test]
    fn all_of_a_network_is_one_address_with_ipv6() {
        let viewer = |viewer: &str| address(&json!({"souk-edge-secret": "the secret", "souk-viewer-address": viewer}));
        assert_eq!(viewer("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(viewer("2001:0DB8:0001:0002::9"), "2001:db8:1:2::");
        assert_eq!(viewer("2001:db8:1:3::9"), "2001:db8:1:3::");
        assert_eq!(viewer("::ffff:198.51.100.7"), "198.51.100.7", "no network of IPv6, but one address of IPv4");
    }

    #[test]
    fn what_is_no_address_says_nothing() {
        for viewer in ["", "nobody", "198.51.100.7:443", "[2001:db8::1]", "198.51.100.7, 198.51.100.8"] {
            let said = json!({"souk-edge-secret": "the secret", "souk-viewer-address": viewer});
            assert_eq!(address(&said), "192.0.2.1", "{viewer}");
        }
    }

    #[test]
    fn what_went_wrong_here_is_an_error_and_what_the_caller_did_wrong_is_none() {
        let failed =
            |status: u16| answered(Response::builder().status(status).body(Body::Empty).unwrap()).unwrap().failed;
        assert!(failed(500) && failed(503));
        assert!(!failed(201) && !failed(404) && !failed(429));
        assert!(
            respond_to_batch(vec!["1".to_owned()]).unwrap().failed && !respond_to_batch(Vec::new()).unwrap().failed
        );
    }

    #[test]
    fn an_answer_without_a_body_has_none() {
        let response = Response::builder().status(204).header("etag", "\"1\"").body(Body::Empty).unwrap();
        let answer: Value = serde_json::from_str(answered(response).unwrap().body.get()).unwrap();
        assert_eq!((&answer["statusCode"], &answer["headers"]), (&json!(204), &json!({"etag": "\"1\""})));
        assert_eq!(answer.get("body"), None);
    }
}
