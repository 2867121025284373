use futures::future::join_all;
use serde_json::json;

use super::*;
use crate::operations::refund_payment::function as refund_payment;

fn refund(number: u128, amount: i64) -> Request {
    let id = PaymentId::from(Uuid::from_u128(number));
    Request::new("POST", &format!("/v1/payments/{id}/refunds"))
        .from(user(9), &[Role::Support])
        .parameter("paymentId", id)
        .json(&json!({"amount": eur(amount), "reason": "arrived broken"}))
}

async fn captured(method: &str) -> Shop {
    let shop = Shop::open().await;
    shop.authorize(1, method).await;
    shop.dispatch(1).await;
    shop
}

async fn refunded(shop: &Shop) -> (String, i64) {
    let payment = shop.payment(1).await;
    (payment["status"].as_str().unwrap().to_owned(), payment["refunded"]["amount"].as_i64().unwrap())
}

#[tokio::test]
async fn money_is_given_back_in_parts() {
    let shop = captured("pm_card_visa").await;
    let answer = shop.harness.call(refund_payment, refund(1, 400)).await;
    assert_eq!((answer.status, &answer.json["amount"]["amount"]), (201, &json!(400)), "{answer:?}");
    assert_eq!(refunded(&shop).await, ("captured".to_owned(), 400));
    assert_eq!(shop.harness.call(refund_payment, refund(1, 600)).await.status, 201);
    assert_eq!(refunded(&shop).await, ("refunded".to_owned(), 1000));
    assert_eq!(shop.stated("RefundIssued.v1").await, 2);
}

#[tokio::test]
async fn a_repeated_request_gives_back_once() {
    let shop = captured("pm_sandbox_flaky").await;
    let request = refund(1, 400);
    let first = shop.harness.call(refund_payment, request.clone()).await;
    let again = shop.harness.call(refund_payment, request).await;
    assert_eq!((again.status, &again.json), (201, &first.json));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(refunded(&shop).await, ("captured".to_owned(), 400));
}

#[tokio::test]
async fn more_than_is_left_is_refused_even_at_once() {
    let shop = captured("pm_card_visa").await;
    let answer = shop.harness.call(refund_payment, refund(1, 1001)).await;
    assert_eq!((answer.status, answer.problem()), (409, "refund-too-large"));
    let refunds = (0..5).map(|_| shop.harness.call(refund_payment, refund(1, 400)));
    let made = join_all(refunds).await.into_iter().filter(|answer| answer.status == 201).count();
    shop.sweep().await;
    assert_eq!((made, refunded(&shop).await), (2, ("captured".to_owned(), 800)));
}

#[tokio::test]
async fn a_refund_that_the_provider_does_not_answer_is_made_up_for() {
    let shop = captured("pm_card_visa").await;
    assert_eq!(shop.cut_off.call(refund_payment, refund(1, 400)).await.status, 201);
    assert_eq!(refunded(&shop).await.1, 0);
    shop.sweep().await;
    assert_eq!(refunded(&shop).await.1, 400);
}

#[tokio::test]
async fn what_was_not_taken_cannot_be_given_back() {
    let shop = Shop::open().await;
    assert_eq!(shop.harness.call(refund_payment, refund(1, 1)).await.status, 404);
    shop.authorize(1, "pm_card_visa").await;
    let answer = shop.harness.call(refund_payment, refund(1, 1)).await;
    assert_eq!((answer.status, answer.problem()), (409, "not-captured"));
}

#[tokio::test]
async fn only_support_gives_money_back() {
    let shop = captured("pm_card_visa").await;
    for role in [Role::Customer, Role::Merchant, Role::Courier, Role::Guest] {
        let answer = shop.harness.call(refund_payment, refund(1, 400).from(user(2), &[role])).await;
        assert_eq!(answer.status, 403, "{role}");
    }
    assert_eq!(shop.harness.call(refund_payment, refund(1, 400).from(user(8), &[Role::Admin])).await.status, 201);
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let shop = captured("pm_card_visa").await;
    let answer = shop.harness.call(refund_payment, refund(1, 0).json(&json!({"amount": eur(0), "reason": ""}))).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/amount", "/reason"]));
    let yen = json!({"amount": Money::new(1, Currency::Jpy), "reason": "x"});
    let answer = shop.harness.call(refund_payment, refund(1, 0).json(&yen)).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/amount/currency"]));
}
