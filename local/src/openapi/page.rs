//! `/docs`: the contract as a page. Everything that it needs is in this program.

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
};

use crate::serve::typed;

/// Nothing from elsewhere, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";

/// A file of the page.
pub(crate) fn page(name: &str) -> Response<Body> {
    let mut response = match name {
        "docs.css" => typed("text/css; charset=utf-8", include_str!("docs.css")),
        "element.js" => typed("text/javascript; charset=utf-8", include_str!("element.js")),
        "schema.js" => typed("text/javascript; charset=utf-8", include_str!("schema.js")),
        "docs.js" => typed("text/javascript; charset=utf-8", include_str!("docs.js")),
        _ => typed("text/html; charset=utf-8", include_str!("docs.html")),
    };
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
