//! Many at once: one quote is one order, and so is one key.

use futures::future::join_all;
use serde_json::json;

use crate::shop::*;

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
