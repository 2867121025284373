//! What pages know of products and stock, in whatever order it is told.

use super::*;

/// The bands of the lamp's variants, from the JSON of its page.
async fn bands(harness: &Harness) -> Vec<Value> {
    let path = format!("/v1/pages/products/{}", lamp_id());
    let page = harness.call(show_product::function, Request::new("GET", &path).parameter("productId", lamp_id())).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.json["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| variant["stock"]["left"].as_u64().map_or(variant["stock"]["status"].clone(), Value::from))
        .collect()
}

#[tokio::test]
async fn stock_is_shown_whether_it_or_the_product_is_known_first() {
    let first = alone().await;
    stock(&first, "RED", 3, 1).await;
    publish(&first, lamp()).await;
    let then = alone().await;
    publish(&then, lamp()).await;
    stock(&then, "RED", 3, 1).await;
    for harness in [first, then] {
        assert_eq!(bands(&harness).await, [Value::from(3), "soldOut".into()]);
    }
}

#[tokio::test]
async fn a_late_change_of_stock_does_not_turn_back_a_newer_one() {
    let harness = alone().await;
    publish(&harness, lamp()).await;
    stock(&harness, "INK", 40, 2).await;
    // The band stays the same, so nothing of the product is written; the version counts all the same.
    stock(&harness, "INK", 30, 4).await;
    stock(&harness, "INK", 0, 3).await;
    assert_eq!(bands(&harness).await, ["soldOut", "inStock"]);
    stock(&harness, "INK", 0, 5).await;
    assert_eq!(bands(&harness).await, ["soldOut", "soldOut"]);
}

#[tokio::test]
async fn an_event_that_comes_again_changes_nothing() {
    let harness = alone().await;
    publish(&harness, lamp()).await;
    stock(&harness, "RED", 3, 1).await;
    publish(&harness, lamp()).await;
    stock(&harness, "RED", 3, 1).await;
    assert_eq!(bands(&harness).await, [Value::from(3), "soldOut".into()]);
}
