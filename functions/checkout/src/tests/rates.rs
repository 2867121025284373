use super::*;

#[tokio::test]
async fn rates_are_set_again_with_a_new_version_and_an_event_each_time() {
    let harness = harness().await;
    let first = expect(200, &harness, set_tax_rates, tax("GB", "20")).await;
    let second = tax("GB", "17.5").header("if-match", &first.headers["etag"]);
    let second = expect(200, &harness, set_tax_rates, second).await;
    assert_eq!((first.headers["etag"].as_str(), second.headers["etag"].as_str()), ("\"1\"", "\"2\""));
    assert_eq!(second.json, json!({"country": "GB", "rate": "17.5"}));
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
async fn only_merchants_set_rates() {
    let harness = harness().await;
    for roles in [[Role::Customer], [Role::Support]] {
        expect(403, &harness, set_tax_rates, tax("GB", "20").from(user(1), &roles)).await;
        expect(403, &harness, set_shipping_rates, options(&json!([])).from(user(1), &roles)).await;
    }
    expect(200, &harness, set_tax_rates, tax("GB", "20").from(user(1), &[Role::Admin])).await;
}
