//! The provider over HTTP, as a client sees it.

use std::{io, path::PathBuf, time::Duration};

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::oneshot,
    task::JoinHandle,
};

use crate::{Options, Webhooks, serve, webhooks::signature};

/// A provider that runs until it is stopped.
struct Running {
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<io::Result<()>>,
}

impl Running {
    async fn start(folder: Option<PathBuf>, webhooks: Option<Webhooks>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let options = Options { api_key: "sk_test".to_owned(), webhooks, folder, pages: String::new() };
        let served = tokio::spawn(async move { serve(listener, options, async { drop(stopped.await) }).await });
        Self { url, client: Client::builder(TokioExecutor::new()).build_http(), stop, served }
    }

    async fn memory() -> Self {
        Self::start(None, None).await
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.served.await.unwrap().unwrap();
    }

    /// None when there is no answer.
    async fn try_post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> Option<(StatusCode, Value)> {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = Request::post(format!("{}{path}", self.url)).header("authorization", "Bearer sk_test");
        let request = if key.is_empty() { request } else { request.header("idempotency-key", key) };
        let answer = self.client.request(request.body(Full::from(body)).unwrap()).await.ok()?;
        let (head, body) = answer.into_parts();
        Some((head.status, serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap()))
    }

    async fn post(&self, path: &str, key: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        self.try_post(path, key, form).await.expect("an answer")
    }

    async fn create(&self, key: &str, method: &str) -> Option<(StatusCode, Value)> {
        self.try_post("/v1/payment_intents", key, &intent(method)).await
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let request = Request::get(format!("{}{path}", self.url)).header("authorization", "Bearer sk_test");
        let answer = self.client.request(request.body(Full::default()).unwrap()).await.unwrap();
        let (head, body) = answer.into_parts();
        (head.status, serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap())
    }

    async fn intents(&self) -> Vec<Value> {
        self.get("/v1/payment_intents").await.1["data"].as_array().unwrap().clone()
    }

    async fn search(&self, query: &str) -> (StatusCode, Value) {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("query", query).finish();
        self.get(&format!("/v1/payment_intents/search?{query}")).await
    }
}

fn intent(method: &str) -> [(&'static str, &str); 6] {
    [
        ("amount", "1000"),
        ("currency", "eur"),
        ("payment_method", method),
        ("confirm", "true"),
        ("capture_method", "manual"),
        ("metadata[order]", "ord_1"),
    ]
}

fn path(intent: &Value, call: &str) -> String {
    format!("/v1/payment_intents/{}/{call}", intent["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_hold_is_captured_and_given_back_in_parts() {
    let provider = Running::memory().await;
    let (status, held) = provider.create("k1", "pm_card_visa").await.unwrap();
    assert_eq!((status.as_u16(), held["status"].as_str()), (200, Some("requires_capture")));
    assert_eq!((&held["amount_capturable"], held["metadata"]["order"].as_str()), (&1000.into(), Some("ord_1")));

    let (_, captured) = provider.post(&path(&held, "capture"), "", &[]).await;
    assert_eq!((captured["status"].as_str(), &captured["amount_received"]), (Some("succeeded"), &1000.into()));
    let (status, error) = provider.post(&path(&held, "cancel"), "", &[]).await;
    assert_eq!((status.as_u16(), error["error"]["code"].as_str()), (400, Some("payment_intent_unexpected_state")));
    assert_eq!(error["error"]["payment_intent"]["status"], "succeeded");

    let part = [("payment_intent", held["id"].as_str().unwrap()), ("amount", "600")];
    assert_eq!(provider.post("/v1/refunds", "r1", &part).await.1["status"], "succeeded");
    assert_eq!(provider.post("/v1/refunds", "r1", &part).await.0, 200);
    let (status, error) = provider.post("/v1/refunds", "r2", &part).await;
    assert_eq!((status.as_u16(), error["error"]["code"].as_str()), (400, Some("amount_too_large")));
}

#[tokio::test]
async fn intents_are_found_by_a_value_of_their_metadata() {
    let provider = Running::memory().await;
    let (_, held) = provider.create("k1", "pm_card_visa").await.unwrap();
    let (status, found) = provider.search("metadata['order']:'ord_1'").await;
    assert_eq!((status.as_u16(), &found["data"]), (200, &Value::from(vec![held])));
    for other in ["metadata['order']:'ord_2'", "metadata['order']:'ord_'", "metadata['refund']:'ord_1'"] {
        assert_eq!(provider.search(other).await.1["data"], Value::from(Vec::<Value>::new()), "{other}");
    }
    for wrong in ["status:'succeeded'", "metadata['order']:'ord_1", "metadata['order']"] {
        let (status, error) = provider.search(wrong).await;
        assert_eq!((status.as_u16(), &error["error"]["code"]), (400, &"parameter_invalid".into()), "{wrong}");
    }
}

#[tokio::test]
async fn what_is_refused_once_is_done_the_next_time() {
    let provider = Running::memory().await;
    let (_, held) = provider.create("k1", "pm_sandbox_refusing").await.unwrap();
    let (status, error) = provider.post(&path(&held, "capture"), "", &[]).await;
    assert_eq!((status.as_u16(), &error["error"]["payment_intent"]["status"]), (400, &"requires_capture".into()));
    assert_eq!(provider.post(&path(&held, "capture"), "", &[]).await.1["status"], "succeeded");
    let all = [("payment_intent", held["id"].as_str().unwrap())];
    assert_eq!(provider.post("/v1/refunds", "r1", &all).await.0, 400);
    assert_eq!(provider.post("/v1/refunds", "r1", &all).await.0, 400, "the key stands for the first answer");
    assert_eq!(provider.post("/v1/refunds", "r2", &all).await.0, 200);
}

#[tokio::test]
async fn a_declined_card_says_why() {
    let provider = Running::memory().await;
    let (status, answer) = provider.create("k1", "pm_card_chargeDeclined").await.unwrap();
    let error = &answer["error"];
    assert_eq!((status.as_u16(), error["type"].as_str()), (402, Some("card_error")));
    assert_eq!(
        (error["code"].as_str(), error["decline_code"].as_str()),
        (Some("card_declined"), Some("generic_decline"))
    );
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
}

#[tokio::test]
async fn a_key_stands_for_one_request() {
    let provider = Running::memory().await;
    let first = provider.create("k1", "pm_card_visa").await.unwrap();
    assert_eq!(provider.create("k1", "pm_card_visa").await.unwrap(), first);
    let (status, other) = provider.create("k1", "pm_card_mastercard").await.unwrap();
    assert_eq!((status.as_u16(), other["error"]["type"].as_str()), (400, Some("idempotency_error")));
    assert_eq!(provider.intents().await.len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_given_to_the_next_try() {
    let provider = Running::memory().await;
    assert_eq!(provider.create("k1", "pm_sandbox_timeout").await, None);
    assert_eq!(provider.create("k1", "pm_sandbox_timeout").await.unwrap().0, 200);
    assert_eq!(provider.intents().await.len(), 1);
}

#[tokio::test]
async fn who_cannot_be_reached_charges_nothing() {
    let provider = Running::memory().await;
    for _ in 0..3 {
        assert_eq!(provider.create("k1", "pm_sandbox_unreachable").await, None);
    }
    assert_eq!(provider.intents().await.len(), 0);
}

#[tokio::test]
async fn wrong_requests_are_refused_as_stripe_does() {
    let provider = Running::memory().await;
    let code =
        |(status, body): (StatusCode, Value)| (status.as_u16(), body["error"]["code"].as_str().map(str::to_owned));
    let surplus = [&intent("pm_card_visa")[..], &[("colour", "red")]].concat();
    let refused = provider.post("/v1/payment_intents", "", &surplus).await;
    assert_eq!(code(refused), (400, Some("parameter_unknown".to_owned())));
    let refused = provider.post("/v1/payment_intents", "", &intent("pm_card_visa")[1..]).await;
    assert_eq!(code(refused), (400, Some("parameter_missing".to_owned())));
    let refused = provider.create("", "no_such_method").await.unwrap();
    assert_eq!(code(refused), (400, Some("resource_missing".to_owned())));
    let refused = provider.post("/v1/nothing", "", &[]).await;
    assert_eq!(code(refused), (404, Some("resource_missing".to_owned())));
    let anonymous = Request::get(format!("{}/v1/payment_intents", provider.url)).body(Full::default()).unwrap();
    assert_eq!(provider.client.request(anonymous).await.unwrap().status(), 401);
}

#[tokio::test]
async fn what_was_done_survives_a_crash_even_with_a_torn_last_line() {
    let folder = std::env::temp_dir().join(format!("souk-sandbox-{}", uuid::Uuid::new_v4().simple()));
    let provider = Running::start(Some(folder.clone()), None).await;
    let first = provider.create("k1", "pm_card_visa").await.unwrap();
    assert_eq!(provider.create("k2", "pm_sandbox_timeout").await, None);
    provider.stop().await;
    let journal = folder.join("payment-provider.jsonl");
    let kept = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, kept + "{\"intents\":[{\"id\":\"pi_torn").unwrap();

    let provider = Running::start(Some(folder.clone()), None).await;
    assert_eq!(provider.create("k1", "pm_card_visa").await.unwrap(), first);
    assert_eq!(provider.create("k2", "pm_sandbox_timeout").await.unwrap().0, 200);
    assert_eq!(provider.intents().await.len(), 2);
    provider.stop().await;
    std::fs::remove_dir_all(folder).unwrap();
}

/// Takes webhooks: answers each with the next status, and tells what came.
async fn receive(listener: &TcpListener, status: u16) -> (String, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
    let (head, body) = loop {
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "the connection was closed too early");
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && head.lines().any(|line| line == format!("content-length: {}", body.len()))
        {
            break (head.to_owned(), body.to_owned());
        }
    };
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    let signed = head.lines().find_map(|line| line.strip_prefix("stripe-signature: ")).unwrap().to_owned();
    (signed, body)
}

#[tokio::test]
async fn webhooks_are_signed_and_sent_until_they_are_taken() {
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/webhooks/payments", receiver.local_addr().unwrap());
    let to = Webhooks { url, secret: "whsec_test".to_owned(), events: &["payment_intent.amount_capturable_updated"] };
    let provider = Running::start(None, Some(to)).await;
    // A decline is reported by an event that the endpoint does not subscribe to.
    provider.create("k0", "pm_card_chargeDeclined").await;
    let (_, held) = provider.create("k1", "pm_card_visa").await.unwrap();
    let (_, refused) = receive(&receiver, 503).await;
    let (signed, taken) = tokio::time::timeout(Duration::from_mins(1), receive(&receiver, 200)).await.unwrap();
    assert_eq!(refused, taken);
    let time = signed.strip_prefix("t=").and_then(|rest| rest.split(',').next()).unwrap().parse().unwrap();
    assert_eq!(signed, signature("whsec_test", time, &taken));
    let event: Value = serde_json::from_str(&taken).unwrap();
    assert_eq!(event["type"], "payment_intent.amount_capturable_updated");
    assert_eq!(event["data"]["object"]["id"], held["id"]);
}

#[tokio::test]
async fn a_dispute_opens_with_the_capture_and_is_won_with_evidence() {
    let receiver = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", receiver.local_addr().unwrap());
    let provider = Running::start(None, Some(Webhooks { url, secret: "whsec_test".to_owned(), events: &[] })).await;
    let (_, held) = provider.create("k1", "pm_sandbox_dispute").await.unwrap();
    provider.post(&path(&held, "capture"), "", &[]).await;
    let mut events = Vec::new();
    for _ in 0..3 {
        events.push(serde_json::from_str::<Value>(&receive(&receiver, 200).await.1).unwrap());
    }
    let opened = events.iter().find(|event| event["type"] == "charge.dispute.created").unwrap();
    let dispute = &opened["data"]["object"];
    assert_eq!((dispute["payment_intent"].clone(), dispute["amount"].clone()), (held["id"].clone(), 1000.into()));
    let evidence = [("evidence[uncategorized_text]", "winning_evidence")];
    let (_, won) = provider.post(&format!("/v1/disputes/{}", dispute["id"].as_str().unwrap()), "", &evidence).await;
    assert_eq!(won["status"], "won");
    let closed: Value = serde_json::from_str(&receive(&receiver, 200).await.1).unwrap();
    assert_eq!(closed["type"], "charge.dispute.closed");
}
