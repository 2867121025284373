use std::collections::BTreeMap;

use contracts::{
    CartId, OrderId, Quote, Sealed,
    events::orders::{CancelReason, OrderCancelled, OrderPlaced},
};
use jiff::SignedDuration;

use super::{
    promotion::{code, five_euros, of, promote},
    quote::verified,
    *,
};
use crate::operations::{
    apply_promotion::function as apply_promotion, close_cart::function as close_cart,
    get_promotion::function as get_promotion, lapse_redemptions::function as lapse_redemptions,
    list_promotions::function as list_promotions, reopen_cart::function as reopen_cart,
    update_promotion::function as update_promotion,
};

/// A promotion that can be used a number of times.
async fn limited(harness: &Harness, total: u32) -> Value {
    let mut body = five_euros("FEW");
    body["limits"] = json!({"total": total});
    promote(harness, &body).await
}

/// A cart of a buyer with the code.
async fn with_code(harness: &Harness, by: u128) -> String {
    let cart = filled_cart(harness, by, 1).await;
    let request = of_cart("PUT", by, &cart, "/promotions/FEW").parameter("code", "FEW");
    expect(200, harness, apply_promotion, request).await;
    cart
}

/// The status of the promotion, and how often it is redeemed and held.
pub(super) async fn usage(harness: &Harness, promotion: &Value) -> (String, u64, u64) {
    let shown = expect(200, harness, get_promotion, of("GET", promotion)).await.json;
    let count = |name: &str| shown["usage"][name].as_u64().unwrap();
    (shown["status"].as_str().unwrap().to_owned(), count("redeemed"), count("held"))
}

pub(super) fn told(status: &str, redeemed: u64, held: u64) -> (String, u64, u64) {
    (status.to_owned(), redeemed, held)
}

pub(super) async fn quote_of(harness: &Harness, by: u128, cart: &str) -> Quote {
    let quote = quoted(harness, by, cart).await;
    assert_eq!(quote.status, 201, "{quote:?}");
    verified(harness, quote.json["quote"].as_str().unwrap()).await.unwrap()
}

pub(super) fn placed(quote: Quote) -> OrderPlaced {
    let sealed = || Sealed::from_ciphertext(String::new());
    OrderPlaced::of(order_id(), quote, sealed(), Sealed::from_ciphertext(String::new()), lambda::testing::START)
}

fn order_id() -> OrderId {
    Uuid::from_u128(500).into()
}

pub(super) fn cancelled(quote: &Quote, dispatched: bool) -> OrderCancelled {
    let cancelled = OrderCancelled::of(order_id(), quote.sub, CancelReason::Requested);
    OrderCancelled { cart: Some(quote.cart), generation: quote.generation, dispatched, ..cancelled }
}

/// How often each event about uses was published.
pub(super) async fn told_events(harness: &Harness) -> BTreeMap<String, usize> {
    let names = harness.event_names().await.into_iter();
    let mut counts = BTreeMap::new();
    for name in names.filter(|name| name.starts_with("Redemption") || name.starts_with("PromotionOverrun")) {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

/// Quotes six carts at once, of which one gets its quote.
pub(super) async fn one_of(harness: &Harness, carts: &[(u128, String)]) -> Vec<Answer> {
    let answers = futures::future::join_all(carts.iter().map(|(by, cart)| quoted(harness, *by, cart))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    let mut refused = answers.iter().filter(|answer| answer.status == 409);
    assert!(refused.all(|answer| answer.problem() == "promotion-not-valid"));
    answers
}

#[tokio::test]
async fn a_code_for_one_is_quoted_for_one_of_many_carts_at_once() {
    let harness = shop().await;
    let few = limited(&harness, 1).await;
    let mut carts = Vec::new();
    for by in 1..=6 {
        carts.push((by, with_code(&harness, by).await));
    }
    let answers = one_of(&harness, &carts).await;
    assert_eq!(usage(&harness, &few).await, told("exhausted", 0, 1));
    let (at, winner) = answers.iter().enumerate().find(|(_, answer)| answer.status == 201).unwrap();
    let first = verified(&harness, winner.json["quote"].as_str().unwrap()).await.unwrap();
    assert_eq!(json!(first.redemptions), json!([few["id"]]));
    let (by, cart) = &carts[at];
    assert_eq!(quoted(&harness, *by, cart).await.status, 201, "its own hold does not shut it out");
    let (other, theirs) = &carts[(at + 1) % 6];
    let shown = view(&harness, *other, theirs).await;
    assert_eq!(super::promotion::told(&shown), [("FEW", Err("exhausted"))]);
    assert_eq!(usage(&harness, &few).await, told("exhausted", 0, 1), "one use for all quotes of a cart");
}

#[tokio::test]
async fn an_order_redeems_what_its_quote_held_and_a_cancellation_before_dispatch_gives_it_back() {
    let harness = shop().await;
    let few = limited(&harness, 2).await;
    let cart = with_code(&harness, BUYER).await;
    let quote = quote_of(&harness, BUYER, &cart).await;
    assert_eq!(usage(&harness, &few).await, told("active", 0, 1));
    for _ in 0..2 {
        harness.consume(close_cart, placed(quote.clone())).await.unwrap();
        assert_eq!(usage(&harness, &few).await, told("active", 1, 0));
    }
    harness.consume(reopen_cart, cancelled(&quote, true)).await.unwrap();
    assert_eq!(usage(&harness, &few).await, told("active", 1, 0), "it was dispatched");
    for _ in 0..2 {
        harness.consume(reopen_cart, cancelled(&quote, false)).await.unwrap();
        assert_eq!(usage(&harness, &few).await, told("active", 0, 0));
    }
    let again = quote_of(&harness, BUYER, &cart).await;
    assert_eq!((again.generation, usage(&harness, &few).await), (1, told("active", 0, 1)));
    assert_eq!(told_events(&harness).await, [("RedemptionChanged.v1".to_owned(), 4)].into());
}

#[tokio::test]
async fn a_quote_without_an_order_gives_its_use_back_an_hour_later() {
    let harness = shop().await;
    let few = limited(&harness, 1).await;
    let cart = with_code(&harness, BUYER).await;
    quote_of(&harness, BUYER, &cart).await;
    harness.advance(SignedDuration::from_mins(10));
    quote_of(&harness, BUYER, &cart).await;
    harness.advance(SignedDuration::from_mins(66));
    harness.tick(lapse_redemptions).await;
    assert_eq!(usage(&harness, &few).await, told("exhausted", 0, 1), "the second quote holds it longer");
    harness.advance(SignedDuration::from_mins(10));
    for _ in 0..2 {
        harness.tick(lapse_redemptions).await;
        assert_eq!(usage(&harness, &few).await, told("active", 0, 0));
    }
    quote_of(&harness, BUYER, &cart).await;
    assert_eq!(usage(&harness, &few).await, told("exhausted", 0, 1), "it can be held again");
}

#[tokio::test]
async fn an_order_that_is_known_too_late_counts_all_the_same_and_is_metered() {
    let harness = shop().await;
    let few = limited(&harness, 1).await;
    let cart = with_code(&harness, BUYER).await;
    let quote = quote_of(&harness, BUYER, &cart).await;
    harness.advance(SignedDuration::from_mins(76));
    harness.tick(lapse_redemptions).await;
    let other = with_code(&harness, 2).await;
    quote_of(&harness, 2, &other).await;
    harness.consume(close_cart, placed(quote)).await.unwrap();
    assert_eq!(usage(&harness, &few).await, told("exhausted", 1, 1));
    let expected = [("PromotionOverrun.v1".to_owned(), 1), ("RedemptionChanged.v1".to_owned(), 4)].into();
    assert_eq!(told_events(&harness).await, expected);
}

#[tokio::test]
async fn what_a_cancellation_that_comes_first_leaves_held_lapses() {
    let harness = shop().await;
    let few = limited(&harness, 1).await;
    let cart = with_code(&harness, BUYER).await;
    let quote = quote_of(&harness, BUYER, &cart).await;
    harness.consume(reopen_cart, cancelled(&quote, false)).await.unwrap();
    harness.consume(close_cart, placed(quote)).await.unwrap();
    assert_eq!(usage(&harness, &few).await, told("exhausted", 0, 1));
    harness.advance(SignedDuration::from_mins(76));
    harness.tick(lapse_redemptions).await;
    assert_eq!(usage(&harness, &few).await, told("active", 0, 0));
}

#[tokio::test]
async fn a_limit_cannot_be_set_below_what_is_used() {
    let harness = shop().await;
    let few = limited(&harness, 3).await;
    for by in 1..=2 {
        let cart = with_code(&harness, by).await;
        quote_of(&harness, by, &cart).await;
    }
    let limit = |total: u32| of("PATCH", &few).header("if-match", "*").json(&json!({"limits": {"total": total}}));
    let refused = expect(409, &harness, update_promotion, limit(1)).await;
    assert_eq!(refused.problem(), "limits-below-usage");
    expect(200, &harness, update_promotion, limit(2)).await;
    assert_eq!(usage(&harness, &few).await, told("exhausted", 0, 2));
}

#[tokio::test]
async fn an_automatic_promotion_that_is_used_up_leaves_the_cart_as_it_is() {
    let harness = shop().await;
    let body = json!({"name": "The first", "kind": "percentage", "percent": "10", "limits": {"total": 1}});
    let first = promote(&harness, &body).await;
    let mut totals = Vec::new();
    for by in 1..=2 {
        let cart = filled_cart(&harness, by, 1).await;
        let quote = quote_of(&harness, by, &cart).await;
        totals.push((quote.totals.discount.amount, quote.redemptions.len()));
    }
    assert_eq!(totals, [(500, 1), (0, 0)]);
    assert_eq!(usage(&harness, &first).await, told("exhausted", 0, 1));
}

#[tokio::test]
async fn an_order_without_a_limited_promotion_counts_nothing() {
    let harness = shop().await;
    promote(&harness, &five_euros("FIVE")).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, apply_promotion, code("PUT", &cart, "FIVE")).await;
    let quote = quote_of(&harness, BUYER, &cart).await;
    assert_eq!((quote.totals.discount.amount, quote.redemptions.len()), (500, 0));
    harness.consume(close_cart, placed(quote)).await.unwrap();
    assert_eq!(told_events(&harness).await, BTreeMap::new());
}

#[tokio::test]
async fn a_cart_takes_over_the_use_of_a_cart_that_is_merged_into_it() {
    let harness = shop().await;
    let few = limited(&harness, 1).await;
    let cart = with_code(&harness, BUYER).await;
    let quote = quote_of(&harness, BUYER, &cart).await;
    let into: CartId = filled_cart(&harness, BUYER, 1).await.parse().unwrap();
    let merge = of_cart("POST", BUYER, &into.to_string(), "/merge").json(&json!({"from": quote.cart}));
    expect(200, &harness, crate::operations::merge_cart::function, merge).await;
    assert_eq!(usage(&harness, &few).await, told("active", 0, 0));
    assert_eq!(quoted(&harness, BUYER, &into.to_string()).await.status, 201);
    assert_eq!(usage(&harness, &few).await, told("exhausted", 0, 1));
    // An order that was placed before orders knew of the merge counts too.
    harness.consume(close_cart, placed(quote)).await.unwrap();
    assert_eq!(usage(&harness, &few).await, told("exhausted", 1, 1));
    assert_eq!(told_events(&harness).await.get("PromotionOverrun.v1"), Some(&1));
}

#[tokio::test]
async fn a_new_limit_conflicts_with_a_use_that_is_held_at_the_same_time() {
    let harness = shop().await;
    let few = limited(&harness, 9).await;
    let store = harness.service::<crate::Checkout>().store;
    let usage_version = async || {
        let promotion = store.promotion(few["id"].as_str().unwrap().parse().unwrap()).await.unwrap();
        promotion.unwrap().1.version.number()
    };
    let change = async |to: Value| {
        expect(200, &harness, update_promotion, of("PATCH", &few).header("if-match", "*").json(&to)).await;
        usage_version().await
    };
    assert_eq!(usage_version().await, 0);
    assert_eq!(change(json!({"limits": {"total": 5}})).await, 1, "who holds a use writes the usage that was read");
    assert_eq!(change(json!({"name": "Few"})).await, 1, "a new name is in nobody's way");
}

#[tokio::test]
async fn a_list_of_promotions_says_how_often_each_is_used() {
    let harness = shop().await;
    limited(&harness, 2).await;
    promote(&harness, &five_euros("FIVE")).await;
    let cart = with_code(&harness, BUYER).await;
    quote_of(&harness, BUYER, &cart).await;
    let page = expect(200, &harness, list_promotions, as_merchant("GET", "/v1/promotions")).await.json;
    let items = page["items"].as_array().unwrap().iter();
    let used: BTreeMap<_, _> = items.map(|item| (item["code"].as_str().unwrap(), &item["usage"]["held"])).collect();
    assert_eq!(used, [("FEW", &json!(1)), ("FIVE", &json!(0))].into());
}

#[tokio::test]
async fn a_promotion_that_takes_nothing_off_uses_nothing() {
    let harness = shop().await;
    let dear = json!({"code": "FEW", "kind": "fixedPrice", "amount": {"amount": 9999, "currency": "EUR"},
        "limits": {"total": 1}});
    let dear = promote(&harness, &dear).await;
    let cart = with_code(&harness, BUYER).await;
    assert_eq!(quote_of(&harness, BUYER, &cart).await.redemptions, []);
    assert_eq!(usage(&harness, &dear).await, told("active", 0, 0));
}
