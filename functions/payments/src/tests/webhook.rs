use std::time::Duration;

use jiff::Timestamp;
use ring::hmac;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::{
    operations::{apply_webhook::function as apply_webhook, receive_webhook::function as receive_webhook},
    webhook::SUBSCRIBED,
};

const SECRET: &str = "whsec_this-is-the-current-one-of-two";
const PREVIOUS: &str = "whsec_this-is-the-previous-one-of-two";

/// A shop that receives webhooks into its queue.
pub(super) struct Desk {
    pub(super) shop: Shop,
    harness: Harness,
    queue: String,
}

impl Desk {
    async fn open() -> Self {
        Self::of(Shop::open().await).await
    }

    async fn of(shop: Shop) -> Self {
        let made = shop.harness.env().sqs().create_queue().queue_name("webhooks").send().await.unwrap();
        let queue = made.queue_url.unwrap();
        let harness = shop.harness.clone().with_variable("STRIPE_WEBHOOK_SECRET", SECRET);
        let harness = harness.with_variable("STRIPE_WEBHOOK_SECRET_PREVIOUS", PREVIOUS);
        let harness = harness.with_variable("WEBHOOK_QUEUE_URL", &queue);
        Self { shop, harness, queue }
    }

    /// A desk to which the provider delivers; the clock is the real one, by which it signs.
    #[expect(clippy::disallowed_methods, reason = "the provider signs by the real clock")]
    pub(super) async fn with_webhooks() -> (Self, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let shop = Shop::reporting_to(Some(sandbox::Webhooks { url, secret: SECRET.to_owned(), events: &[] })).await;
        let desk = Self::of(shop).await;
        desk.harness.advance(Timestamp::now().duration_since(START));
        (desk, listener)
    }

    /// Receives a number of webhooks from the provider, and passes them to the function.
    pub(super) async fn receive_delivered(&self, listener: &TcpListener, many: usize) -> Vec<Value> {
        let mut events = Vec::new();
        for _ in 0..many {
            let body = delivered(listener).await.1;
            // The signature has the time of the real clock, and the test's clock may be later.
            assert_eq!(self.receive_signed(&body).await.status, 200);
            events.push(serde_json::from_str(&body).unwrap());
        }
        events
    }

    async fn receive(&self, signature: &str, body: &str) -> Answer {
        let request = Request::new("POST", "/v1/webhooks/payments").header("stripe-signature", signature).body(body);
        self.harness.call(receive_webhook, request).await
    }

    async fn receive_signed(&self, body: &str) -> Answer {
        self.receive(&signed(SECRET, self.harness.now(), body), body).await
    }

    /// The messages in the queue.
    async fn queued(&self) -> Vec<Value> {
        let receive = self.harness.env().sqs().receive_message().queue_url(&self.queue).max_number_of_messages(10);
        let messages = receive.send().await.unwrap().messages.unwrap_or_default();
        messages.iter().map(|message| serde_json::from_str(message.body().unwrap()).unwrap()).collect()
    }

    /// Applies the messages in the queue.
    pub(super) async fn apply_queued(&self) {
        self.apply_queued_with(&self.harness).await;
    }

    pub(super) async fn apply_queued_with(&self, harness: &Harness) {
        for notice in self.queued().await {
            let id = harness.context().ids.next::<contracts::EventId>().uuid();
            harness.message(apply_webhook, id, &notice).await.unwrap();
        }
    }
}

fn signed(secret: &str, at: Timestamp, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{}.{body}", at.as_second()).as_bytes());
    let hex: Vec<_> = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={},v1={}", at.as_second(), hex.concat())
}

fn event(kind: &str, object: &Value) -> String {
    json!({"id": "evt_1", "object": "event", "type": kind, "data": {"object": object}}).to_string()
}

fn intent(number: u128, status: &str) -> Value {
    json!({
        "id": "pi_1", "object": "payment_intent", "status": status, "amount": 1000, "amount_received": 0,
        "payment_method": "pm_card_visa", "receipt_email": "ada@example.com", "metadata": {"order": order(number)},
        "last_payment_error": null,
    })
}

#[tokio::test]
async fn a_signed_webhook_goes_into_the_queue_without_the_customer() {
    let desk = Desk::open().await;
    desk.shop.authorize(1, "pm_card_visa").await;
    let answer = desk.receive_signed(&event("payment_intent.canceled", &intent(1, "canceled"))).await;
    assert_eq!((answer.status, answer.json), (200, json!({"received": true})));
    let queued = desk.queued().await;
    assert_eq!((queued.len(), &queued[0]["about"]["intent"]["id"]), (1, &json!("pi_1")));
    assert!(["ada@", "pm_card"].iter().all(|secret| !queued[0].to_string().contains(secret)), "{queued:?}");
}

#[tokio::test]
async fn what_is_not_signed_with_our_secret_now_is_refused() {
    let desk = Desk::open().await;
    let (now, body) = (desk.harness.now(), event("payment_intent.canceled", &intent(1, "canceled")));
    let ago = |seconds| now - SignedDuration::from_secs(seconds);
    let holds = signed(SECRET, now, &body);
    for (signature, problem) in [
        (String::new(), "invalid-signature"),
        ("t=,v1=".to_owned(), "invalid-signature"),
        (signed("whsec_other", now, &body), "invalid-signature"),
        (signed(SECRET, now, "other"), "invalid-signature"),
        (holds.replace("v1=", "v0="), "invalid-signature"),
        (format!("t={},{}", ago(1).as_second(), holds.split_once(',').unwrap().1), "invalid-signature"),
        (signed(SECRET, ago(301), &body), "stale-signature"),
        (signed(SECRET, ago(-301), &body), "stale-signature"),
    ] {
        let answer = desk.receive(&signature, &body).await;
        assert_eq!((answer.status, answer.problem()), (400, problem), "{signature}");
    }
    let unsigned = Request::new("POST", "/v1/webhooks/payments").body(body.clone());
    assert_eq!(desk.harness.call(receive_webhook, unsigned).await.status, 400);
    assert_eq!(desk.receive_signed("no event").await.problem(), "malformed-webhook");
    assert!(desk.queued().await.is_empty());
}

#[tokio::test]
async fn while_the_secret_rotates_both_hold() {
    let desk = Desk::open().await;
    let (now, body) = (desk.harness.now(), event("charge.updated", &json!({})));
    let old = signed(PREVIOUS, now, &body);
    let both = format!("{old},v1={}", signed(SECRET, now, &body).rsplit('=').next().unwrap());
    for signature in [old, both, signed(SECRET, now - SignedDuration::from_secs(299), &body)] {
        assert_eq!(desk.receive(&signature, &body).await.status, 200);
    }
    assert!(desk.queued().await.is_empty(), "what says nothing is not queued");
}

#[tokio::test]
async fn a_hold_that_lapses_is_learned_from_its_webhook_once() {
    let desk = Desk::open().await;
    desk.shop.authorize(1, "pm_card_visa").await;
    for _ in 0..2 {
        desk.receive_signed(&event("payment_intent.canceled", &intent(1, "canceled"))).await;
    }
    desk.apply_queued().await;
    assert_eq!(desk.shop.status(1).await, "voided");
    assert_eq!(desk.shop.harness.event_names().await, ["PaymentAuthorized.v1", "PaymentVoided.v1"]);
}

#[tokio::test]
async fn an_outcome_that_a_call_answers_is_accepted_and_not_queued() {
    let desk = Desk::open().await;
    for number in 1..=2 {
        desk.shop.authorize(number, "pm_card_visa").await;
    }
    desk.shop.cancel(2).await;
    for (kind, intent) in [
        ("amount_capturable_updated", intent(1, "requires_capture")),
        ("canceled", intent(2, "canceled")),
        ("canceled", intent(3, "canceled")),
        ("succeeded", intent(1, "succeeded")),
        ("created", intent(1, "requires_payment_method")),
    ] {
        let body = event(&format!("payment_intent.{kind}"), &intent);
        assert_eq!(desk.receive_signed(&body).await.status, 200);
        assert_eq!(desk.receive(&signed("whsec_other", desk.harness.now(), &body), &body).await.status, 400);
    }
    assert!(desk.queued().await.is_empty());
}

#[test]
fn the_readme_names_the_events_that_the_endpoint_subscribes_to() {
    let readme = include_str!("../../README.md");
    let missing: Vec<_> = SUBSCRIBED.iter().filter(|event| !readme.contains(&format!("`{event}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test]
async fn a_late_webhook_changes_nothing() {
    let desk = Desk::open().await;
    desk.shop.authorize(1, "pm_card_visa").await;
    desk.shop.cancel(1).await;
    desk.receive_signed(&event("payment_intent.canceled", &intent(1, "canceled"))).await;
    desk.apply_queued().await;
    assert_eq!((desk.shop.status(1).await.as_str(), desk.shop.stated("PaymentVoided.v1").await), ("voided", 1));
}

#[tokio::test]
async fn a_webhook_about_others_is_passed_over() {
    let desk = Desk::open().await;
    let mut foreign = intent(1, "canceled");
    foreign["metadata"] = json!({"order": "6735"});
    desk.receive_signed(&event("payment_intent.canceled", &foreign)).await;
    desk.receive_signed(&event("payment_intent.canceled", &intent(1, "canceled"))).await;
    desk.apply_queued().await;
    assert_eq!(desk.shop.harness.event_names().await.len(), 0);
}

#[tokio::test]
async fn what_a_bank_lets_go_of_after_the_cancellation_goes_back_to_the_customer() {
    let desk = Desk::open().await;
    desk.shop.authorize(1, "pm_card_visa").await;
    desk.shop.dispatch(1).await;
    let intent = desk.shop.intents().await[0]["id"].clone();
    let opened = json!({"intent": intent, "dispute": "dp_1", "amount": 1000, "reason": "fraudulent"});
    let closed = json!({"intent": intent, "dispute": "dp_1", "amount": 1000, "reason": "fraudulent", "won": true});
    let hear = async |number, about| {
        let notice = json!({"id": "evt", "about": about});
        desk.harness.message(apply_webhook, Uuid::from_u128(number), &notice).await.unwrap();
    };
    hear(700, json!({"disputeOpened": opened})).await;
    desk.shop.cancel(1).await;
    assert_eq!(desk.shop.stated("RefundIssued.v1").await, 0, "the bank has the money");
    hear(701, json!({"disputeClosed": closed})).await;
    assert_eq!(desk.shop.stated("RefundIssued.v1").await, 1);
}

#[tokio::test]
async fn a_chargeback_of_which_only_the_end_is_told_is_booked_whole() {
    let desk = Desk::open().await;
    desk.shop.authorize(1, "pm_card_visa").await;
    desk.shop.dispatch(1).await;
    let intent = desk.shop.intents().await[0]["id"].clone();
    let dispute = json!({
        "id": "dp_1", "object": "dispute", "payment_intent": intent, "amount": 1000, "reason": "fraudulent", "status": "lost",
    });
    desk.receive_signed(&event("charge.dispute.closed", &dispute)).await;
    desk.apply_queued().await;
    let events = desk.shop.harness.events().await;
    let [.., opened, closed] = &events[..] else { panic!("{events:?}") };
    assert_eq!((opened.name.as_str(), closed.name.as_str()), ("ChargebackOpened.v1", "ChargebackClosed.v1"));
    let [opened, closed] = [opened, closed].map(|event| serde_json::from_str::<Value>(&event.detail).unwrap());
    assert_eq!((&opened["data"]["amount"]["amount"], &opened["data"]["reason"]), (&json!(1000), &json!("fraudulent")));
    assert_eq!(closed["data"]["won"], false);
}

#[tokio::test]
async fn a_secret_that_was_never_set_signs_nothing() {
    let desk = Desk::open().await;
    let (now, body) = (desk.harness.now(), event("charge.updated", &json!({})));
    let harness = desk.harness.clone().with_variable("STRIPE_WEBHOOK_SECRET_PREVIOUS", "none");
    let desk = Desk { harness, ..desk };
    assert_eq!(desk.receive(&signed("none", now, &body), &body).await.problem(), "invalid-signature");
    assert_eq!(desk.receive(&signed(SECRET, now, &body), &body).await.status, 200);
    let unset = desk.harness.clone().with_variable("STRIPE_WEBHOOK_SECRET", "to-be-set");
    assert!(receive_webhook().start(unset.env()).is_err());
}

/// Answers one webhook of the sandbox with 200, and returns it.
async fn delivered(listener: &TcpListener) -> (String, String) {
    let (mut stream, _) = tokio::time::timeout(Duration::from_mins(1), listener.accept()).await.unwrap().unwrap();
    let (mut request, mut chunk) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut chunk).await.unwrap();
        assert!(read > 0, "the connection was closed too early");
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && head.lines().any(|line| line == format!("content-length: {}", body.len()))
        {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
            let signature = head.lines().find_map(|line| line.strip_prefix("stripe-signature: ")).unwrap();
            return (signature.to_owned(), body.to_owned());
        }
    }
}

#[tokio::test]
async fn a_chargeback_arrives_by_the_providers_own_webhooks() {
    let (desk, listener) = Desk::with_webhooks().await;
    desk.shop.authorize(1, "pm_sandbox_dispute").await;
    // The reply to the capture is lost. Its webhooks report the capture.
    desk.shop.cut_off.consume(capture_payment, dispatched(1)).await.unwrap();
    desk.shop.dispatch(1).await;
    desk.shop.sweep().await;
    desk.harness.advance(-SignedDuration::from_hours(2));
    for _ in 0..3 {
        let (signature, body) = delivered(&listener).await;
        assert_eq!(desk.receive(&signature, &body).await.status, 200);
    }
    desk.apply_queued().await;
    let payment = desk.shop.payment(1).await;
    assert_eq!((&payment["status"], &payment["transactions"][2]["type"]), (&json!("captured"), &json!("chargeback")));
    let names = desk.shop.harness.event_names().await;
    assert_eq!(names, ["PaymentAuthorized.v1", "PaymentCaptured.v1", "ChargebackOpened.v1"]);
}
