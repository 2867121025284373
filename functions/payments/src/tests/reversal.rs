//! Refunds that fail at first.

use super::{webhook::Desk, *};
use crate::operations::refund_payment::function as refund_payment;

/// Captures an order's payment and cancels the order, while a dispute exists that the service does not know yet.
async fn cancelled_in_dispute() -> (Desk, TcpListener) {
    let (desk, listener) = Desk::with_webhooks().await;
    desk.shop.authorize(1, "pm_sandbox_dispute").await;
    desk.shop.dispatch(1).await;
    desk.shop.cancel(1).await;
    (desk, listener)
}

#[tokio::test]
async fn what_a_dispute_kept_back_goes_to_the_customer_once_it_is_won() {
    let (desk, listener) = cancelled_in_dispute().await;
    assert_eq!(desk.shop.payment(1).await["refunded"]["amount"], 0, "the provider refuses it");
    let opened = desk.receive_delivered(&listener, 3).await;
    desk.apply_queued().await;
    assert_eq!(desk.shop.stated("ChargebackOpened.v1").await, 1);
    desk.shop.sweep().await;
    assert_eq!(desk.shop.stated("RefundIssued.v1").await, 0, "the bank has the money");

    let dispute = opened.iter().find(|event| event["type"] == "charge.dispute.created").unwrap();
    let dispute = format!("/v1/disputes/{}", dispute["data"]["object"]["id"].as_str().unwrap());
    desk.shop.post(&dispute, "evidence[uncategorized_text]=winning_evidence").await;
    desk.receive_delivered(&listener, 1).await;
    desk.apply_queued().await;
    let payment = desk.shop.payment(1).await;
    assert_eq!((&payment["status"], &payment["refunded"]["amount"]), (&"refunded".into(), &1000.into()), "{payment}");
    assert_eq!(desk.shop.stated("RefundIssued.v1").await, 1);
}

#[tokio::test]
async fn a_refund_that_fails_later_counts_as_not_given_back() {
    let (desk, listener) = Desk::with_webhooks().await;
    desk.shop.authorize(1, "pm_card_refundFail").await;
    desk.shop.dispatch(1).await;
    desk.receive_delivered(&listener, 2).await;
    let refund = || {
        let id = PaymentId::from(Uuid::from_u128(1));
        let path = format!("/v1/payments/{id}/refunds");
        let body = serde_json::json!({"amount": eur(1000), "reason": "arrived broken"});
        Request::new("POST", &path).from(user(9), &[Role::Support]).parameter("paymentId", id).json(&body)
    };
    assert_eq!(desk.shop.harness.call(refund_payment, refund()).await.status, 201);
    assert_eq!(desk.shop.status(1).await, "refunded");
    desk.receive_delivered(&listener, 2).await;
    desk.apply_queued().await;
    let payment = desk.shop.payment(1).await;
    assert_eq!((&payment["status"], &payment["refunded"]["amount"]), (&"captured".into(), &0.into()), "{payment}");
    assert_eq!(payment["transactions"][3]["type"], "refundReversed");
    assert_eq!(desk.shop.harness.call(refund_payment, refund()).await.status, 201, "it can be given back again");
}

#[tokio::test]
async fn a_cancelled_orders_refund_that_fails_later_is_made_again_a_few_times() {
    let (desk, listener) = Desk::with_webhooks().await;
    desk.shop.authorize(1, "pm_card_refundFail").await;
    desk.shop.dispatch(1).await;
    desk.receive_delivered(&listener, 2).await;
    desk.shop.cancel(1).await;
    let mut tries = 0;
    while desk.shop.status(1).await == "refunded" {
        tries += 1;
        desk.receive_delivered(&listener, 2).await;
        desk.apply_queued().await;
    }
    assert_eq!((tries, desk.shop.stated("RefundIssued.v1").await), (12, 12), "then people look at it");
}
