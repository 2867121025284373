//! `/docs`: the contract as a page. Everything that it needs is in this program.

use std::fmt::Write;

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};

use super::problems;
use crate::serve::typed;

/// Nothing from elsewhere, and nothing inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'";

/// The page of a problem type, or of all types. 404 if there is no such type.
pub(crate) fn problem_page(slug: Option<&str>) -> Response<Body> {
    let shown: Vec<_> = problems::ALL.iter().filter(|known| slug.is_none_or(|slug| known.slug == slug)).collect();
    let terms = shown.iter().fold(String::new(), |mut terms, known| {
        let problems::Meaning { slug, title, text } = known;
        let _ = write!(
            terms,
            "<dt><a href=\"/problems/{slug}\">/problems/{slug}</a></dt><dd><b>{title}.</b> {}</dd>",
            code(text)
        );
        terms
    });
    let terms = if shown.is_empty() { "<dt>There is no such problem type.</dt>".to_owned() } else { terms };
    let mut response = typed("text/html; charset=utf-8", include_str!("problems.html").replace("{terms}", &terms));
    if shown.is_empty() {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// A text of this program in HTML: what is between backticks is code.
fn code(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { format!("<code>{part}</code>") } else { part.to_owned() }).collect()
}

/// A file of the page.
pub(crate) fn page(name: &str) -> Response<Body> {
    let mut response = match name {
        "docs.css" => typed("text/css; charset=utf-8", include_str!("docs.css")),
        "element.js" => typed("text/javascript; charset=utf-8", include_str!("element.js")),
        "seen.js" => typed("text/javascript; charset=utf-8", include_str!("seen.js")),
        "schema.js" => typed("text/javascript; charset=utf-8", include_str!("schema.js")),
        "docs.js" => typed("text/javascript; charset=utf-8", include_str!("docs.js")),
        _ => typed("text/html; charset=utf-8", include_str!("docs.html")),
    };
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
