use contracts::{Role, events::inventory::StockLow};
use serde_json::json;

use super::*;
use crate::operations::{
    list_replenishments::function as list_replenishments, receive_replenishment::function as receive_replenishment,
    request_replenishment::function as request_replenishment, set_reorder_policy::function as set_reorder_policy,
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

#[tokio::test]
async fn a_sku_that_falls_to_its_reorder_point_says_so() {
    let harness = harness().await;
    received(&harness, "LAMP", 3).await;
    let policy = as_merchant("PUT", "/v1/stock/LAMP/policy").parameter("sku", "LAMP");
    let answer =
        harness.call(set_reorder_policy, policy.json(&json!({"reorderPoint": 2, "reorderQuantity": 20}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    harness.call(adjust_stock, adjustment("LAMP", -1, "damaged")).await;
    assert!(harness.event_names().await.contains(&"StockLow.v1".to_owned()));
}

#[tokio::test]
async fn a_low_sku_is_asked_for_once_until_it_comes() {
    let harness = harness().await;
    received(&harness, "LAMP", 2).await;
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
    assert_eq!(replenishments(&harness).await.len(), 2);
}
