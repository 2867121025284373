//! Converts the response of a function into an HTTP response.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Response, StatusCode, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda::Http;
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::message;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    #[serde(default)]
    multi_value_headers: BTreeMap<String, Vec<Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// The response that API Gateway makes of it, unless the function does not declare such a response.
pub(super) fn response(answer: &RawValue, method: &str, contract: Option<&Http>) -> Response<Body> {
    let response = match serde_json::from_str::<Answer>(answer.get()) {
        Ok(answer) => match contract.and_then(|contract| breach(&answer, method, contract)) {
            Some(breach) => {
                tracing::error!(breach, "a function answered what it does not declare");
                return message(StatusCode::INTERNAL_SERVER_ERROR, &format!("The function {breach}."));
            }
            None => made(answer),
        },
        // Without a status, the whole response is the body of a 200.
        Err(_) if !answer.get().contains("\"statusCode\"") => {
            let mut response = Response::new(Body::from(answer.get().to_owned()));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Some(response)
        }
        Err(error) => {
            tracing::error!(%error, "a function answered what is no response");
            None
        }
    };
    response.unwrap_or_else(|| message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"))
}

/// Why the response is not in the contract of its operation.
fn breach(answer: &Answer, method: &str, contract: &Http) -> Option<String> {
    let body = answer.body.as_deref().filter(|_| answer.status_code >= 400);
    let problem: Option<Value> = body.and_then(|body| serde_json::from_str(body).ok());
    let slug = problem.as_ref().and_then(|problem| problem["type"].as_str()?.strip_prefix("/problems/"));
    let has_etag = answer.headers.keys().any(|name| name.eq_ignore_ascii_case("etag"));
    // HEAD is the GET without its body.
    let method = if method == "HEAD" { "GET" } else { method };
    contract.breach(method, answer.status_code, has_etag, slug)
}

/// `None` if the response cannot be sent over HTTP.
fn made(answer: Answer) -> Option<Response<Body>> {
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded { STANDARD.decode(body).ok()? } else { body.into_bytes() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(answer.status_code).ok()?;
    let headers = response.headers_mut();
    for (name, value) in answer.headers {
        headers.insert(HeaderName::try_from(name).ok()?, text(&value)?);
    }
    for (name, values) in answer.multi_value_headers {
        let name = HeaderName::try_from(name).ok()?;
        headers.remove(&name);
        for value in values {
            headers.append(&name, text(&value)?);
        }
    }
    for cookie in answer.cookies.into_iter().flatten() {
        headers.append(header::SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
    }
    // The server sets the length of the body itself.
    headers.remove(header::CONTENT_LENGTH);
    Some(response)
}

fn text(value: &Value) -> Option<HeaderValue> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use lambda::Trigger;
    use serde_json::json;

    use super::*;
    use crate::services;

    fn of(json: &str) -> Response<Body> {
        response(&RawValue::from_string(json.to_owned()).unwrap(), "GET", None)
    }

    #[test]
    fn what_a_function_does_not_declare_is_500() {
        let function = services::find(services::ALL, "catalog", "get-product").unwrap();
        let Trigger::Http(contract) = *function.trigger() else { panic!("it has a route") };
        let status = |method: &str, status: u16, etag: &str, slug: &str| {
            let body = json!({"type": format!("/problems/{slug}")}).to_string();
            let answer = json!({"statusCode": status, "headers": {etag: "x"}, "body": body}).to_string();
            response(&RawValue::from_string(answer).unwrap(), method, Some(&contract)).status().as_u16()
        };
        assert_eq!((status("GET", 200, "ETag", ""), status("HEAD", 304, "etag", "")), (200, 304));
        assert_eq!((status("GET", 404, "x", "not-found"), status("GET", 404, "x", "no-such-thing")), (404, 500));
        assert_eq!((status("GET", 201, "x", ""), status("GET", 403, "x", "forbidden")), (500, 500));
    }

    async fn body(response: Response<Body>) -> String {
        String::from_utf8(axum::body::to_bytes(response.into_body(), 1000).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_part_of_an_answer_arrives() {
        let response =
            of(r#"{"statusCode": 201, "headers": {"ETag": "\"1\"", "x-count": 2}, "cookies": ["a=1", "b=2"],
            "multiValueHeaders": {"link": ["</a>", "</b>"]}, "body": "aGk=", "isBase64Encoded": true}"#);
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["etag"], "\"1\"");
        assert_eq!(response.headers()["x-count"], "2");
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(response.headers().get_all("link").iter().count(), 2);
        assert_eq!(body(response).await, "hi");
    }

    #[tokio::test]
    async fn what_has_no_status_is_the_body_and_what_is_no_response_is_500() {
        let plain = of(r#"{"hello": "world"}"#);
        assert_eq!((plain.status().as_u16(), body(plain).await.as_str()), (200, r#"{"hello": "world"}"#));
        assert_eq!(of(r#"{"statusCode": "many"}"#).status(), 500);
        assert_eq!(of(r#"{"statusCode": 200, "headers": {"bad name": "x"}}"#).status(), 500);
    }
}
