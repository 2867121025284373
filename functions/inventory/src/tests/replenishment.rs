use contracts::{Role, events::inventory::StockLow};
use serde_json::json;

use super::*;
use crate::operations::{
    commit_stock::function as commit_stock, list_replenishments::function as list_replenishments,
    receive_replenishment::function as receive_replenishment, request_replenishment::function as request_replenishment,
    reserve_stock::function as reserve_stock, set_reorder_policy::function as set_reorder_policy,
};

fn as_merchant(method: &str, path: &str) -> Request {
    Request::new(method, path).from(user(1), &[Role::Merchant])
}

fn low() -> StockLow {
    StockLow { sku: "LAMP".parse().unwrap(), available: 2, reorder_quantity: 20 }
}

async fn replenishments(harness: &Harness) -> Vec<serde_json::Value> {
    let answer = harness.call(list_replenishments, as_merchant("GET", "/v1/replenishments")).await;
    answer.json["items"].as_array().unwrap().clone()
}

/// Sets a policy for a SKU: reorder 20 units at or below a level.
fn policy(sku: &str, point: u32) -> Request {
    let request = as_merchant("PUT", &format!("/v1/stock/{sku}/policy")).parameter("sku", sku);
    request.json(&json!({"reorderPoint": point, "reorderQuantity": 20}))
}

async fn reordered(harness: &Harness, sku: &str, point: u32) {
    let answer = harness.call(set_reorder_policy, policy(sku, point)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn said_low(harness: &Harness) -> usize {
    harness.event_names().await.iter().filter(|name| *name == "StockLow.v1").count()
}

#[tokio::test]
async fn a_sku_that_falls_to_its_reorder_point_says_so() {
    let harness = harness().await;
    received(&harness, "LAMP", 3).await;
    reordered(&harness, "LAMP", 2).await;
    assert_eq!(said_low(&harness).await, 0);
    harness.call(adjust_stock, adjustment("LAMP", -1, "damaged")).await;
    assert_eq!(said_low(&harness).await, 1);
}

#[tokio::test]
async fn a_policy_is_changed_at_its_own_version_however_the_stock_moves() {
    let harness = harness().await;
    received(&harness, "LAMP", 9).await;
    let set = async |point: u32, tag: &str| {
        let answer = harness.call(set_reorder_policy, policy("LAMP", point).header("if-match", tag)).await;
        (answer.status, answer.headers.get("etag").cloned().unwrap_or_default())
    };
    assert_eq!(set(1, "\"1\"").await.0, 412, "there is none yet");
    assert_eq!(set(1, "").await, (200, "\"1\"".to_owned()));
    received(&harness, "LAMP", 1).await;
    assert_eq!(set(2, "").await.0, 428);
    assert_eq!(set(2, "\"1\"").await, (200, "\"2\"".to_owned()));
    assert_eq!(set(3, "\"1\"").await.0, 412);
    assert_eq!(set(3, "*").await, (200, "\"3\"".to_owned()));
}

#[tokio::test]
async fn a_sku_that_is_low_already_says_so_when_its_policy_is_set() {
    let harness = harness().await;
    received(&harness, "LAMP", 2).await;
    reordered(&harness, "LAMP", 2).await;
    assert_eq!(said_low(&harness).await, 1);
}

#[tokio::test]
async fn an_order_that_leaves_forty_skus_low_is_held() {
    let harness = harness().await;
    let skus: Vec<_> = (0..40).map(|number| format!("LAMP-{number}")).collect();
    for sku in &skus {
        received(&harness, sku, 3).await;
        reordered(&harness, sku, 2).await;
    }
    let lines: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    harness.consume(reserve_stock, placed(1, &lines)).await.unwrap();
    assert_eq!(said_low(&harness).await, 17, "the others wait for their next movement");
    harness.consume(commit_stock, dispatched(1)).await.unwrap();
    assert_eq!(counts(&harness, "LAMP-39").await, (2, 0, 2));
}

#[tokio::test]
async fn a_low_sku_is_asked_for_once_until_it_comes() {
    let harness = harness().await;
    received(&harness, "LAMP", 2).await;
    reordered(&harness, "LAMP", 2).await;
    harness.consume(request_replenishment, low()).await.unwrap();
    harness.consume(request_replenishment, low()).await.unwrap();
    let open = replenishments(&harness).await;
    assert_eq!((open.len(), &open[0]["status"]), (1, &json!("requested")));

    let id = open[0]["id"].as_str().unwrap();
    let receipt = as_merchant("POST", &format!("/v1/replenishments/{id}/receipt")).parameter("replenishmentId", id);
    let receipt = receipt.json(&json!({"quantity": 18}));
    let answer = harness.call(receive_replenishment, receipt.clone()).await;
    assert_eq!((answer.status, &answer.json["received"]), (200, &json!(18)));
    assert_eq!(counts(&harness, "LAMP").await, (20, 0, 20));

    let twice = receipt.header("idempotency-key", "another");
    assert_eq!(harness.call(receive_replenishment, twice).await.problem(), "already-received");
    harness.consume(request_replenishment, low()).await.unwrap();
    assert_eq!(replenishments(&harness).await.len(), 1, "it has come: the news is late");
}
