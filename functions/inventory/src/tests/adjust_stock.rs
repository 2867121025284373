use contracts::Role;
use serde_json::json;

use super::*;

#[tokio::test]
async fn what_is_received_can_be_sold() {
    let harness = harness().await;
    let answer = harness.call(adjust_stock, adjustment("LAMP", 10, "received")).await;
    assert_eq!((answer.status, answer.headers["location"].as_str()), (201, "/v1/stock/LAMP"));
    assert_eq!(answer.json, json!({"sku": "LAMP", "onHand": 10, "reserved": 0, "available": 10}));
    assert_eq!(level(&harness, "LAMP").await.json, answer.json);
    assert_eq!(harness.event_names().await, ["StockChanged.v1"]);
}

#[tokio::test]
async fn a_repeated_adjustment_counts_once() {
    let harness = harness().await;
    let request = adjustment("LAMP", 10, "received");
    let first = harness.call(adjust_stock, request.clone()).await;
    let again = harness.call(adjust_stock, request.clone()).await;
    assert_eq!((again.status, &again.json), (201, &first.json));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(counts(&harness, "LAMP").await, (10, 0, 10));

    let other = harness.call(adjust_stock, request.json(&json!({"delta": 11, "reason": "received"}))).await;
    assert_eq!((other.status, other.problem()), (422, "idempotency-key-reused"));
}

#[tokio::test]
async fn a_repeated_adjustment_is_answered_as_before_even_if_it_would_now_be_refused() {
    let harness = harness().await;
    received(&harness, "LAMP", 3).await;
    let request = adjustment("LAMP", -3, "damaged");
    let first = harness.call(adjust_stock, request.clone()).await;
    let again = harness.call(adjust_stock, request).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(again.headers["idempotency-replayed"], "true");
}

#[tokio::test]
async fn more_than_there_is_cannot_be_taken_away() {
    let harness = harness().await;
    received(&harness, "LAMP", 2).await;
    let answer = harness.call(adjust_stock, adjustment("LAMP", -3, "damaged")).await;
    assert_eq!((answer.status, answer.problem()), (409, "not-enough-stock"));
    assert_eq!(counts(&harness, "LAMP").await, (2, 0, 2));
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let harness = harness().await;
    let answer = harness.call(adjust_stock, adjustment("LAMP", 0, "")).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/reason"]));
    let answer = harness.call(adjust_stock, adjustment("no such sku!", 1, "received")).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/sku"]));
}

#[tokio::test]
async fn only_merchants_change_levels() {
    let harness = harness().await;
    let customer = adjustment("LAMP", 1, "received").from(user(2), &[Role::Customer]);
    assert_eq!(harness.call(adjust_stock, customer).await.status, 403);
    let anonymous = Request::new("POST", "/v1/stock/LAMP/adjustments").parameter("sku", "LAMP");
    assert_eq!(harness.call(adjust_stock, anonymous).await.status, 401);
}

#[tokio::test]
async fn what_was_never_counted_is_not_found() {
    assert_eq!(level(&harness().await, "LAMP").await.status, 404);
}

#[tokio::test]
async fn known_levels_are_listed_together() {
    let harness = harness().await;
    received(&harness, "LAMP", 1).await;
    received(&harness, "CHAIR", 2).await;
    let request = Request::new("GET", "/v1/stock").from(user(1), &[Role::Customer]).query("skus", "LAMP,CHAIR,NONE");
    let answer = harness.call(crate::operations::list_stock::function, request).await;
    let skus: Vec<_> = answer.json["items"].as_array().unwrap().iter().map(|item| item["sku"].clone()).collect();
    assert_eq!(skus, ["CHAIR", "LAMP"]);
}

#[tokio::test]
async fn levels_come_in_pages() {
    let harness = harness().await;
    let skus: Vec<_> = (0..25).map(|number| format!("SKU-{number:02}")).collect();
    for sku in &skus {
        received(&harness, sku, 1).await;
    }
    let list = |skus: &[String]| {
        let request = Request::new("GET", "/v1/stock").from(user(1), &[Role::Customer]);
        request.query("skus", format!("NONE,{}", skus.join(",")))
    };
    let listed = harness.paged(crate::operations::list_stock::function, &list(&skus)).await;
    assert_eq!(listed.iter().map(|item| item["sku"].as_str().unwrap()).collect::<Vec<_>>(), skus);
    let first = harness.call(crate::operations::list_stock::function, list(&skus)).await;
    assert_eq!(first.json["items"].as_array().unwrap().len(), 20, "twenty, without a limit");
    let cursor = first.json["nextCursor"].as_str().unwrap();
    let repeated = [&skus[..], &skus[5..9]].concat();
    let rest = harness.call(crate::operations::list_stock::function, list(&repeated).query("cursor", cursor)).await;
    assert_eq!(rest.json["items"].as_array().unwrap(), &listed[20..], "the list is the same");
    let others = list(&skus[1..]).query("cursor", cursor);
    assert_eq!(harness.call(crate::operations::list_stock::function, others).await.problem(), "invalid-cursor");
}
