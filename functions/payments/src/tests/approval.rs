use contracts::events::payments::PaymentActionRequired;
use serde_json::json;

use super::{webhook::Desk, *};
use crate::operations::confirm_payment::function as confirm_payment;

const METHOD: &str = "pm_sandbox_3ds";

impl Shop {
    /// The payment, as its customer sees it.
    async fn own_payment(&self, number: u128) -> Value {
        let answer = self.harness.call(get_payment, get(number).from(user(2), &[Role::Customer])).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json
    }

    /// The customer decides on the bank's page.
    async fn decide(&self, number: u128, decision: &str) {
        let page = self.own_payment(number).await["nextAction"]["url"].as_str().unwrap().to_owned();
        assert_eq!(decided(&page, decision).await, 200);
    }

    async fn confirm(&self, harness: &Harness, number: u128) -> Answer {
        let id = PaymentId::from(Uuid::from_u128(number));
        let request = Request::new("POST", &format!("/v1/payments/{id}/confirmation")).parameter("paymentId", id);
        harness.call(confirm_payment, request.from(user(2), &[Role::Customer]).json(&json!({}))).await
    }
}

/// Sends a decision to the bank's page, and returns the status.
async fn decided(page: &str, decision: &str) -> u16 {
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let request = http::Request::post(page).header("content-type", "application/json");
    let body = json!({"decision": decision}).to_string();
    client.request(request.body(body.into()).unwrap()).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_customer_alone_sees_how_to_approve_a_payment() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    let action = shop.own_payment(1).await["nextAction"].clone();
    assert_eq!(action["type"], "redirect_to_url");
    assert!(action["url"].as_str().unwrap().contains("/_souk/3ds/pi_"), "{action}");
    assert_eq!(action["expiresAt"], json!(Time::from(START + SignedDuration::from_mins(15))));
    let payment = shop.payment(1).await;
    assert_eq!((&payment["status"], payment.get("nextAction")), (&json!("action-required"), None));

    let secret = action["clientSecret"].as_str().unwrap();
    let events = shop.harness.events().await;
    let required: contracts::Envelope<PaymentActionRequired> = events[0].envelope().unwrap();
    assert_eq!(required.data.order, order(1));
    assert!(events.iter().all(|event| !event.detail.contains(secret) && !event.detail.contains("3ds")));
}

#[tokio::test]
async fn a_payment_is_authorized_once_the_customer_has_approved_it() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    let undecided = shop.confirm(&shop.harness, 1).await;
    assert_eq!((undecided.status, &undecided.json["status"]), (200, &json!("action-required")));
    shop.decide(1, "approve").await;
    let confirmed = shop.confirm(&shop.harness, 1).await;
    assert_eq!((&confirmed.json["status"], confirmed.json.get("nextAction")), (&json!("authorized"), None));
    let again = shop.confirm(&shop.harness, 1).await;
    assert_eq!((again.status, &again.json), (200, &confirmed.json));
    assert_eq!(shop.stated("PaymentAuthorized.v1").await, 1);
}

#[tokio::test]
async fn a_payment_is_declined_once_the_customer_has_refused_it() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    shop.decide(1, "refuse").await;
    let refused = shop.confirm(&shop.harness, 1).await;
    assert_eq!((&refused.json["status"], refused.headers["etag"].as_str()), (&json!("declined"), "\"3\""));
    assert_eq!(refused.json, shop.own_payment(1).await, "the reply is what is stored");
    let events = shop.harness.events().await;
    assert!(events[1].detail.contains("payment_intent_authentication_failure"), "{}", events[1].detail);
}

#[tokio::test]
async fn a_payment_that_was_refused_cannot_be_approved_any_more() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    let page = shop.own_payment(1).await["nextAction"]["url"].as_str().unwrap().to_owned();
    assert_eq!(decided(&page, "refuse").await, 200);
    assert_eq!(shop.charges().await, charge("requires_payment_method", 0), "it can still be paid");
    shop.confirm(&shop.harness, 1).await;
    assert_eq!(shop.charges().await, charge("requires_payment_method", 0), "the confirmation does not wait for it");
    shop.sweep().await;
    assert_eq!((shop.status(1).await, shop.charges().await), ("declined".to_owned(), charge("canceled", 0)));
    assert_eq!(decided(&page, "approve").await, 409, "too late");
    shop.cancel(1).await;
    shop.sweep().await;
    assert_eq!(shop.harness.event_names().await, ["PaymentActionRequired.v1", "PaymentDeclined.v1"]);
}

#[tokio::test]
async fn a_payment_whose_refusal_is_reported_is_withdrawn_at_once_or_later_if_the_provider_does_not_answer() {
    for (is_reached, status) in [(true, "canceled"), (false, "requires_payment_method")] {
        let (desk, listener) = Desk::with_webhooks().await;
        let shop = &desk.shop;
        shop.authorize(1, METHOD).await;
        shop.decide(1, "refuse").await;
        desk.receive_delivered(&listener, 2).await;
        desk.apply_queued_with(if is_reached { &shop.harness } else { &shop.cut_off }).await;
        assert_eq!((shop.status(1).await, shop.charges().await), ("declined".to_owned(), charge(status, 0)));
        shop.sweep().await;
        assert_eq!(shop.charges().await, charge("canceled", 0));
    }
}

#[tokio::test]
async fn how_to_approve_a_payment_is_hidden_once_it_is_too_late() {
    let shop = Shop::open().await;
    let deadline = START + SignedDuration::from_mins(5);
    let reserved = OrderReserved { deadline, ..shop.reserved(1, METHOD) };
    shop.harness.consume(authorize_payment, reserved).await.unwrap();
    shop.authorize(2, METHOD).await;
    assert_eq!(shop.own_payment(1).await["nextAction"]["expiresAt"], json!(Time::from(deadline)));
    shop.cut_off.consume(void_or_refund, cancelled(2)).await.unwrap();
    shop.harness.advance(SignedDuration::from_mins(5));
    for (number, why) in [(1, "the order does not wait any longer"), (2, "the order is cancelled")] {
        let payment = shop.own_payment(number).await;
        assert_eq!((&payment["status"], payment.get("nextAction")), (&json!("action-required"), None), "{why}");
        let listed = shop.harness.call(list_payments, list(number).from(user(2), &[Role::Customer])).await;
        assert_eq!(items(&listed), [payment]);
    }
}

#[tokio::test]
async fn a_dispatch_before_the_approval_is_carried_out_after_it() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    shop.dispatch(1).await;
    shop.decide(1, "approve").await;
    assert_eq!(shop.confirm(&shop.harness, 1).await.json["status"], "authorized");
    shop.sweep().await;
    assert_eq!(shop.status(1).await, "captured");
}

#[tokio::test]
async fn nothing_is_decided_while_the_provider_does_not_answer() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    shop.decide(1, "approve").await;
    let answer = shop.confirm(&shop.cut_off, 1).await;
    assert_eq!((answer.status, &answer.json["status"]), (200, &json!("action-required")));
}

#[tokio::test]
async fn only_the_customer_and_support_confirm_a_payment() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    let id = PaymentId::from(Uuid::from_u128(1));
    let request = Request::new("POST", &format!("/v1/payments/{id}/confirmation")).parameter("paymentId", id);
    let stranger = request.from(user(3), &[Role::Customer]).json(&json!({}));
    assert_eq!(shop.harness.call(confirm_payment, stranger).await.status, 404);
}

#[tokio::test]
async fn an_approval_without_a_confirmation_is_found_when_the_time_is_over() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    shop.decide(1, "approve").await;
    shop.harness.tick(resolve_unknown).await;
    assert_eq!(shop.status(1).await, "action-required", "the time is not over");
    shop.harness.advance(SignedDuration::from_secs(901));
    shop.harness.tick(resolve_unknown).await;
    assert_eq!(shop.status(1).await, "authorized");
}

#[tokio::test]
async fn a_cancelled_order_withdraws_the_payment_that_waits_for_approval() {
    let shop = Shop::open().await;
    shop.authorize(1, METHOD).await;
    let page = shop.own_payment(1).await["nextAction"]["url"].as_str().unwrap().to_owned();
    shop.cancel(1).await;
    assert_eq!((shop.status(1).await, shop.charges().await), ("voided".to_owned(), charge("canceled", 0)));
    assert_eq!(decided(&page, "approve").await, 409, "too late");
}

#[tokio::test]
async fn a_webhook_reports_the_approval() {
    let (desk, listener) = Desk::with_webhooks().await;
    desk.shop.authorize(1, METHOD).await;
    desk.receive_delivered(&listener, 1).await;
    desk.apply_queued().await;
    assert_eq!(desk.shop.status(1).await, "action-required");
    desk.shop.decide(1, "approve").await;
    let told = desk.receive_delivered(&listener, 1).await;
    assert_eq!(told[0]["type"], "payment_intent.amount_capturable_updated");
    desk.apply_queued().await;
    assert_eq!(desk.shop.status(1).await, "authorized");
}

#[tokio::test]
async fn a_payment_without_a_page_to_return_to_is_handled_by_the_providers_script() {
    let shop = Shop::open().await;
    let url = "https://shop.example/orders";
    let sealed = shop.harness.env().sealer().unwrap().seal(contracts::sealed_for::RETURN_URL, &url.to_owned()).unwrap();
    let reserved = OrderReserved { return_url: Some(sealed), ..shop.reserved(1, METHOD) };
    shop.harness.consume(authorize_payment, reserved).await.unwrap();
    shop.authorize(2, METHOD).await;
    let urls: Vec<_> = shop.intents().await.iter().map(|intent| intent["return_url"].clone()).collect();
    assert!(urls.contains(&json!(url)) && urls.contains(&Value::Null), "{urls:?}");
}
