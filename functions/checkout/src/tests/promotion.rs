use jiff::SignedDuration;

use contracts::Currency;

use super::*;
use crate::listing::tests::always;
use crate::operations::{
    apply_promotion::function as apply_promotion, create_promotion::function as create_promotion,
    end_promotion::function as end_promotion, list_promotions::function as list_promotions,
    remove_promotion::function as remove_promotion,
};

pub(super) fn create(body: &Value) -> Request {
    as_merchant("POST", "/v1/promotions").json(body)
}

pub(super) fn ten_percent(code: &str) -> Value {
    json!({"code": code, "kind": "percentage", "percent": 10})
}

pub(super) fn code(method: &str, cart: &str, code: &str) -> Request {
    of_cart(method, BUYER, cart, &format!("/promotions/{code}")).parameter("code", code)
}

pub(super) fn of(method: &str, promotion: &Value) -> Request {
    let id = promotion["id"].as_str().unwrap();
    as_merchant(method, &format!("/v1/promotions/{id}")).parameter("promotionId", id)
}

/// A promotion that does not exist.
pub(super) fn nobody() -> Value {
    json!({"id": "prm_0000000000000000000000000000002a"})
}

pub(super) async fn promote(harness: &Harness, body: &Value) -> Value {
    expect(201, harness, create_promotion, create(body)).await.json
}

#[tokio::test]
async fn a_code_takes_off_its_share_until_it_is_removed() {
    let harness = shop().await;
    let spring = promote(&harness, &ten_percent("SPRING")).await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    let applied = expect(200, &harness, apply_promotion, code("PUT", &cart, "spring")).await;
    assert_eq!(applied.json, json!({"promotionId": spring["id"], "code": "SPRING", "name": "10 % off"}));
    expect(200, &harness, apply_promotion, code("PUT", &cart, "SPRING")).await;
    let quote = quoted(&harness, BUYER, &cart).await.json;
    assert_eq!(
        (&quote["totals"]["discount"]["amount"], &quote["trace"][1]["rule"]),
        (&json!(1000), &json!("promotion:SPRING"))
    );
    let theirs = of_cart("DELETE", 2, &cart, "/promotions/SPRING").parameter("code", "SPRING");
    expect(404, &harness, remove_promotion, theirs).await;
    let shown = view(&harness, BUYER, &cart).await;
    assert_eq!((&shown["promotion"], told(&shown)), (&json!("SPRING"), vec![("SPRING", Ok(1000))]));
    expect(204, &harness, remove_promotion, code("DELETE", &cart, "SPRING")).await;
    expect(204, &harness, remove_promotion, code("DELETE", &cart, "SPRING")).await;
    expect(204, &harness, remove_promotion, code("DELETE", &cart, "NEVER")).await;
    expect(404, &harness, remove_promotion, code("DELETE", "crt_0000000000000000000000000000002a", "SPRING")).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.json["totals"]["discount"]["amount"], 0);
}

pub(super) fn five_euros(code: &str) -> Value {
    json!({"code": code, "kind": "fixed", "amount": {"amount": 500, "currency": "EUR"}})
}

/// The codes of a cart's promotions, with what each takes off or why it does not.
pub(super) fn told(cart: &Value) -> Vec<(&str, Result<i64, &str>)> {
    let promotions = cart["promotions"].as_array().unwrap().iter();
    let result = |one: &Value| match one["applied"].as_bool() {
        Some(true) => Ok(one["amount"]["amount"].as_i64().unwrap()),
        _ => Err(one["reason"].as_str().map(|reason| reason.to_owned().leak() as &str).unwrap()),
    };
    promotions.map(|one| (one["code"].as_str().unwrap(), result(one))).collect()
}

#[tokio::test]
async fn of_two_codes_the_better_applies_and_the_other_says_why() {
    let harness = shop().await;
    expect(201, &harness, create_promotion, create(&ten_percent("SPRING"))).await;
    expect(201, &harness, create_promotion, create(&five_euros("FIVE"))).await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    for name in ["FIVE", "SPRING"] {
        expect(200, &harness, apply_promotion, code("PUT", &cart, name)).await;
    }
    let shown = view(&harness, BUYER, &cart).await;
    assert_eq!(told(&shown), [("SPRING", Ok(1000)), ("FIVE", Err("not-combined"))]);
    assert_eq!((&shown["totals"]["discount"]["amount"], &shown["problems"]), (&json!(1000), &json!([])));
    let quote = quoted(&harness, BUYER, &cart).await;
    assert_eq!((quote.status, &quote.json["totals"]["discount"]["amount"]), (201, &json!(1000)));
    expect(204, &harness, remove_promotion, code("DELETE", &cart, "SPRING")).await;
    assert_eq!(told(&view(&harness, BUYER, &cart).await), [("FIVE", Ok(500))]);
}

#[tokio::test]
async fn codes_that_combine_are_taken_off_by_level() {
    let harness = shop().await;
    let item = json!({"code": "ITEM", "kind": "percentage", "percent": "10", "level": "item",
        "items": {"productIds": [product_id(1)]}, "combinesWith": ["order", "shipping"]});
    let order = json!({"code": "ORDER", "kind": "fixed", "amount": {"amount": 500, "currency": "EUR"},
        "combinesWith": ["item", "shipping"]});
    let free = json!({"code": "FREE", "kind": "freeShipping", "combinesWith": ["item", "order"]});
    let cart = filled_cart(&harness, BUYER, 2).await;
    let mut ids = Vec::new();
    for (body, name) in [(free, "FREE"), (order, "ORDER"), (item, "ITEM")] {
        ids.push(promote(&harness, &body).await["id"].clone());
        expect(200, &harness, apply_promotion, code("PUT", &cart, name)).await;
    }
    let quote = quoted(&harness, BUYER, &cart).await.json;
    let steps = quote["trace"].as_array().unwrap().iter();
    let steps: Vec<_> =
        steps.map(|step| (step["rule"].as_str().unwrap(), step["amount"]["amount"].as_i64().unwrap())).collect();
    // 99.98 less 10 % (10.00) and 5.00 are 84.98, of which 20 % are 17.00 (16.996).
    let expected = [
        ("price", 9998),
        ("promotion:ITEM", -1000),
        ("promotion:ORDER", -500),
        ("shipping:standard", 499),
        ("promotion:FREE", -499),
        ("tax:GB", 1700),
    ];
    assert_eq!(steps, expected);
    let discounts = json!([
        {"promotionId": ids[2], "amount": {"amount": 1000, "currency": "EUR"}},
        {"promotionId": ids[1], "amount": {"amount": 500, "currency": "EUR"}},
    ]);
    assert_eq!(quote["lines"][0]["discounts"], discounts);
    let totals =
        ["items", "discount", "shipping", "tax", "total"].map(|name| quote["totals"][name]["amount"].as_i64().unwrap());
    assert_eq!(totals, [9998, 1500, 0, 1700, 10_198]);
}

#[tokio::test]
async fn a_category_is_that_of_a_product_with_all_above() {
    let harness = shop().await;
    let category = contracts::CategoryId::from(Uuid::from_u128(7));
    publish(&harness, 1, Product { listed_in: vec![category], ..product(2, &[("MOON", 3000), ("STAR", 1000)]) }).await;
    for sku in ["MOON", "STAR"] {
        stock(&harness, 1, sku, 10).await;
    }
    let set = json!({"quantity": 1, "items": {"categoryIds": [category]}});
    let free = json!({"code": "FREE", "kind": "buyXGetY", "buy": set, "get": set});
    expect(201, &harness, create_promotion, create(&free)).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, apply_promotion, code("PUT", &cart, "FREE")).await;
    assert_eq!(told(&view(&harness, BUYER, &cart).await), [("FREE", Err("no-matching-items"))]);
    for sku in ["MOON", "STAR"] {
        expect(200, &harness, put_item, put(BUYER, &cart, sku, 1)).await;
    }
    let shown = view(&harness, BUYER, &cart).await;
    assert_eq!(told(&shown), [("FREE", Ok(1000))]);
    let off = shown["lines"].as_array().unwrap().iter().map(|line| line["discount"]["amount"].as_i64().unwrap());
    assert_eq!(off.collect::<Vec<_>>(), [0, 750, 250], "both units share the discount");
}

#[tokio::test]
async fn a_cart_has_at_most_five_codes() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    for at in 0..6 {
        expect(201, &harness, create_promotion, create(&ten_percent(&format!("CODE{at}")))).await;
        let status = if at < 5 { 200 } else { 409 };
        let answer = expect(status, &harness, apply_promotion, code("PUT", &cart, &format!("CODE{at}"))).await;
        assert!(status == 200 || answer.problem() == "too-many-promotions", "{answer:?}");
    }
}

#[tokio::test]
async fn a_code_that_does_nothing_yet_is_applied_and_says_why() {
    let harness = shop().await;
    let later = (harness.now() + SignedDuration::from_hours(1)).to_string();
    let with = |code: &str, field: &str, value: Value| {
        let mut body = ten_percent(code);
        body[field] = value;
        body
    };
    let pounds = json!({"code": "POUNDS", "kind": "fixed", "amount": {"amount": 500, "currency": "GBP"}});
    let cart = filled_cart(&harness, BUYER, 1).await;
    let mut made = Vec::new();
    for (body, name, reason) in [
        (pounds, "POUNDS", "wrong-currency"),
        (with("LATE", "validFrom", json!(later)), "LATE", "not-yet"),
        (with("MANY", "minimumQuantity", json!(2)), "MANY", "below-minimum"),
        (with("ABROAD", "countries", json!(["DE"])), "ABROAD", "wrong-country"),
        (with("OTHER", "items", json!({"skus": ["MOON"]})), "OTHER", "no-matching-items"),
    ] {
        made.push(promote(&harness, &body).await);
        expect(200, &harness, apply_promotion, code("PUT", &cart, name)).await;
        let shown = view(&harness, BUYER, &cart).await;
        assert_eq!((told(&shown), codes(&shown["problems"])), (vec![(name, Err(reason))], vec!["promotion-not-valid"]));
        assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "promotion-not-valid");
        expect(204, &harness, remove_promotion, code("DELETE", &cart, name)).await;
    }
    let refused = expect(422, &harness, apply_promotion, code("PUT", &cart, "NONE")).await;
    assert_eq!(refused.problem(), "promotion-not-valid");
    expect(204, &harness, end_promotion, of("DELETE", &made[2])).await;
    expect(422, &harness, apply_promotion, code("PUT", &cart, "MANY")).await;
    harness.advance(SignedDuration::from_hours(1));
    expect(200, &harness, apply_promotion, code("PUT", &cart, "LATE")).await;
    assert_eq!(told(&view(&harness, BUYER, &cart).await), [("LATE", Ok(500))]);
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
    let spring = promote(&harness, &ten_percent("SPRING")).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, apply_promotion, code("PUT", &cart, "SPRING")).await;
    expect(204, &harness, end_promotion, of("DELETE", &spring)).await;
    expect(204, &harness, end_promotion, of("DELETE", &spring)).await;
    expect(404, &harness, end_promotion, of("DELETE", &nobody())).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "promotion-not-valid");
    let taken = expect(409, &harness, create_promotion, create(&ten_percent("spring"))).await;
    assert_eq!(taken.problem(), "code-taken");
    let names = harness.event_names().await;
    assert_eq!(names.iter().filter(|name| *name == "PromotionChanged.v2").count(), 2);
}

#[tokio::test]
async fn a_promotion_whose_time_is_over_cannot_be_applied() {
    let harness = shop().await;
    let valid_to = lambda::testing::START + SignedDuration::from_hours(1);
    let mut summer = ten_percent("SUMMER");
    summer["validTo"] = json!(valid_to.to_string());
    expect(201, &harness, create_promotion, create(&summer)).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, apply_promotion, code("PUT", &cart, "SUMMER")).await;
    expect(204, &harness, remove_promotion, code("DELETE", &cart, "SUMMER")).await;
    harness.advance(SignedDuration::from_hours(1));
    let late = expect(422, &harness, apply_promotion, code("PUT", &cart, "SUMMER")).await;
    assert_eq!(late.problem(), "promotion-not-valid");
}

#[tokio::test]
async fn a_promotion_is_shown_as_it_was_created() {
    let harness = harness().await;
    let (euro, pound) = (json!({"amount": 500, "currency": "EUR"}), json!({"amount": 400, "currency": "GBP"}));
    let items = json!({"skus": ["LAMP"], "not": {"skus": ["SHADE"]}});
    for (number, fields) in [
        json!({"kind": "percentage", "percent": "10", "level": "item", "minimum": euro, "minimumQuantity": 2}),
        json!({"kind": "fixed", "amounts": [euro, pound], "level": "order", "countries": ["DE", "GB"]}),
        json!({"kind": "fixedPrice", "amounts": [pound, euro], "items": items, "priority": 3}),
        json!({"kind": "buyXGetY", "buy": {"quantity": 2, "items": items}, "get": {"quantity": 1, "items": {}, "percent": "50"},
            "maxTimes": 3}),
        json!({"kind": "freeShipping", "options": ["standard"], "combinesWith": ["item", "order"]}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = fields.clone();
        body["code"] = json!(format!("CODE{number}"));
        let shown = expect(201, &harness, create_promotion, create(&body)).await.json;
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(shown[name], *value, "{name} of {shown}");
        }
    }
}

#[tokio::test]
async fn a_promotion_with_several_amounts_takes_off_the_one_in_the_currency_of_the_cart() {
    let harness = harness().await;
    let mut lamp = product(1, &[("LAMP", 4999)]);
    lamp.variants[0].prices.push(always(4500, Currency::Gbp));
    publish(&harness, 1, lamp).await;
    let amounts = json!([{"amount": 500, "currency": "EUR"}, {"amount": 400, "currency": "GBP"}]);
    let five = json!({"code": "FIVE", "kind": "fixed", "amounts": amounts});
    expect(201, &harness, create_promotion, create(&five)).await;
    for (currency, off) in [("EUR", Ok(500)), ("GBP", Ok(400)), ("USD", Err("wrong-currency"))] {
        let cart = new_cart(&harness, BUYER, currency).await;
        if off.is_ok() {
            expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
        }
        expect(200, &harness, apply_promotion, code("PUT", &cart, "FIVE")).await;
        assert_eq!(told(&view(&harness, BUYER, &cart).await), [("FIVE", off)], "{currency}");
    }
}

#[tokio::test]
async fn a_promotion_is_made_once_for_each_key_and_code() {
    let harness = harness().await;
    let request = create(&ten_percent("SPRING"));
    let first = expect(201, &harness, create_promotion, request.clone()).await;
    let location = format!("/v1/promotions/{}", first.json["id"].as_str().unwrap());
    assert_eq!((&first.headers["location"], &first.json["percent"]), (&location, &json!("10")));
    for (field, value) in
        [("level", json!("order")), ("priority", json!(500)), ("combinesWith", json!([])), ("amounts", json!([]))]
    {
        assert_eq!(first.json[field], value, "{field}");
    }
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
        (json!({"code": "SPRING", "kind": "percentage", "percent": "0"}), "/percent"),
        (json!({"code": "SPRING", "kind": "fixed", "amount": {"amount": 0, "currency": "EUR"}}), "/amount"),
        (
            json!({"code": "SPRING", "kind": "buyXGetY", "buy": {"quantity": 1}, "get": {"quantity": 1, "percent": "0"}}),
            "/get/percent",
        ),
        (json!({"code": "SPRING", "kind": "percentage", "percent": 1, "countries": ["GB", "GB"]}), "/countries"),
        (json!({"code": "SPRING", "kind": "percentage", "percent": 1, "items": {"skus": ["A", "A"]}}), "/items/skus"),
        (
            json!({"code": "SPRING", "kind": "percentage", "percent": 1, "minimum": euro, "minimums": [euro]}),
            "/minimum",
        ),
        (json!({"code": "SPRING", "kind": "percentage", "percent": 101}), "/percent"),
        (json!({"code": "SPRING", "kind": "fixed", "percent": 10}), "/amount"),
        (json!({"code": "SPRING", "kind": "fixed", "amount": debt}), "/amount"),
        (json!({"code": "SPRING", "kind": "fixed", "amount": euro, "percent": 1}), "/percent"),
        (json!({"code": "SPRING", "kind": "fixed", "amount": euro, "amounts": [euro]}), "/amount"),
        (json!({"code": "SPRING", "kind": "fixed", "amounts": [euro, euro]}), "/amounts"),
        (json!({"code": "SPRING", "kind": "fixed", "amounts": []}), "/amounts"),
        (
            json!({"code": "SPRING", "kind": "fixed", "amount": euro, "minimum": {"amount": 1, "currency": "GBP"}}),
            "/minimum",
        ),
        (json!({"code": "SPRING", "kind": "fixedPrice"}), "/amount"),
        (json!({"code": "SPRING", "kind": "fixedPrice", "amount": euro, "level": "order"}), "/level"),
        (json!({"code": "SPRING", "kind": "buyXGetY", "buy": {"quantity": 1}}), "/get"),
        (json!({"code": "SPRING", "kind": "buyXGetY", "get": {"quantity": 1}}), "/buy"),
        (
            json!({"code": "SPRING", "kind": "buyXGetY", "buy": {"quantity": 0}, "get": {"quantity": 1}}),
            "/buy/quantity",
        ),
        (
            json!({"code": "SPRING", "kind": "buyXGetY", "buy": {"quantity": 1}, "get": {"quantity": 100}}),
            "/get/quantity",
        ),
        (json!({"code": "SPRING", "kind": "freeShipping", "percent": 5}), "/percent"),
        (json!({"code": "SPRING", "kind": "freeShipping", "maxTimes": 1}), "/maxTimes"),
        (json!({"code": "SPRING", "kind": "percentage", "percent": 1, "options": []}), "/options"),
        (json!({"code": "SPRING", "kind": "percentage", "percent": 1, "priority": 1001}), "/priority"),
        (json!({"code": "SPRING", "kind": "percentage", "percent": 1, "minimumQuantity": 0}), "/minimumQuantity"),
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
    expect(403, &harness, end_promotion, buyer(of("DELETE", &nobody()))).await;
    expect(403, &harness, list_promotions, buyer(as_merchant("GET", "/v1/promotions"))).await;
}
