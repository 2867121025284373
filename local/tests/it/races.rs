//! Many at once: nothing is oversold, and one quote is one order.

use futures::future::join_all;
use serde_json::json;

use crate::shop::*;

#[tokio::test]
async fn two_hundred_buyers_of_ten_units_get_ten() {
    let sku = on_sale(10).await;
    let buyers = join_all((0..200).map(|_| guest())).await;
    let orders = join_all(buyers.iter().map(|buyer| ordered(buyer, &sku, 1, "pm_card_visa"))).await;
    let ends = join_all(buyers.iter().zip(&orders).map(async |(buyer, order)| {
        let look = async || buyer.client.get(&format!("/v1/orders/{order}")).await.unwrap();
        let ended = |status: &serde_json::Value| status == "confirmed" || status == "cancelled";
        eventually(look, |answer| ended(&answer.json()["status"])).await.json()
    }));
    let ends = ends.await;
    assert_eq!(ends.iter().filter(|order| order["status"] == "confirmed").count(), 10);
    let refused = ends.iter().filter(|order| order["status"] == "cancelled");
    assert!(refused.clone().all(|order| order["reason"] == "out-of-stock"), "{refused:?}");
    settles(&sku, (10, 10, 0)).await;
}

#[tokio::test]
async fn one_quote_from_twenty_connections_is_one_order() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let quote = quoted(&buyer, &sku, 1).await;
    let answers = join_all((0..20).map(|_| buyer.order(&quote, "pm_card_visa"))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    let used = answers.iter().filter(|answer| answer.json()["type"] == "/problems/quote-already-used");
    assert_eq!(used.count(), 19);
    let orders = buyer.client.get("/v1/orders").await.unwrap().json();
    assert_eq!(orders["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn one_key_from_twenty_connections_is_one_order() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let quote = quoted(&buyer, &sku, 1).await;
    let body = json!({"quote": quote["quote"], "paymentMethod": "pm_card_visa"});
    let answers = join_all((0..20).map(|_| buyer.client.post_once("/v1/orders", &body, "mine"))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotency-replayed").is_none()).count(), 1);
}
