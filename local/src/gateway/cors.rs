//! CORS, as configured in an API's template.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};

use crate::template::Cors;

/// Answers a preflight request. No function is invoked.
pub(super) fn preflight(cors: &Cors, origin: Option<&HeaderValue>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    if !allowed(cors, origin) {
        return response;
    }
    let max_age = cors.max_age.map(|seconds| seconds.to_string());
    let lists = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, Some(cors.methods.join(","))),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, Some(cors.headers.join(","))),
        (header::ACCESS_CONTROL_MAX_AGE, max_age),
    ];
    for (name, value) in lists {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    allow(Some(cors), origin, response)
}

/// Lets scripts of an allowed origin read the response. CORS headers of the function are ignored, as in API Gateway.
pub(super) fn allow(cors: Option<&Cors>, origin: Option<&HeaderValue>, mut response: Response<Body>) -> Response<Body> {
    let Some(cors) = cors else { return response };
    let headers = response.headers_mut();
    if !headers.get_all(header::VARY).iter().any(|value| value == "origin") {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = origin.filter(|origin| allowed(cors, Some(origin))) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if let Ok(exposed) = HeaderValue::from_str(&cors.exposed.join(",")) {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
        if cors.credentials {
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
    }
    response
}

fn allowed(cors: &Cors, origin: Option<&HeaderValue>) -> bool {
    origin
        .and_then(|origin| origin.to_str().ok())
        .is_some_and(|origin| cors.origins.iter().any(|known| known == origin))
}
