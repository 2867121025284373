//! Codes that can be used for one order each.

use jiff::SignedDuration;

use super::{
    promotion::{code, create, five_euros, nobody, of, promote, ten_percent},
    promotion_limits::{cancelled, one_of, placed, quote_of, told, told_events, usage},
    quote::kept,
    *,
};
use crate::operations::{
    add_promotion_codes::function as add_promotion_codes, apply_promotion::function as apply_promotion,
    close_cart::function as close_cart, create_promotion::function as create_promotion,
    end_promotion::function as end_promotion, get_promotion::function as get_promotion,
    get_quote::function as get_quote, lapse_redemptions::function as lapse_redemptions,
    list_promotions::function as list_promotions, merge_cart::function as merge_cart,
    reopen_cart::function as reopen_cart, update_promotion::function as update_promotion,
};

fn add<S: AsRef<str>>(promotion: &Value, codes: &[S]) -> Request {
    let id = promotion["id"].as_str().unwrap();
    let codes: Vec<_> = codes.iter().map(AsRef::as_ref).collect();
    let request = as_merchant("POST", &format!("/v1/promotions/{id}/codes")).parameter("promotionId", id);
    request.json(&json!({"codes": codes}))
}

/// Adds codes. Returns how many were added, and how many the promotion has now.
async fn added<S: AsRef<str>>(harness: &Harness, promotion: &Value, codes: &[S]) -> (u64, u64) {
    let answer = expect(200, harness, add_promotion_codes, add(promotion, codes)).await.json;
    (answer["added"].as_u64().unwrap(), answer["singleUseCodes"].as_u64().unwrap())
}

/// A promotion of five euros with its own code and these codes.
async fn five_with(harness: &Harness, codes: &[&str]) -> Value {
    let five = promote(harness, &five_euros("FIVE")).await;
    added(harness, &five, codes).await;
    five
}

async fn apply(harness: &Harness, by: u128, cart: &str, code: &str) {
    let request = of_cart("PUT", by, cart, &format!("/promotions/{code}")).parameter("code", code);
    expect(200, harness, apply_promotion, request).await;
}

async fn cart_with(harness: &Harness, by: u128, code: &str) -> String {
    let cart = filled_cart(harness, by, 1).await;
    apply(harness, by, &cart, code).await;
    cart
}

/// The codes of a cart, with what each takes off or why it does not.
async fn shown(harness: &Harness, by: u128, cart: &str) -> Vec<(String, Result<i64, String>)> {
    let view = view(harness, by, cart).await;
    let told = super::promotion::told(&view).into_iter();
    told.map(|(code, saving)| (code.to_owned(), saving.map_err(str::to_owned))).collect()
}

#[tokio::test]
async fn a_code_is_quoted_for_one_of_many_carts_at_once_and_other_codes_for_others() {
    let harness = shop().await;
    let five = five_with(&harness, &["one-1", "ONE-2"]).await;
    let mut carts = Vec::new();
    for by in 1..=6 {
        carts.push((by, cart_with(&harness, by, "ONE-1").await));
    }
    let answers = one_of(&harness, &carts).await;
    let winner = answers.iter().position(|answer| answer.status == 201).unwrap();
    let ((by, cart), (other, theirs)) = (&carts[winner], &carts[(winner + 1) % 6]);
    assert_eq!(quoted(&harness, *by, cart).await.status, 201, "its own hold does not shut it out");
    assert_eq!(shown(&harness, *by, cart).await, [("ONE-1".to_owned(), Ok(500))]);
    assert_eq!(shown(&harness, *other, theirs).await, [("ONE-1".to_owned(), Err("exhausted".to_owned()))]);
    apply(&harness, *other, theirs, "ONE-2").await;
    assert_eq!(quoted(&harness, *other, theirs).await.status, 201);
    assert_eq!(usage(&harness, &five).await, told("active", 0, 2));
}

#[tokio::test]
async fn an_order_uses_a_code_up_and_a_cancellation_before_dispatch_gives_it_back() {
    let harness = shop().await;
    let five = five_with(&harness, &["ONE-1"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    let quote = quote_of(&harness, BUYER, &cart).await;
    assert_eq!(json!(quote.redemptions), json!([five["id"]]));
    harness.consume(close_cart, placed(quote.clone())).await.unwrap();
    assert_eq!(usage(&harness, &five).await, told("active", 1, 0));
    let other = cart_with(&harness, 2, "ONE-1").await;
    assert_eq!(quoted(&harness, 2, &other).await.problem(), "promotion-not-valid");
    harness.consume(reopen_cart, cancelled(&quote, false)).await.unwrap();
    assert_eq!(usage(&harness, &five).await, told("active", 0, 0));
    quote_of(&harness, 2, &other).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "promotion-not-valid", "now the other cart has it");
    assert_eq!(told_events(&harness).await, [("RedemptionChanged.v1".to_owned(), 4)].into());
}

#[tokio::test]
async fn a_code_without_an_order_can_be_used_again_an_hour_later_and_a_late_order_is_metered() {
    let harness = shop().await;
    let five = five_with(&harness, &["ONE-1"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    let quote = quote_of(&harness, BUYER, &cart).await;
    harness.advance(SignedDuration::from_mins(76));
    harness.tick(lapse_redemptions).await;
    let other = cart_with(&harness, 2, "ONE-1").await;
    let second = quote_of(&harness, 2, &other).await;
    harness.consume(close_cart, placed(quote)).await.unwrap();
    assert_eq!(usage(&harness, &five).await, told("active", 1, 1));
    assert_eq!(told_events(&harness).await.get("PromotionOverrun.v1"), Some(&1));
    harness.consume(reopen_cart, cancelled(&second, false)).await.unwrap();
    harness.advance(SignedDuration::from_mins(76));
    harness.tick(lapse_redemptions).await;
    assert_eq!(usage(&harness, &five).await, told("active", 1, 0));
    let third = cart_with(&harness, 3, "ONE-1").await;
    assert_eq!(quoted(&harness, 3, &third).await.problem(), "promotion-not-valid", "the late order has used it");
}

#[tokio::test]
async fn a_merged_cart_gives_its_code_to_the_cart_that_it_is_merged_into() {
    let harness = shop().await;
    let five = five_with(&harness, &["ONE-1"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    quote_of(&harness, BUYER, &cart).await;
    let into = filled_cart(&harness, BUYER, 1).await;
    let merge = of_cart("POST", BUYER, &into, "/merge").json(&json!({"from": cart}));
    expect(200, &harness, merge_cart, merge).await;
    assert_eq!(usage(&harness, &five).await, told("active", 0, 0));
    assert_eq!(quoted(&harness, BUYER, &into).await.status, 201);
    assert_eq!(usage(&harness, &five).await, told("active", 0, 1));
}

#[tokio::test]
async fn the_own_code_of_the_promotion_counts_nothing_beside_its_single_use_codes() {
    let harness = shop().await;
    let five = five_with(&harness, &["ONE-1"]).await;
    for by in 1..=2 {
        let cart = cart_with(&harness, by, "FIVE").await;
        let quote = quote_of(&harness, by, &cart).await;
        assert_eq!((quote.totals.discount.amount, quote.redemptions.len()), (500, 0));
        harness.consume(close_cart, placed(quote)).await.unwrap();
    }
    assert_eq!((usage(&harness, &five).await, told_events(&harness).await.len()), (told("active", 0, 0), 0));
}

#[tokio::test]
async fn the_limits_of_the_promotion_hold_for_its_single_use_codes_too() {
    let harness = shop().await;
    let mut body = five_euros("FIVE");
    body["limits"] = json!({"total": 1});
    let five = promote(&harness, &body).await;
    added(&harness, &five, &["ONE-1", "ONE-2"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    quote_of(&harness, BUYER, &cart).await;
    assert_eq!(usage(&harness, &five).await, told("exhausted", 0, 1));
    let other = cart_with(&harness, 2, "ONE-2").await;
    assert_eq!(shown(&harness, 2, &other).await, [("ONE-2".to_owned(), Err("exhausted".to_owned()))]);
    let more = of("PATCH", &five).header("if-match", "*").json(&json!({"limits": {"total": 2}}));
    expect(200, &harness, update_promotion, more).await;
    quote_of(&harness, 2, &other).await;
    assert_eq!(usage(&harness, &five).await, told("exhausted", 0, 2));
}

#[tokio::test]
async fn a_single_use_code_and_an_automatic_promotion_with_a_limit_are_held_together() {
    let harness = shop().await;
    let automatic = json!({"name": "The first", "kind": "percentage", "percent": "10", "level": "item",
        "limits": {"total": 1}, "combinesWith": ["order"]});
    let automatic = promote(&harness, &automatic).await;
    let mut body = five_euros("FIVE");
    body["combinesWith"] = json!(["item"]);
    let five = promote(&harness, &body).await;
    added(&harness, &five, &["ONE-1"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    assert_eq!(quote_of(&harness, BUYER, &cart).await.redemptions.len(), 2);
    for promotion in [&automatic, &five] {
        assert_eq!(usage(&harness, promotion).await.2, 1);
    }
    let other = cart_with(&harness, 2, "ONE-1").await;
    assert_eq!(shown(&harness, 2, &other).await, [("ONE-1".to_owned(), Err("exhausted".to_owned()))]);
}

#[tokio::test]
async fn another_code_of_the_promotion_replaces_the_one_that_the_cart_has() {
    let harness = shop().await;
    five_with(&harness, &["ONE-1", "ONE-2"]).await;
    let first = cart_with(&harness, BUYER, "ONE-1").await;
    quote_of(&harness, BUYER, &first).await;
    let cart = cart_with(&harness, 2, "ONE-1").await;
    for (code, saving) in [("ONE-2", Ok(500)), ("FIVE", Ok(500)), ("ONE-1", Err("exhausted".to_owned()))] {
        apply(&harness, 2, &cart, code).await;
        assert_eq!(shown(&harness, 2, &cart).await, [(code.to_owned(), saving)]);
    }
}

#[tokio::test]
async fn a_use_that_is_held_stays_with_its_code_if_the_cart_gets_another() {
    let harness = shop().await;
    let five = five_with(&harness, &["ONE-1", "ONE-2"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    quote_of(&harness, BUYER, &cart).await;
    apply(&harness, BUYER, &cart, "ONE-2").await;
    let quote = quote_of(&harness, BUYER, &cart).await;
    assert_eq!(usage(&harness, &five).await, told("active", 0, 1), "one use for all quotes of a cart");
    harness.consume(close_cart, placed(quote)).await.unwrap();
    for (by, code, status) in [(2, "ONE-1", 409), (3, "ONE-2", 201)] {
        let other = cart_with(&harness, by, code).await;
        assert_eq!(quoted(&harness, by, &other).await.status, status, "{code}");
    }
}

/// Everyone can use the own code, so who has a single-use code must not learn it.
#[tokio::test]
async fn a_customer_sees_the_single_use_code_and_never_the_own_code_of_the_promotion() {
    let harness = shop().await;
    let ship = json!({"code": "SHIPPED", "kind": "freeShipping", "combinesWith": ["order"]});
    let ship = promote(&harness, &ship).await;
    added(&harness, &ship, &["ONE-2"]).await;
    let mut body = five_euros("FIVE");
    body["combinesWith"] = json!(["shipping"]);
    let five = promote(&harness, &body).await;
    added(&harness, &five, &["ONE-1"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    apply(&harness, BUYER, &cart, "ONE-2").await;
    let quote = quoted(&harness, BUYER, &cart).await.json;
    let again = expect(200, &harness, get_quote, kept(BUYER, quote["id"].as_str().unwrap())).await.json;
    assert_eq!((&again["trace"], &again["verified"]), (&quote["trace"], &json!(true)));
    let rules = [&quote["trace"][1]["rule"], &quote["trace"][3]["rule"]];
    assert_eq!(rules, ["promotion:ONE-1", "promotion:ONE-2"]);
    for told in [quote, again, view(&harness, BUYER, &cart).await] {
        let told = told.to_string();
        assert!(!told.contains("FIVE") && !told.contains("SHIPPED"), "{told}");
    }
}

#[tokio::test]
async fn codes_that_the_promotion_has_are_no_error_and_are_not_counted_again() {
    let harness = shop().await;
    let five = promote(&harness, &five_euros("FIVE")).await;
    assert_eq!(added(&harness, &five, &["one-1", "ONE-2"]).await, (2, 2));
    assert_eq!(added(&harness, &five, &["one-1", "ONE-2"]).await, (0, 2));
    assert_eq!(added(&harness, &five, &["ONE-3", "ONE-1"]).await, (1, 3));
    let shown = expect(200, &harness, get_promotion, of("GET", &five)).await.json;
    assert_eq!((&shown["singleUseCodes"], &shown["code"]), (&json!(3), &json!("FIVE")));
}

/// A request that ended in the middle has added some of its codes: a multiple of 99, as if they were all.
#[tokio::test]
async fn a_thousand_codes_are_added_also_if_some_of_them_were_before() {
    let harness = shop().await;
    let five = promote(&harness, &five_euros("FIVE")).await;
    let codes: Vec<_> = (0..1000).map(|at| format!("ONE-{at}")).collect();
    assert_eq!(added(&harness, &five, &codes[..198]).await, (198, 198));
    assert_eq!(added(&harness, &five, &codes).await, (802, 1000));
    assert_eq!(added(&harness, &five, &codes).await, (0, 1000));
    let cart = cart_with(&harness, BUYER, "ONE-999").await;
    quote_of(&harness, BUYER, &cart).await;
}

#[tokio::test]
async fn requests_at_once_add_each_code_once() {
    let harness = shop().await;
    let five = promote(&harness, &five_euros("FIVE")).await;
    let codes: Vec<_> = (0..300).map(|at| format!("ONE-{at}")).collect();
    let requests = [&codes[..200], &codes[100..], &codes[50..250]].map(|codes| add(&five, codes));
    let answers = requests.map(|request| harness.call(add_promotion_codes, request));
    for answer in futures::future::join_all(answers).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(added(&harness, &five, &codes).await, (0, 300));
}

#[tokio::test]
async fn of_two_promotions_at_once_one_gets_a_code() {
    let harness = shop().await;
    let promotions = [promote(&harness, &five_euros("FIVE")).await, promote(&harness, &ten_percent("TEN")).await];
    let answers = promotions.iter().map(|promotion| harness.call(add_promotion_codes, add(promotion, &["ONE-1"])));
    let answers = futures::future::join_all(answers).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let refused = answers.iter().find(|answer| answer.status == 409).unwrap();
    assert_eq!((refused.problem(), refused.pointers()), ("code-taken", vec!["/codes/0"]));
}

#[tokio::test]
async fn wrong_and_repeated_codes_are_named() {
    let harness = shop().await;
    let five = promote(&harness, &five_euros("FIVE")).await;
    let many: Vec<_> = (0..1001).map(|at| format!("ONE-{at}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    for (codes, pointers) in [
        (&["ONE-1", "A", "ONE-2", "ÄÖÜ"][..], &["/codes/1", "/codes/3"][..]),
        (&["ONE-1", "ONE-2", "one-1", "ONE-1"], &["/codes/2", "/codes/3"]),
        (&[], &["/codes"]),
        (&many, &["/codes"]),
    ] {
        let refused = expect(422, &harness, add_promotion_codes, add(&five, codes)).await;
        assert_eq!(refused.pointers(), pointers);
    }
    assert_eq!(added(&harness, &five, &many[..1000]).await, (1000, 1000));
}

#[tokio::test]
async fn codes_that_are_taken_are_named_and_none_is_added() {
    let harness = shop().await;
    let five = five_with(&harness, &["ONE-1"]).await;
    let ten = promote(&harness, &ten_percent("TEN")).await;
    let codes = ["NEW-1", "FIVE", "TEN", "ONE-1"];
    let refused = expect(409, &harness, add_promotion_codes, add(&ten, &codes)).await;
    assert_eq!((refused.problem(), refused.pointers()), ("code-taken", vec!["/codes/1", "/codes/2", "/codes/3"]));
    assert_eq!(added(&harness, &five, &["NEW-1"]).await, (1, 2), "it was not taken");
    let refused = expect(409, &harness, create_promotion, create(&ten_percent("ONE-1"))).await;
    assert_eq!(refused.problem(), "code-taken", "nor is such a code one of another promotion");
}

#[tokio::test]
async fn only_a_promotion_with_a_code_that_was_not_ended_gets_codes() {
    let harness = shop().await;
    let add_to = async |status, promotion: &Value| {
        let answer = expect(status, &harness, add_promotion_codes, add(promotion, &["ONE-1"])).await;
        answer.json["type"].as_str().map(|kind| kind.rsplit('/').next().unwrap().to_owned()).unwrap_or_default()
    };
    assert_eq!(add_to(404, &nobody()).await, "not-found");
    let automatic = promote(&harness, &json!({"kind": "percentage", "percent": 1})).await;
    assert_eq!(add_to(409, &automatic).await, "promotion-automatic");
    let five = promote(&harness, &five_euros("FIVE")).await;
    expect(204, &harness, end_promotion, of("DELETE", &five)).await;
    assert_eq!(add_to(409, &five).await, "promotion-ended");
    let mut short = ten_percent("SHORT");
    short["validTo"] = json!((harness.now() + SignedDuration::from_hours(1)).to_string());
    let short = promote(&harness, &short).await;
    harness.advance(SignedDuration::from_hours(2));
    add_to(200, &short).await;
    let theirs = add(&short, &["ONE-2"]).from(user(BUYER), &[Role::Customer]);
    expect(403, &harness, add_promotion_codes, theirs).await;
}

#[tokio::test]
async fn a_single_use_code_ends_with_its_promotion() {
    let harness = shop().await;
    let five = five_with(&harness, &["ONE-1"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    expect(204, &harness, end_promotion, of("DELETE", &five)).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "promotion-not-valid");
    let other = filled_cart(&harness, BUYER, 1).await;
    expect(422, &harness, apply_promotion, code("PUT", &other, "ONE-1")).await;
}

#[tokio::test]
async fn a_list_of_promotions_says_how_often_single_use_codes_are_used() {
    let harness = shop().await;
    five_with(&harness, &["ONE-1"]).await;
    let cart = cart_with(&harness, BUYER, "ONE-1").await;
    quote_of(&harness, BUYER, &cart).await;
    let page = expect(200, &harness, list_promotions, as_merchant("GET", "/v1/promotions")).await.json;
    assert_eq!((&page["items"][0]["usage"]["held"], &page["items"][0]["singleUseCodes"]), (&json!(1), &json!(1)));
}
