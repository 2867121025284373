//! One cart, one order: what was ordered leaves the cart, and returns if the order is cancelled.

use futures::future::join_all;
use local::{
    Client,
    shopper::{Shopper, made},
};
use serde_json::{Value, json};

use crate::shop::*;

async fn cart(shopper: &Shopper, path: &str) -> Value {
    made(shopper.client.get(path).await.unwrap()).unwrap()
}

/// The payment of an order once it waits for its customer, as the customer sees it.
async fn to_approve(shopper: &Shopper, order: &str) -> Value {
    let look = async || shopper.client.get(&format!("/v1/orders/{order}")).await.unwrap();
    let waiting = eventually(look, |answer| answer.json()["waitingFor"]["what"] == "customer").await.json();
    let payment = waiting["paymentId"].as_str().unwrap();
    made(shopper.client.get(&format!("/v1/payments/{payment}")).await.unwrap()).unwrap()
}

/// Sends the customer's decision to the bank's page.
async fn decide(payment: &Value, decision: &str) -> u16 {
    let page = payment["nextAction"]["url"].as_str().unwrap();
    Client::new(page).post("", &json!({"decision": decision})).await.unwrap().status
}

#[tokio::test]
async fn the_quotes_of_a_cart_become_one_order_however_many_are_confirmed_at_once() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let path = filled_cart(&buyer, &sku, 1).await;
    let quotes = join_all((0..5).map(|_| buyer.quote(&path))).await;
    let orders = quotes.iter().map(|quote| buyer.order(quote.as_ref().unwrap(), "pm_card_visa"));
    let answers: Vec<_> = join_all(orders).await.into_iter().map(Result::unwrap).collect();
    let placed: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
    let refused = answers.iter().filter(|answer| answer.json()["type"] == "/problems/cart-already-ordered");
    assert_eq!((placed.len(), refused.count()), (1, 4));
    reaches(&buyer, placed[0].json()["id"].as_str().unwrap(), "confirmed").await;
    settles(&sku, (10, 1, 9)).await;
}

#[tokio::test]
async fn a_cart_can_be_paid_by_another_card_after_a_decline() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let path = filled_cart(&buyer, &sku, 2).await;
    let before = cart(&buyer, &path).await;
    let declined = buyer.order(&buyer.quote(&path).await.unwrap(), "pm_card_chargeDeclined").await.unwrap();
    let order = reaches(&buyer, declined.json()["id"].as_str().unwrap(), "cancelled").await;
    assert_eq!(order["declineReason"], "Your bank declined the payment. Ask your bank, or use another card.");

    let reopened = |answer: &local::Answer| {
        let seen = answer.json();
        seen["status"] == "open" && seen["lines"][0]["quantity"] == 2
    };
    let look = async || buyer.client.get(&path).await.unwrap();
    let after = eventually(look, reopened).await.json();
    assert_eq!(after["shipping"], before["shipping"]);
    let again = buyer.order(&buyer.quote(&path).await.unwrap(), "pm_card_visa").await.unwrap();
    reaches(&buyer, again.json()["id"].as_str().unwrap(), "confirmed").await;
}

#[tokio::test]
async fn what_was_put_into_the_cart_after_the_quote_stays_there() {
    let (sku, other, buyer) = (on_sale(10).await, on_sale(10).await, guest().await);
    let path = filled_cart(&buyer, &sku, 1).await;
    let quote = buyer.quote(&path).await.unwrap();
    eventually(async || buyer.put(&path, &other, 3).await.unwrap(), is_in_stock).await;
    assert_eq!(buyer.order(&quote, "pm_card_visa").await.unwrap().status, 201);
    let look = async || buyer.client.get(&path).await.unwrap();
    let left = eventually(look, |answer| answer.json()["lines"].as_array().unwrap().len() == 1).await.json();
    assert_eq!((&left["status"], &left["lines"][0]["sku"]), (&json!("open"), &json!(other)));
}

#[tokio::test]
async fn a_customer_approves_a_payment_on_the_page_of_their_bank() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let order = ordered(&buyer, &sku, 1, "pm_sandbox_3ds").await;
    let waiting = to_approve(&buyer, &order).await;
    assert_eq!(waiting["status"], "action-required");
    let page = Client::new(waiting["nextAction"]["url"].as_str().unwrap()).get("").await.unwrap();
    assert!(page.text().contains("Approve"), "{}", page.text());
    assert_eq!(decide(&waiting, "approve").await, 200);
    reaches(&buyer, &order, "confirmed").await;
    assert_eq!(payment(&order, "authorized").await.get("nextAction"), None);
    assert_eq!(decide(&waiting, "refuse").await, 409);
}

#[tokio::test]
async fn a_customer_who_refuses_a_payment_can_order_again() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let path = filled_cart(&buyer, &sku, 1).await;
    let placed = buyer.order(&buyer.quote(&path).await.unwrap(), "pm_sandbox_3ds").await.unwrap();
    let order = placed.json()["id"].as_str().unwrap().to_owned();
    let waiting = to_approve(&buyer, &order).await;
    assert_eq!(decide(&waiting, "refuse").await, 200);
    let confirmation = format!("/v1/payments/{}/confirmation", waiting["id"].as_str().unwrap());
    made(buyer.client.post(&confirmation, &json!({})).await.unwrap()).unwrap();
    let cancelled = reaches(&buyer, &order, "cancelled").await;
    assert!(cancelled["declineReason"].as_str().unwrap().starts_with("The payment was not approved"), "{cancelled}");
    let look = async || buyer.client.get(&path).await.unwrap();
    eventually(look, |answer| answer.json()["status"] == "open").await;
    settles(&sku, (10, 0, 10)).await;
}
