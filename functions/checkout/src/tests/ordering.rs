use contracts::{
    OrderLine, Quote, Sealed,
    events::orders::{CancelReason, OrderCancelled, OrderPlaced},
};
use jiff::SignedDuration;

use super::{quote::verified, *};
use crate::{
    cart::MOST_ORDERS,
    operations::{
        close_cart::function as close_cart, merge_cart::function as merge_cart, reopen_cart::function as reopen_cart,
    },
};

/// The claims of a cart's quote.
async fn quote_of(harness: &Harness, cart: &str) -> Quote {
    let answer = quoted(harness, BUYER, cart).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    verified(harness, answer.json["quote"].as_str().unwrap()).await.unwrap()
}

fn placed(quote: Quote) -> OrderPlaced {
    let sealed = Sealed::from_ciphertext(String::new());
    OrderPlaced::of(
        Uuid::from_u128(1).into(),
        quote,
        Sealed::from_ciphertext(String::new()),
        sealed,
        lambda::testing::START,
    )
}

fn cancelled(placed: &OrderPlaced) -> OrderCancelled {
    let cancelled = OrderCancelled::of(placed.order, placed.customer, CancelReason::PaymentDeclined);
    OrderCancelled { cart: Some(placed.cart), generation: placed.generation, ..cancelled }
}

fn merged(cart: &str, from: &str) -> Request {
    of_cart("POST", BUYER, cart, "/merge").from(user(BUYER), &[Role::Customer]).json(&json!({"from": from}))
}

#[tokio::test]
async fn an_ordered_cart_is_closed_once() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let placed = placed(quote_of(&harness, &cart).await);
    let event = harness.envelope("order#1", 1, placed.clone());
    harness.deliver(close_cart, &event).await.unwrap();
    harness.deliver(close_cart, &event).await.unwrap();
    harness.consume(close_cart, placed).await.unwrap();
    let seen = view(&harness, BUYER, &cart).await;
    assert_eq!((&seen["status"], &seen["lines"]), (&json!("ordered"), &json!([])));
    let late = expect(409, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
    assert_eq!(late.problem(), "cart-closed");
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "cart-closed");
}

#[tokio::test]
async fn what_was_added_after_the_quote_stays_in_the_cart() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let first = placed(quote_of(&harness, &cart).await);
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 3)).await;
    harness.consume(close_cart, first).await.unwrap();
    let seen = view(&harness, BUYER, &cart).await;
    assert_eq!((&seen["status"], &seen["lines"][0]["quantity"]), (&json!("open"), &json!(2)));
    let next = quote_of(&harness, &cart).await;
    assert_eq!((next.generation, next.lines[0].quantity), (1, 2));
}

#[tokio::test]
async fn a_cancelled_order_reopens_its_cart_with_lines_shipping_and_address() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 10).await;
    let before = view(&harness, BUYER, &cart).await;
    let order = placed(quote_of(&harness, &cart).await);
    harness.consume(close_cart, order.clone()).await.unwrap();
    stock(&harness, 2, "LAMP", 0).await;
    let event = harness.envelope("order#1", 2, cancelled(&order));
    harness.deliver(reopen_cart, &event).await.unwrap();
    harness.deliver(reopen_cart, &event).await.unwrap();
    let after = view(&harness, BUYER, &cart).await;
    for field in ["status", "shipping", "totals"] {
        assert_eq!(after[field], before[field]);
    }
    assert_eq!(after["lines"][0]["quantity"], 10);
    assert_eq!(quote_of(&harness, &cart).await.generation, 1, "its old hold may still count");
    harness.advance(SignedDuration::from_secs(10));
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "out-of-stock");
}

#[tokio::test]
async fn a_cancellation_that_arrives_first_has_the_same_end() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let order = placed(quote_of(&harness, &cart).await);
    harness.consume(reopen_cart, cancelled(&order)).await.unwrap();
    harness.consume(close_cart, order).await.unwrap();
    let seen = view(&harness, BUYER, &cart).await;
    assert_eq!((&seen["status"], &seen["lines"][0]["quantity"]), (&json!("open"), &json!(1)));
    assert_eq!(quote_of(&harness, &cart).await.generation, 1);
}

#[tokio::test]
async fn the_goods_of_a_merged_cart_leave_and_return_where_they_are() {
    let harness = shop().await;
    let carts = [filled_cart(&harness, BUYER, 1).await, filled_cart(&harness, BUYER, 2).await];
    let last = new_cart(&harness, BUYER, "EUR").await;
    let order = placed(quote_of(&harness, &carts[0]).await);
    expect(200, &harness, merge_cart, merged(&carts[1], &carts[0])).await;
    expect(200, &harness, merge_cart, merged(&last, &carts[1])).await;
    assert_eq!(harness.event_names().await.iter().filter(|name| *name == "CartMerged.v1").count(), 2);
    harness.consume(close_cart, order.clone()).await.unwrap();
    assert_eq!(view(&harness, BUYER, &last).await["lines"][0]["quantity"], 2);
    harness.consume(reopen_cart, cancelled(&order)).await.unwrap();
    assert_eq!(view(&harness, BUYER, &last).await["lines"][0]["quantity"], 3);
    assert_eq!(view(&harness, BUYER, &carts[0]).await["status"], "merged");
}

#[tokio::test]
async fn what_does_not_fit_back_is_a_problem_of_the_cart() {
    let harness = shop().await;
    stock(&harness, 2, "LAMP", 2000).await;
    let cart = filled_cart(&harness, BUYER, 10).await;
    let order = placed(quote_of(&harness, &cart).await);
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 999)).await;
    harness.consume(close_cart, order.clone()).await.unwrap();
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 995)).await;
    harness.consume(reopen_cart, cancelled(&order)).await.unwrap();
    let seen = view(&harness, BUYER, &cart).await;
    assert_eq!(codes(&seen["problems"]), ["not-returned"]);
    assert!(seen["problems"][0]["detail"].as_str().unwrap().starts_with("6 × Desk lamp (LAMP)"), "{seen}");
}

#[tokio::test]
async fn a_cart_with_too_many_open_orders_is_not_quoted() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 10).await;
    for _ in 0..MOST_ORDERS {
        let quote = quote_of(&harness, &cart).await;
        let one = OrderLine { quantity: 0, ..quote.lines[0].clone() };
        harness.consume(close_cart, OrderPlaced { lines: vec![one], ..placed(quote) }).await.unwrap();
    }
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "too-many-open-orders");
    harness.advance(SignedDuration::from_hours(7 * 24));
    harness.tick(rotate_quote_key).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.status, 201);
}

#[tokio::test]
async fn an_order_of_a_forgotten_cart_changes_nothing() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let quote = Quote { cart: Uuid::from_u128(42).into(), ..quote_of(&harness, &cart).await };
    let order = placed(quote);
    harness.consume(close_cart, order.clone()).await.unwrap();
    harness.consume(reopen_cart, cancelled(&order)).await.unwrap();
    harness.consume(reopen_cart, OrderCancelled { cart: None, ..cancelled(&order) }).await.unwrap();
    assert_eq!(view(&harness, BUYER, &cart).await["status"], "open");
}
