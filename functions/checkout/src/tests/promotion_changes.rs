use jiff::SignedDuration;

use super::{
    promotion::{code, create, five_euros, nobody, of, promote, ten_percent, told},
    *,
};
use crate::operations::{
    apply_promotion::function as apply_promotion, create_promotion::function as create_promotion,
    end_promotion::function as end_promotion, get_promotion::function as get_promotion,
    preview_promotion::function as preview_promotion, update_promotion::function as update_promotion,
};

fn change(promotion: &Value, to: &Value) -> Request {
    of("PATCH", promotion).header("if-match", "*").json(to)
}

fn flash_sale() -> Value {
    json!({"name": "Flash sale", "kind": "percentage", "percent": "20", "level": "item",
        "items": {"productIds": [product_id(1)]}})
}

/// The discount of a cart.
async fn discount(harness: &Harness, cart: &str) -> i64 {
    view(harness, BUYER, cart).await["totals"]["discount"]["amount"].as_i64().unwrap()
}

#[tokio::test]
async fn an_automatic_promotion_applies_without_a_code_while_it_is_valid() {
    let harness = shop().await;
    let later = (harness.now() + SignedDuration::from_hours(1)).to_string();
    let mut body = flash_sale();
    body["validFrom"] = json!(later);
    let sale = promote(&harness, &body).await;
    assert_eq!(
        (&sale["code"], &sale["status"], &sale["name"]),
        (&json!(null), &json!("scheduled"), &json!("Flash sale"))
    );
    let cart = filled_cart(&harness, BUYER, 1).await;
    let shown = view(&harness, BUYER, &cart).await;
    assert_eq!((&shown["promotions"], &shown["problems"]), (&json!([]), &json!([])), "it was not asked for");
    assert_eq!(quoted(&harness, BUYER, &cart).await.status, 201);
    harness.advance(SignedDuration::from_hours(1));
    let shown = view(&harness, BUYER, &cart).await;
    let expected = json!([{"id": sale["id"], "code": null, "name": "Flash sale", "kind": "percentage", "applied": true,
        "amount": {"amount": 1000, "currency": "EUR"}, "reason": null, "detail": null}]);
    assert_eq!((&shown["promotions"], &shown["promotion"]), (&expected, &json!(null)));
    let rule = format!("promotion:{}", sale["id"].as_str().unwrap());
    let step = quoted(&harness, BUYER, &cart).await.json["trace"][1].clone();
    assert_eq!((&step["rule"], &step["description"]), (&json!(rule), &json!("Flash sale")));
    expect(200, &harness, update_promotion, change(&sale, &json!({"paused": true}))).await;
    assert_eq!(discount(&harness, &cart).await, 0);
    expect(200, &harness, update_promotion, change(&sale, &json!({"paused": false}))).await;
    assert_eq!(discount(&harness, &cart).await, 1000);
    expect(204, &harness, end_promotion, of("DELETE", &sale)).await;
    assert_eq!(discount(&harness, &cart).await, 0);
    assert_eq!(expect(200, &harness, get_promotion, of("GET", &sale)).await.json["status"], "ended");
}

#[tokio::test]
async fn fifty_automatic_promotions_can_exist() {
    let harness = harness().await;
    let mut made = Vec::new();
    for _ in 0..50 {
        made.push(promote(&harness, &flash_sale()).await);
    }
    let refused = expect(409, &harness, create_promotion, create(&flash_sale())).await;
    assert_eq!(refused.problem(), "too-many-automatic");
    expect(201, &harness, create_promotion, create(&ten_percent("SPRING"))).await;
    expect(204, &harness, end_promotion, of("DELETE", &made[7])).await;
    expect(201, &harness, create_promotion, create(&flash_sale())).await;
}

#[tokio::test]
async fn a_promotion_is_changed_at_the_version_that_was_read() {
    let harness = shop().await;
    let spring = promote(&harness, &ten_percent("SPRING")).await;
    let until = (harness.now() + SignedDuration::from_hours(1)).to_string();
    let patch = |to: Value| of("PATCH", &spring).json(&to);
    expect(428, &harness, update_promotion, patch(json!({"name": "Spring"}))).await;
    let first = expect(200, &harness, get_promotion, of("GET", &spring)).await;
    let tag = first.headers["etag"].clone();
    let body = json!({"name": "Spring", "validTo": until, "priority": 3, "limits": {"total": 9}});
    let changed = expect(200, &harness, update_promotion, patch(body.clone()).header("if-match", &tag)).await;
    for field in ["name", "priority"] {
        assert_eq!(changed.json[field], body[field], "{field}");
    }
    assert_eq!((&changed.json["limits"]["total"], changed.json["validTo"].is_string()), (&json!(9), true));
    expect(412, &harness, update_promotion, patch(json!({"name": "Other"})).header("if-match", &tag)).await;
    let cleared = json!({"validTo": null, "limits": null, "priority": null});
    let cleared = expect(200, &harness, update_promotion, change(&spring, &cleared)).await.json;
    let expected = (&json!(null), &json!(null), &json!(500));
    assert_eq!((&cleared["validTo"], &cleared["limits"]["total"], &cleared["priority"]), expected);
    let got = expect(200, &harness, get_promotion, of("GET", &spring)).await;
    assert_eq!((&got.json, got.headers["etag"].as_str()), (&cleared, "\"3\""));
    let same = expect(200, &harness, update_promotion, change(&spring, &json!({"name": "Spring"}))).await;
    assert_eq!(same.headers["etag"], "\"3\"", "nothing was changed");
}

#[tokio::test]
async fn a_change_that_could_not_be_is_refused() {
    let harness = harness().await;
    let spring = promote(&harness, &ten_percent("SPRING")).await;
    for (body, pointer) in [
        (json!({"validTo": "2020-01-01T00:00:00Z"}), "/validTo"),
        (json!({"limits": {"total": 0}}), "/limits/total"),
        (json!({"limits": {"perCustomer": 1001}}), "/limits/perCustomer"),
        (json!({"priority": 1001}), "/priority"),
        (json!({"name": ""}), "/name"),
        (json!({"name": null}), "/name"),
        (json!({"validTo": "2100-01-01T00:00:00Z"}), "/validTo"),
        (json!({"validFrom": "1999-12-31T23:59:59Z"}), "/validFrom"),
        (json!({"percent": "5"}), "/percent"),
    ] {
        let answer = expect(422, &harness, update_promotion, change(&spring, &body)).await;
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    expect(404, &harness, update_promotion, change(&nobody(), &json!({}))).await;
    expect(404, &harness, get_promotion, of("GET", &nobody())).await;
    expect(204, &harness, end_promotion, of("DELETE", &spring)).await;
    let late = expect(409, &harness, update_promotion, change(&spring, &json!({"paused": true}))).await;
    assert_eq!(late.problem(), "promotion-ended");
    let buyer = |request: Request| request.from(user(BUYER), &[Role::Customer]);
    expect(403, &harness, update_promotion, buyer(change(&spring, &json!({})))).await;
    expect(403, &harness, get_promotion, buyer(of("GET", &spring))).await;
    let support = of("GET", &spring).from(user(98), &[Role::Support]);
    expect(200, &harness, get_promotion, support).await;
}

#[tokio::test]
async fn a_code_of_a_paused_promotion_says_so() {
    let harness = shop().await;
    let five = promote(&harness, &five_euros("FIVE")).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, apply_promotion, code("PUT", &cart, "FIVE")).await;
    expect(200, &harness, update_promotion, change(&five, &json!({"paused": true}))).await;
    assert_eq!(told(&view(&harness, BUYER, &cart).await), [("FIVE", Err("paused"))]);
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "promotion-not-valid");
}

#[tokio::test]
async fn what_is_for_single_customers_says_that_it_needs_an_account() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let mut first = ten_percent("FIRST");
    first["firstOrder"] = json!(true);
    let mut once = five_euros("ONCE");
    once["limits"] = json!({"perCustomer": 1});
    for (body, name) in [(first, "FIRST"), (once, "ONCE")] {
        promote(&harness, &body).await;
        expect(200, &harness, apply_promotion, code("PUT", &cart, name)).await;
        let shown = view(&harness, BUYER, &cart).await;
        let told: Vec<_> = told(&shown).into_iter().map(|(_, why)| why).collect();
        assert!(told.iter().all(|why| *why == Err("needs-account")), "{told:?}");
    }
}

fn preview(body: &Value) -> Request {
    as_merchant("POST", "/v1/promotions/preview").json(body)
}

#[tokio::test]
async fn a_promotion_is_tried_on_a_cart_without_storing_anything() {
    let harness = shop().await;
    promote(&harness, &json!({"kind": "freeShipping", "combinesWith": ["order"]})).await;
    let body = json!({"promotion": {"kind": "percentage", "percent": "10", "combinesWith": ["shipping"]},
        "lines": [{"sku": "LAMP", "quantity": 2}, {"sku": "NONE", "quantity": 1}], "currency": "EUR", "country": "GB",
        "shippingOption": "standard"});
    let before = harness.event_names().await;
    let shown = expect(200, &harness, preview_promotion, preview(&body)).await.json;
    let rules: Vec<_> = shown["trace"].as_array().unwrap().iter().map(|step| &step["amount"]["amount"]).collect();
    assert_eq!(rules, [9998, -1000, 499, -499, 1800]);
    assert_eq!(told(&json!({"promotions": [shown["promotions"][0]]})), [("PREVIEW", Ok(1000))]);
    assert_eq!(codes(&shown["lines"][1]["problems"]), ["not-sold"]);
    assert_eq!(harness.event_names().await, before);
    let without = json!({"promotion": body["promotion"], "lines": [{"sku": "LAMP", "quantity": 1}], "currency": "EUR"});
    let shown = expect(200, &harness, preview_promotion, preview(&without)).await.json;
    let amounts = ["discount", "shipping", "tax"].map(|name| shown["totals"][name]["amount"].as_i64().unwrap());
    assert_eq!(amounts, [500, 0, 0]);
}

#[tokio::test]
async fn a_preview_says_what_is_wrong_within_the_promotion() {
    let harness = harness().await;
    let with = |promotion: Value, lines: Value| json!({"promotion": promotion, "lines": lines, "currency": "EUR"});
    let lamp = json!([{"sku": "LAMP", "quantity": 1}]);
    for (body, pointer) in [
        (with(json!({"kind": "percentage"}), lamp.clone()), "/promotion/percent"),
        (with(json!({"kind": "percentage", "percent": "5", "priority": 1001}), lamp), "/promotion/priority"),
        (with(json!({"kind": "percentage", "percent": "5"}), json!([])), "/lines"),
        (
            with(json!({"kind": "percentage", "percent": "5"}), json!([{"sku": "LAMP", "quantity": 0}])),
            "/lines/0/quantity",
        ),
    ] {
        let answer = expect(422, &harness, preview_promotion, preview(&body)).await;
        assert_eq!(answer.pointers(), [pointer], "{body}");
    }
    let buyer = preview(&json!({})).from(user(BUYER), &[Role::Customer]);
    expect(403, &harness, preview_promotion, buyer).await;
}
