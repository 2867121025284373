use jiff::SignedDuration;

use super::*;
use crate::operations::{
    apply_promotion::function as apply_promotion, create_promotion::function as create_promotion,
    end_promotion::function as end_promotion, list_promotions::function as list_promotions,
    remove_promotion::function as remove_promotion,
};

fn create(body: &Value) -> Request {
    as_merchant("POST", "/v1/promotions").json(body)
}

fn ten_percent(code: &str) -> Value {
    json!({"code": code, "kind": "percentage", "percent": 10})
}

fn code(method: &str, cart: &str, code: &str) -> Request {
    of_cart(method, BUYER, cart, &format!("/promotions/{code}")).parameter("code", code)
}

fn end(code: &str) -> Request {
    as_merchant("DELETE", &format!("/v1/promotions/{code}")).parameter("code", code)
}

#[tokio::test]
async fn a_code_takes_off_its_share_until_it_is_removed() {
    let harness = shop().await;
    expect(201, &harness, create_promotion, create(&ten_percent("SPRING"))).await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    let applied = expect(200, &harness, apply_promotion, code("PUT", &cart, "spring")).await;
    assert_eq!(applied.json, json!({"code": "SPRING", "description": "10 % off"}));
    expect(200, &harness, apply_promotion, code("PUT", &cart, "SPRING")).await;
    let quote = quoted(&harness, BUYER, &cart).await.json;
    assert_eq!(
        (&quote["totals"]["discount"]["amount"], &quote["trace"][1]["rule"]),
        (&json!(1000), &json!("promotion:SPRING"))
    );
    let theirs = of_cart("DELETE", 2, &cart, "/promotions/SPRING").parameter("code", "SPRING");
    expect(404, &harness, remove_promotion, theirs).await;
    assert_eq!(view(&harness, BUYER, &cart).await["promotion"], "SPRING");
    expect(204, &harness, remove_promotion, code("DELETE", &cart, "SPRING")).await;
    expect(204, &harness, remove_promotion, code("DELETE", &cart, "SPRING")).await;
    expect(204, &harness, remove_promotion, code("DELETE", &cart, "NEVER")).await;
    expect(404, &harness, remove_promotion, code("DELETE", "crt_0000000000000000000000000000002a", "SPRING")).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.json["totals"]["discount"]["amount"], 0);
}

#[tokio::test]
async fn a_cart_has_one_promotion() {
    let harness = shop().await;
    let five_euros = json!({"code": "FIVE", "kind": "fixed", "amount": {"amount": 500, "currency": "EUR"}});
    expect(201, &harness, create_promotion, create(&ten_percent("SPRING"))).await;
    expect(201, &harness, create_promotion, create(&five_euros)).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, apply_promotion, code("PUT", &cart, "FIVE")).await;
    let other = expect(409, &harness, apply_promotion, code("PUT", &cart, "SPRING")).await;
    assert_eq!(other.problem(), "other-promotion");
    assert_eq!(view(&harness, BUYER, &cart).await["totals"]["discount"]["amount"], 500);
}

#[tokio::test]
async fn a_code_that_does_not_hold_is_refused_with_its_reason() {
    let harness = shop().await;
    let later = (harness.now() + SignedDuration::from_hours(1)).to_string();
    let pounds = json!({"code": "POUNDS", "kind": "fixed", "amount": {"amount": 500, "currency": "GBP"}});
    let late = json!({"code": "LATE", "kind": "percentage", "percent": "7.5", "validFrom": later});
    expect(201, &harness, create_promotion, create(&pounds)).await;
    expect(201, &harness, create_promotion, create(&late)).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    for (name, reason) in [("POUNDS", "in GBP"), ("LATE", "from"), ("NONE", "no such code")] {
        let refused = expect(422, &harness, apply_promotion, code("PUT", &cart, name)).await;
        assert_eq!(refused.problem(), "promotion-not-valid");
        assert!(refused.json["detail"].as_str().unwrap().contains(reason), "{refused:?}");
    }
    harness.advance(SignedDuration::from_hours(1));
    expect(200, &harness, apply_promotion, code("PUT", &cart, "LATE")).await;
}

#[tokio::test]
async fn a_cart_below_the_minimum_says_so_and_is_not_quoted_with_the_code() {
    let harness = shop().await;
    let mut body = ten_percent("LARGE");
    body["minimum"] = json!({"amount": 9000, "currency": "EUR"});
    expect(201, &harness, create_promotion, create(&body)).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, apply_promotion, code("PUT", &cart, "LARGE")).await;
    assert_eq!(codes(&view(&harness, BUYER, &cart).await["problems"]), ["promotion-not-valid"]);
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "promotion-not-valid");
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 2)).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.json["totals"]["discount"]["amount"], 1000);
}

#[tokio::test]
async fn an_ended_promotion_takes_nothing_off_any_more() {
    let harness = shop().await;
    expect(201, &harness, create_promotion, create(&ten_percent("SPRING"))).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, apply_promotion, code("PUT", &cart, "SPRING")).await;
    expect(204, &harness, end_promotion, end("SPRING")).await;
    expect(204, &harness, end_promotion, end("SPRING")).await;
    expect(404, &harness, end_promotion, end("NONE")).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "promotion-not-valid");
    let taken = expect(409, &harness, create_promotion, create(&ten_percent("spring"))).await;
    assert_eq!(taken.problem(), "code-taken");
    let names = harness.event_names().await;
    assert_eq!(names.iter().filter(|name| *name == "PromotionChanged.v1").count(), 2);
}

#[tokio::test]
async fn a_promotion_is_made_once_for_each_key_and_code() {
    let harness = harness().await;
    let request = create(&ten_percent("SPRING"));
    let first = expect(201, &harness, create_promotion, request.clone()).await;
    assert_eq!((first.headers["location"].as_str(), &first.json["percent"]), ("/v1/promotions/SPRING", &json!("10")));
    let again = expect(201, &harness, create_promotion, request).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    let others = (0..4).map(|_| harness.call(create_promotion, create(&ten_percent("AUTUMN"))));
    let mut statuses: Vec<_> = futures::future::join_all(others).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let harness = harness().await;
    let euro = json!({"amount": 100, "currency": "EUR"});
    let debt = json!({"amount": -1, "currency": "EUR"});
    for (body, pointer) in [
        (json!({"code": "A", "kind": "percentage", "percent": 10}), "/code"),
        (json!({"code": "SPRING", "kind": "percentage"}), "/percent"),
        (json!({"code": "SPRING", "kind": "percentage", "percent": 101}), "/percent"),
        (json!({"code": "SPRING", "kind": "fixed", "percent": 10}), "/amount"),
        (json!({"code": "SPRING", "kind": "fixed", "amount": debt}), "/amount"),
        (json!({"code": "SPRING", "kind": "fixed", "amount": euro, "percent": 1}), "/percent"),
        (json!({"code": "SPRING", "kind": "percentage", "percent": 1, "validTo": "2020-01-01T00:00:00Z"}), "/validTo"),
    ] {
        let answer = expect(422, &harness, create_promotion, create(&body)).await;
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
}

#[tokio::test]
async fn merchants_make_end_and_list_promotions_and_nobody_else() {
    let harness = harness().await;
    for name in ["SPRING", "SUMMER", "AUTUMN"] {
        expect(201, &harness, create_promotion, create(&ten_percent(name))).await;
        harness.advance(SignedDuration::from_secs(1));
    }
    let page = expect(200, &harness, list_promotions, as_merchant("GET", "/v1/promotions").query("limit", 2)).await;
    let codes: Vec<_> = page.json["items"].as_array().unwrap().iter().map(|item| item["code"].clone()).collect();
    assert_eq!((codes, page.json["nextCursor"].is_string()), (vec![json!("AUTUMN"), json!("SUMMER")], true));
    let buyer = |request: Request| request.from(user(BUYER), &[Role::Customer]);
    expect(403, &harness, create_promotion, buyer(create(&ten_percent("MINE")))).await;
    expect(403, &harness, end_promotion, buyer(end("SPRING"))).await;
    expect(403, &harness, list_promotions, buyer(as_merchant("GET", "/v1/promotions"))).await;
}
