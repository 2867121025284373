use super::*;

#[tokio::test]
async fn rates_are_set_again_with_a_new_version_and_an_event_each_time() {
    let harness = harness().await;
    let first = expect(200, &harness, set_tax_rates, tax("GB", "20")).await;
    let second = tax("GB", "17.5").header("if-match", &first.headers["etag"]);
    let second = expect(200, &harness, set_tax_rates, second).await;
    assert_eq!((first.headers["etag"].as_str(), second.headers["etag"].as_str()), ("\"1\"", "\"2\""));
    let flat = json!({
        "country": "GB", "rate": "17.5", "rates": {"standard": "17.5"}, "regions": [], "included": false,
        "shipping": "standard", "rounding": "line",
    });
    assert_eq!(second.json, flat);
    let one = json!([{"id": "a", "name": "A", "days": 1, "prices": [{"amount": 1, "currency": "EUR"}]}]);
    let set = expect(200, &harness, set_shipping_rates, options(&one)).await;
    assert_eq!((&set.json["country"], &set.json["options"][0]["id"]), (&json!("GB"), &json!("a")));
    assert_eq!(harness.event_names().await, ["RatesChanged.v1"; 3]);
}

#[tokio::test]
async fn what_is_set_already_is_changed_at_the_version_that_was_read() {
    let harness = harness().await;
    let set: [(fn() -> lambda::Function, Request); 2] =
        [(set_tax_rates, tax("GB", "20")), (set_shipping_rates, options(&json!([])).header("if-match", ""))];
    for (function, request) in set {
        let name = function().name();
        let held = |tag: &str| request.clone().header("if-match", tag);
        expect(412, &harness, function, held("\"1\"")).await;
        assert_eq!(expect(200, &harness, function, request.clone()).await.headers["etag"], "\"1\"", "{name}");
        let unread = expect(428, &harness, function, request.clone()).await;
        assert_eq!(unread.problem(), "precondition-required", "{name}");
        expect(200, &harness, function, held("\"1\"")).await;
        assert_eq!(expect(412, &harness, function, held("\"1\"")).await.problem(), "version-changed", "{name}");
        assert_eq!(expect(200, &harness, function, held("*")).await.headers["etag"], "\"3\"", "{name}");
    }
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let harness = harness().await;
    for (country, rate, pointer) in
        [("gb", "20", "/country"), ("XX", "20", "/country"), ("GB", "101", "/rate"), ("GB", "some", "/rate")]
    {
        assert_eq!(expect(422, &harness, set_tax_rates, tax(country, rate)).await.pointers(), [pointer]);
    }
    let eleven: serde_json::Map<_, _> = (0..11).map(|at| (format!("c{at}"), json!("1"))).collect();
    let region = |region: &str| json!({"region": region, "rates": {"standard": "1"}});
    for (country, rates, pointer) in [
        ("GB", json!({}), "/rates"),
        ("GB", json!({"rate": "20", "rates": {"standard": "20"}}), "/rate"),
        ("GB", json!({"rates": {"standard": "101"}}), "/rates/standard"),
        ("GB", json!({"rates": {"Reduced": "5"}}), "/rates/Reduced"),
        ("GB", json!({"rates": {"proportional": "5"}}), "/rates/proportional"),
        ("GB", json!({"rates": eleven}), "/rates"),
        ("GB", json!({"rate": "20", "shipping": "Books"}), "/shipping"),
        ("GB", json!({"rate": "20", "rounding": "each"}), "/rounding"),
        ("GB", json!({"rate": "20", "included": "yes"}), "/included"),
        ("GB", json!({"rate": "20", "regions": [region("London")]}), "/regions/0/region"),
        ("US", json!({"rate": "0", "regions": [region("CA"), region("Yukon")]}), "/regions/1/region"),
        ("US", json!({"rate": "0", "regions": [region("CA"), region("California")]}), "/regions/1/region"),
        ("US", json!({"rate": "0", "regions": vec![region("CA"); 61]}), "/regions"),
        (
            "US",
            json!({"rate": "0", "regions": [{"region": "CA", "rates": {"standard": "-1"}}]}),
            "/regions/0/rates/standard",
        ),
        ("US", json!({"rate": "0", "regions": [{"region": "CA", "rates": eleven}]}), "/regions/0/rates"),
    ] {
        let answer = expect(422, &harness, set_tax_rates, tax_rates(country, &rates)).await;
        assert_eq!(answer.pointers(), [pointer], "{rates}");
    }
    let option = |prices: Value| json!([{"id": "a", "name": "A", "days": 1, "prices": prices}]);
    let euro = json!({"amount": 1, "currency": "EUR"});
    for (prices, pointer) in [
        (json!([]), "/options/0/prices"),
        (json!([{"amount": -1, "currency": "EUR"}]), "/options/0/prices/0"),
        (json!([{"amount": i64::MAX, "currency": "EUR"}]), "/options/0/prices/0"),
        (json!([euro, euro]), "/options/0/prices"),
    ] {
        let answer = expect(422, &harness, set_shipping_rates, options(&option(prices))).await;
        assert_eq!(answer.pointers(), [pointer]);
    }
}

#[tokio::test]
async fn tax_rates_are_set_by_class_and_by_region() {
    let harness = harness().await;
    let rates = json!({
        "rates": {"standard": "0", "food": 0}, "included": false, "shipping": "proportional", "rounding": "total",
        "regions": [{"region": "California", "rates": {"standard": "7.250"}}, {"region": "OR", "rates": {}}],
    });
    let set = expect(200, &harness, set_tax_rates, tax_rates("US", &rates)).await.json;
    assert_eq!((&set["rates"], &set["rate"]), (&json!({"standard": "0", "food": "0"}), &json!("0")));
    let regions = json!([{"region": "CA", "rates": {"standard": "7.25"}}, {"region": "OR", "rates": {}}]);
    assert_eq!(
        (&set["regions"], &set["shipping"], &set["rounding"]),
        (&regions, &json!("proportional"), &json!("total"))
    );
}

#[tokio::test]
async fn the_price_of_a_cart_contains_the_tax_of_its_country_and_class() {
    let harness = shop().await;
    let book = Product { tax_class: "reduced".parse().unwrap(), ..product(2, &[("BOOK", 11_500)]) };
    publish(&harness, 1, book).await;
    stock(&harness, 1, "BOOK", 10).await;
    let rates = json!({"rates": {"standard": "25", "reduced": "15"}, "included": true});
    expect(200, &harness, set_tax_rates, tax_rates("GB", &rates).header("if-match", "*")).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    expect(200, &harness, put_item, put(BUYER, &cart, "BOOK", 1)).await;
    let quote = quoted(&harness, BUYER, &cart).await.json;
    let view = view(&harness, BUYER, &cart).await;
    for shown in [&quote, &view] {
        // 49.99 × 25 / 125 = 9.998, 115.00 × 15 / 115 = 15.00 and 4.99 × 25 / 125 = 0.998.
        let totals =
            ["items", "discount", "shipping", "tax", "total"].map(|name| shown["totals"][name]["amount"].as_i64());
        assert_eq!(totals.map(Option::unwrap), [16_499, 0, 499, 1000 + 1500 + 100, 16_998]);
        assert_eq!(shown["totals"]["taxIncluded"], true);
        let line = &shown["lines"][1];
        assert_eq!(
            (&line["taxClass"], &line["taxIncluded"], &line["tax"]["amount"]),
            (&json!("reduced"), &json!(true), &json!(1500))
        );
    }
}

#[tokio::test]
async fn a_line_without_shipping_is_not_taxed_yet() {
    let harness = shop().await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
    let view = view(&harness, BUYER, &cart).await;
    assert_eq!((&view["totals"]["taxIncluded"], &view["totals"]["tax"]["amount"]), (&json!(false), &json!(0)));
    let line = &view["lines"][0];
    assert_eq!(
        (&line["taxClass"], &line["taxIncluded"], &line["discounts"]),
        (&json!("standard"), &json!(false), &json!([]))
    );
}

#[tokio::test]
async fn only_merchants_set_rates() {
    let harness = harness().await;
    for roles in [[Role::Customer], [Role::Support]] {
        expect(403, &harness, set_tax_rates, tax("GB", "20").from(user(1), &roles)).await;
        expect(403, &harness, set_shipping_rates, options(&json!([])).from(user(1), &roles)).await;
    }
    expect(200, &harness, set_tax_rates, tax("GB", "20").from(user(1), &[Role::Admin])).await;
}
