//! The client of Stripe's API. Requests are form-encoded and replies are JSON. Each call is one attempt.
//!
//! Only a reply that decides something is an answer. Everything else (no reply, a server error, too many requests) is
//! [`Answer::Unknown`], and the request is sent again later.

mod intent;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use contracts::sealed_for;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use lambda::{Env, OutboundHttp, Sealer, StartError};
use serde::Deserialize;

use crate::payment::{Answer, Command};
pub use intent::Intent;

/// The version of the API.
const VERSION: &str = "2025-09-30.clover";
/// The sealing purpose of a payment's next action.
pub(crate) const NEXT_ACTION: &str = "payment-next-action";
/// The timeout of one call, including the connection. Two calls fit into the timeout of a function with a route.
const TIMEOUT: Duration = Duration::from_secs(4);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);
const MAX_ANSWER: usize = 256 * 1024;

/// The provider. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Stripe {
    transport: Transport,
    url: Arc<str>,
    authorization: Arc<str>,
    sealer: Sealer,
}

/// The HTTP client.
#[derive(Clone)]
enum Transport {
    Https(Box<Client<HttpsConnector<HttpConnector>, Full<Bytes>>>),
    Given(OutboundHttp),
}

#[derive(Debug, Deserialize)]
struct Failure {
    error: Refusal,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    r#type: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    payment_intent: Option<Box<Intent>>,
}

#[derive(Debug, Deserialize)]
struct Refunded {
    status: String,
}

#[derive(Debug, Deserialize)]
struct Found {
    data: Vec<Intent>,
}

/// The outcome of a call.
enum Outcome {
    Done(Bytes),
    /// The provider refused the request. This is final.
    Refused(Refusal),
    /// The outcome is unknown.
    Unknown,
}

impl Stripe {
    /// Creates a client for `STRIPE_API_URL` with the secret key `STRIPE_API_KEY`. Plain HTTP is allowed only for an
    /// address on this machine.
    pub(crate) fn start(env: &Env) -> Result<Self, StartError> {
        let url = env.variable("STRIPE_API_URL")?.trim_end_matches('/');
        let local = ["http://127.0.0.1:", "http://localhost:"].iter().any(|start| url.starts_with(start));
        if !local && !url.starts_with("https://") {
            let reason = "neither https nor on this machine".to_owned();
            return Err(StartError::Invalid { name: "STRIPE_API_URL".to_owned(), reason });
        }
        let transport = env.outbound_http().cloned().map_or_else(Transport::https, Transport::Given);
        let authorization = format!("Bearer {}", env.variable("STRIPE_API_KEY")?);
        Ok(Self { transport, url: url.into(), authorization: authorization.into(), sealer: env.sealer()? })
    }

    /// Sends a command. `method` is the provider's reference of the payment method, if the command needs one.
    pub(crate) async fn ask(&self, command: &Command, method: &str) -> Answer {
        match command {
            Command::Authorize { key, order, amount, return_url, .. } => {
                let opened = return_url.as_ref().map(|url| self.sealer.open(sealed_for::RETURN_URL, url)).transpose();
                let Ok(return_url) = opened else {
                    tracing::error!(%order, "the page that the customer returns to does not open");
                    return Answer::Unknown;
                };
                let (minor, currency) = (amount.amount.to_string(), amount.currency.code().to_lowercase());
                let form = [
                    ("amount", minor.as_str()),
                    ("currency", &currency),
                    ("payment_method", method),
                    ("payment_method_types[0]", "card"),
                    ("confirm", "true"),
                    ("capture_method", "manual"),
                    ("metadata[order]", &order.to_string()),
                    // Without a page to return to, the provider's script handles an approval by the customer.
                    return_url.as_ref().map_or(("use_stripe_sdk", "true"), |url| ("return_url", url)),
                ];
                match self.post("/v1/payment_intents", Some(key), &form).await {
                    Outcome::Refused(Refusal { payment_intent: Some(intent), .. }) => self.answer(&intent),
                    Outcome::Refused(Refusal { code, decline_code, .. }) => {
                        let code = decline_code.or(code).unwrap_or_else(|| "refused".to_owned());
                        Answer::Declined { intent: None, code }
                    }
                    outcome => self.read(outcome),
                }
            }
            Command::Retrieve { intent } => {
                self.intent(intent).await.map_or(Answer::Unknown, |intent| self.answer(&intent))
            }
            // Capture and cancel cannot take effect twice, so they need no idempotency key. With a key, the provider
            // would repeat an error for a day.
            Command::Capture { intent } => self.change(intent, "capture").await,
            Command::Void { intent } => self.change(intent, "cancel").await,
            Command::Refund { intent, refund, amount } => {
                let (id, minor) = (refund.to_string(), amount.amount.to_string());
                let form = [("payment_intent", intent.as_str()), ("amount", &minor), ("metadata[refund]", &id)];
                match self.post("/v1/refunds", Some(&id), &form).await {
                    Outcome::Done(body) => match serde_json::from_slice::<Refunded>(&body) {
                        Ok(made) if matches!(made.status.as_str(), "succeeded" | "pending") => {
                            Answer::Refunded { refund: *refund }
                        }
                        Ok(made) => Answer::RefundFailed { refund: *refund, code: made.status },
                        Err(_) => Answer::Unknown,
                    },
                    Outcome::Refused(Refusal { code, .. }) => {
                        Answer::RefundFailed { refund: *refund, code: code.unwrap_or_else(|| "refused".to_owned()) }
                    }
                    Outcome::Unknown => Answer::Unknown,
                }
            }
            Command::Find { order } => {
                let query = format!("metadata['order']:'{order}'");
                let query = form_urlencoded::Serializer::new(String::new()).append_pair("query", &query).finish();
                match self.call(Method::GET, &format!("/v1/payment_intents/search?{query}"), None, &[]).await {
                    Outcome::Done(body) => match serde_json::from_slice::<Found>(&body) {
                        Ok(found) => found.data.first().map_or_else(Answer::not_found, |intent| self.answer(intent)),
                        Err(_) => Answer::Unknown,
                    },
                    Outcome::Refused(_) | Outcome::Unknown => Answer::Unknown,
                }
            }
        }
    }

    /// Reads the current intent with its charge. `None` if the provider does not answer.
    pub(crate) async fn intent(&self, id: &str) -> Option<Intent> {
        let path = format!("/v1/payment_intents/{id}?expand%5B%5D=latest_charge");
        match self.call(Method::GET, &path, None, &[]).await {
            Outcome::Done(body) => serde_json::from_slice(&body).ok(),
            Outcome::Refused(_) | Outcome::Unknown => None,
        }
    }

    /// Changes an intent. If the provider refuses, the state of the intent is the answer.
    async fn change(&self, id: &str, to: &str) -> Answer {
        match self.post(&format!("/v1/payment_intents/{id}/{to}"), None, &[]).await {
            Outcome::Refused(Refusal { code, payment_intent: Some(intent), .. }) => {
                tracing::warn!(to, code, intent = intent.id, status = intent.status, "the provider refused a change");
                self.answer(&intent)
            }
            Outcome::Refused(_) => self.intent(id).await.map_or(Answer::Unknown, |intent| self.answer(&intent)),
            outcome => self.read(outcome),
        }
    }

    fn read(&self, outcome: Outcome) -> Answer {
        let Outcome::Done(body) = outcome else { return Answer::Unknown };
        serde_json::from_slice::<Intent>(&body).map_or(Answer::Unknown, |intent| self.answer(&intent))
    }

    /// The answer that an intent gives. How the customer approves it is sealed at once.
    fn answer(&self, intent: &Intent) -> Answer {
        let Some(action) = intent.next_action() else { return intent.answer() };
        match self.sealer.seal(NEXT_ACTION, &action) {
            Ok(action) => Answer::ActionRequired { intent: intent.id.clone(), action },
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the customer's action could not be sealed");
                Answer::Unknown
            }
        }
    }

    async fn post(&self, path: &str, key: Option<&str>, form: &[(&str, &str)]) -> Outcome {
        self.call(Method::POST, path, key, form).await
    }

    async fn call(&self, method: Method, path: &str, key: Option<&str>, form: &[(&str, &str)]) -> Outcome {
        match tokio::time::timeout(TIMEOUT, self.send(method, path, key, form)).await {
            Ok(Ok((status, body))) => decide(path, status, body),
            Ok(Err(error)) => {
                tracing::warn!(path, error = &*error as &dyn std::error::Error, "the provider's answer did not come");
                Outcome::Unknown
            }
            Err(_) => {
                tracing::warn!(path, "the provider did not answer in time");
                Outcome::Unknown
            }
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        form: &[(&str, &str)],
    ) -> Result<(u16, Bytes), Box<dyn std::error::Error + Send + Sync>> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.url))
            .header(header::AUTHORIZATION, &*self.authorization)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("stripe-version", VERSION);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        self.transport.send(request.body(Bytes::from(body))?).await
    }
}

impl Transport {
    fn https() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(CONNECT_TIMEOUT));
        let https =
            HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().wrap_connector(http);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .build(https);
        Self::Https(Box::new(client))
    }

    async fn send(&self, request: Request<Bytes>) -> Result<(u16, Bytes), Box<dyn std::error::Error + Send + Sync>> {
        match self {
            Self::Https(client) => {
                let (head, body) = client.request(request.map(Full::from)).await?.into_parts();
                Ok((head.status.as_u16(), Limited::new(body, MAX_ANSWER).collect().await?.to_bytes()))
            }
            Self::Given(outbound_http) => {
                let (head, body) = outbound_http(request).await?.into_parts();
                Ok((head.status.as_u16(), body))
            }
        }
    }
}

impl std::fmt::Debug for Transport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Transport")
    }
}

/// Classifies a reply. If the request may have taken effect, or may take effect later, the outcome is unknown.
fn decide(path: &str, status: u16, body: Bytes) -> Outcome {
    if (200..300).contains(&status) {
        return Outcome::Done(body);
    }
    let refusal = serde_json::from_slice::<Failure>(&body).ok().map(|failure| failure.error);
    let (kind, code) = refusal.as_ref().map(|refusal| (refusal.r#type.as_str(), refusal.code.as_deref())).unzip();
    match refusal {
        Some(refusal) if matches!(status, 400 | 402 | 404) && kind != Some("idempotency_error") => {
            Outcome::Refused(refusal)
        }
        _ => {
            tracing::error!(path, status, kind, code = code.flatten(), "the provider did not do it");
            Outcome::Unknown
        }
    }
}
