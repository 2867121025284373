//! The bank's page, where a customer approves or refuses a payment (3-D Secure).

use std::io;

use bytes::Bytes;
use http::{Method, Response, StatusCode, header, request::Parts};
use http_body_util::Full;
use serde_json::Value;

use crate::{
    provider::{Provider, Said},
    webhooks::unix_time,
};

/// Answers a request to the page of an intent: `GET` shows it, and `POST` takes the decision, as the page's form or as
/// JSON.
pub(crate) fn answer(
    provider: &Provider,
    head: &Parts,
    intent: &str,
    body: &Bytes,
) -> io::Result<Response<Full<Bytes>>> {
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    match head.method {
        Method::GET => html(StatusCode::OK, &provider.intent(intent).map_or_else(unknown, |intent| question(&intent))),
        Method::POST if kind.starts_with("application/json") => {
            let sent: Value = serde_json::from_slice(body).unwrap_or_default();
            let decision = sent["decision"].as_str().unwrap_or_default();
            let Said { status, body, .. } = provider.decide(intent, decision, unix_time())?;
            let response = Response::builder().status(status).header(header::CONTENT_TYPE, "application/json");
            response.body(Full::from(body.to_string())).map_err(io::Error::other)
        }
        Method::POST => {
            let decision = form_urlencoded::parse(body).find(|(name, _)| name == "decision");
            let decision = decision.map(|(_, value)| value.into_owned()).unwrap_or_default();
            let Said { status, body, .. } = provider.decide(intent, &decision, unix_time())?;
            match (status, provider.intent(intent)) {
                (200, Some(decided)) => after(&decided, &decision),
                (_, Some(decided)) => html(StatusCode::CONFLICT, &closed(&decided)),
                _ => html(StatusCode::NOT_FOUND, &format!("<p>{}</p>", escaped(&body["error"]["message"]))),
            }
        }
        _ => {
            let response =
                Response::builder().status(StatusCode::METHOD_NOT_ALLOWED).header(header::ALLOW, "GET, POST");
            response.body(Full::default()).map_err(io::Error::other)
        }
    }
}

/// Sends the customer back to the shop, if the shop named a page.
fn after(intent: &Value, decision: &str) -> io::Result<Response<Full<Bytes>>> {
    let result = if decision == "approve" { "succeeded" } else { "failed" };
    let Some(page) = return_url(intent, result) else { return html(StatusCode::OK, &closed(intent)) };
    let response = Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, page);
    response.body(Full::default()).map_err(io::Error::other)
}

/// The shop's page, with the query that Stripe adds to it.
fn return_url(intent: &Value, result: &str) -> Option<String> {
    let page = intent["return_url"].as_str()?;
    let (page, fragment) = page.split_once('#').map_or((page, None), |(page, fragment)| (page, Some(fragment)));
    let separator = if page.contains('?') { '&' } else { '?' };
    let intent = intent["id"].as_str().unwrap_or_default();
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    Some(format!("{page}{separator}payment_intent={intent}&redirect_status={result}{fragment}"))
}

fn question(intent: &Value) -> String {
    if intent["status"] != "requires_action" {
        return closed(intent);
    }
    let amount = intent["amount"].as_i64().unwrap_or_default();
    let currency = intent["currency"].as_str().unwrap_or_default().to_uppercase();
    format!(
        "<p>A shop wants to charge your card {amount} {currency} (minor units).</p>\
         <form method=\"post\">\
         <button name=\"decision\" value=\"approve\">Approve</button> \
         <button name=\"decision\" value=\"refuse\">Refuse</button></form>"
    )
}

fn closed(intent: &Value) -> String {
    let text = match intent["status"].as_str() {
        Some("requires_capture" | "succeeded") => "The payment is approved.",
        Some("requires_payment_method") => "The payment is refused.",
        _ => "The payment is no longer open.",
    };
    format!("<p>{text} You can close this page.</p>")
}

fn unknown() -> String {
    "<p>There is no such payment.</p>".to_owned()
}

fn escaped(text: &Value) -> String {
    let text = text.as_str().unwrap_or_default();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn html(status: StatusCode, body: &str) -> io::Result<Response<Full<Bytes>>> {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Approve the payment</title><link rel=\"icon\" href=\"data:,\"><h1>Sandbox bank</h1>{body}</html>"
    );
    let response = Response::builder().status(status).header(header::CONTENT_TYPE, "text/html; charset=utf-8");
    let response = response.header(header::CACHE_CONTROL, "no-store");
    response.body(Full::from(page)).map_err(io::Error::other)
}
