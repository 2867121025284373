use super::*;
use crate::operations::{
    apply_promotion::function as apply_promotion, create_promotion::function as create_promotion,
    list_shipping_options::function as list_shipping_options,
};

/// A cart with a lamp for 49.99 € in a shop that ships for 4.99 €, and free from 50 €.
async fn cart_below_the_threshold() -> (Harness, String) {
    let harness = shop().await;
    let standard = json!([{
        "id": "standard", "name": "Standard", "days": 3, "prices": [{"amount": 499, "currency": "EUR"}],
        "freeFrom": [{"amount": 5000, "currency": "EUR"}],
    }]);
    expect(200, &harness, set_shipping_rates, options(&standard)).await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
    (harness, cart)
}

/// The price of the option in the list, in the answer that sets it, in the cart, and in a quote.
async fn prices(harness: &Harness, cart: &str) -> [i64; 4] {
    let listed = of_cart("GET", BUYER, cart, "/shipping-options").query("country", "GB");
    let listed = expect(200, harness, list_shipping_options, listed).await.json["items"][0]["price"]["amount"].clone();
    let set = expect(200, harness, set_shipping, shipping(BUYER, cart, "GB", "standard")).await;
    let viewed = view(harness, BUYER, cart).await["shipping"]["option"]["price"]["amount"].clone();
    let quoted = quoted(harness, BUYER, cart).await.json["totals"]["shipping"]["amount"].clone();
    [listed, set.json["option"]["price"]["amount"].clone(), viewed, quoted].map(|price| price.as_i64().unwrap())
}

#[tokio::test]
async fn every_answer_shows_the_price_of_shipping_that_is_charged() {
    let (harness, cart) = cart_below_the_threshold().await;
    assert_eq!(prices(&harness, &cart).await, [499; 4]);
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 2)).await;
    assert_eq!(prices(&harness, &cart).await, [0; 4]);
    // The threshold counts after discounts.
    let half = json!({"code": "HALF", "kind": "percentage", "percent": "50"});
    expect(201, &harness, create_promotion, as_merchant("POST", "/v1/promotions").json(&half)).await;
    let apply = of_cart("PUT", BUYER, &cart, "/promotions/HALF").parameter("code", "HALF");
    expect(200, &harness, apply_promotion, apply).await;
    assert_eq!(prices(&harness, &cart).await, [499; 4]);
}

#[tokio::test]
async fn a_promotion_for_the_new_country_or_option_counts_in_the_price_that_is_shown() {
    let (harness, cart) = cart_below_the_threshold().await;
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 2)).await;
    let half = json!({"code": "HALFGB", "kind": "percentage", "percent": "50", "countries": ["GB"]});
    expect(201, &harness, create_promotion, as_merchant("POST", "/v1/promotions").json(&half)).await;
    let apply = of_cart("PUT", BUYER, &cart, "/promotions/HALFGB").parameter("code", "HALFGB");
    expect(200, &harness, apply_promotion, apply).await;
    // No country is chosen before the list and the first setting, and another one before the second.
    assert_eq!(prices(&harness, &cart).await, [499; 4]);
    let there =
        json!([{"id": "standard", "name": "Standard", "days": 3, "prices": [{"amount": 1, "currency": "EUR"}]}]);
    expect(200, &harness, set_shipping_rates, options_to("IE", &there)).await;
    let address = json!({"name": "Ada", "line1": "1 Quay", "city": "Cork", "country": "IE"});
    let to_ireland = json!({"address": address, "option": "standard"});
    expect(200, &harness, set_shipping, of_cart("PUT", BUYER, &cart, "/shipping").json(&to_ireland)).await;
    assert_eq!(prices(&harness, &cart).await, [499; 4]);
}

#[tokio::test]
async fn shipping_options_come_in_pages_in_the_order_of_the_merchant() {
    let harness = shop().await;
    let ids = ["slow", "fast", "air", "night", "balloon"];
    let option = |id| json!({"id": id, "name": id, "days": 3, "prices": [{"amount": 499, "currency": "EUR"}]});
    let offered: Vec<_> = ids.into_iter().map(option).collect();
    expect(200, &harness, set_shipping_rates, options(&json!(offered))).await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
    let list = |cart: &str| of_cart("GET", BUYER, cart, "/shipping-options").query("country", "GB");
    let listed = harness.paged(list_shipping_options, &list(&cart)).await;
    assert_eq!(listed.iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    let first = expect(200, &harness, list_shipping_options, list(&cart).query("limit", 2)).await;
    let other = new_cart(&harness, BUYER, "EUR").await;
    let foreign = list(&other).query("cursor", first.json["nextCursor"].as_str().unwrap());
    assert_eq!(harness.call(list_shipping_options, foreign).await.problem(), "invalid-cursor");
}

/// Sets an address in a country with the given fields.
async fn sent_to(harness: &Harness, cart: &str, country: &str, fields: &Value) -> Answer {
    let mut address = json!({"name": "Ada Wong", "line1": "88 Queensway", "city": "Admiralty", "country": country});
    address.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let body = json!({"address": address, "option": "air"});
    harness.call(set_shipping, of_cart("PUT", BUYER, cart, "/shipping").json(&body)).await
}

/// A cart in a shop that ships by air to some countries.
async fn shipped_by_air(countries: &[&str]) -> (Harness, String) {
    let harness = shop().await;
    let air = json!([{"id": "air", "name": "Air", "days": 5, "prices": [{"amount": 1000, "currency": "EUR"}]}]);
    for country in countries {
        expect(200, &harness, set_shipping_rates, options_to(country, &air)).await;
    }
    let cart = new_cart(&harness, BUYER, "EUR").await;
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
    (harness, cart)
}

#[tokio::test]
async fn a_country_without_postcodes_needs_none_and_an_empty_one_is_none() {
    let countries = ["HK", "QA", "AE", "IE", "PA"];
    let (harness, cart) = shipped_by_air(&countries).await;
    for country in countries {
        for fields in [json!({}), json!({"postcode": "", "region": "", "line2": ""}), json!({"postcode": null})] {
            let answer = sent_to(&harness, &cart, country, &fields).await;
            assert_eq!((answer.status, &answer.json["problems"]), (200, &json!([])), "{country}: {answer:?}");
            assert_eq!(answer.json["address"].get("postcode"), None, "{country}");
        }
    }
    assert_eq!(quoted(&harness, BUYER, &cart).await.status, 201);
}

#[tokio::test]
async fn an_address_that_lacks_what_its_country_needs_is_refused() {
    let (harness, cart) = shipped_by_air(&["US", "GB", "DE"]).await;
    let refused = async |country: &str, fields: Value| {
        let answer = sent_to(&harness, &cart, country, &fields).await;
        assert_eq!(answer.status, 422, "{country}: {answer:?}");
        (answer.json["errors"][0]["pointer"].clone(), answer.json["errors"][0]["detail"].as_str().unwrap().to_owned())
    };
    let (pointer, detail) = refused("US", json!({"postcode": "95014"})).await;
    assert_eq!(pointer, "/address/region");
    assert!(detail.starts_with("is required for US and must be one of: AL, AK, "), "{detail}");
    let (pointer, detail) = refused("US", json!({"postcode": "95014", "region": "Ontario"})).await;
    assert!(pointer == "/address/region" && detail.starts_with("must be one of: AL, AK, "), "{pointer} {detail}");
    let (pointer, detail) = refused("GB", json!({})).await;
    assert!(pointer == "/address/postcode" && detail.starts_with("is required for GB"), "{pointer} {detail}");
    let (pointer, detail) = refused("XX", json!({"postcode": "1"})).await;
    assert!(pointer == "/address/country" && detail.contains("ISO 3166-1"), "{pointer} {detail}");
    assert_eq!(sent_to(&harness, &cart, "DE", &json!({"postcode": "10115"})).await.status, 200);
    let california = sent_to(&harness, &cart, "US", &json!({"postcode": "95014", "region": "California"})).await;
    assert_eq!(california.json["address"]["region"], "CA");
    assert_eq!(view(&harness, BUYER, &cart).await["shipping"]["address"]["region"], "CA");
}

#[tokio::test]
async fn a_postcode_of_unusual_form_is_a_problem_of_the_cart_and_no_refusal() {
    let (harness, cart) = shipped_by_air(&["GB", "HK"]).await;
    for (country, postcode, text) in
        [("GB", "12345", "A usual one looks like EC1Y 8SY."), ("HK", "999077", "Addresses in HK have no postcode.")]
    {
        let answer = sent_to(&harness, &cart, country, &json!({"postcode": postcode})).await;
        let problems = view(&harness, BUYER, &cart).await["problems"].clone();
        assert_eq!((answer.status, &answer.json["problems"]), (200, &problems), "{answer:?}");
        assert_eq!(codes(&problems), ["unusual-postcode"]);
        assert!(problems[0]["detail"].as_str().unwrap().ends_with(text), "{problems}");
        assert_eq!(quoted(&harness, BUYER, &cart).await.status, 201);
    }
}

#[tokio::test]
async fn the_tax_of_a_state_is_that_of_the_address_until_it_moves() {
    let (harness, cart) = shipped_by_air(&["US"]).await;
    let california = json!({"region": "CA", "rates": {"standard": "7.25"}});
    let rates = tax_rates("US", &json!({"rates": {"standard": "0"}, "regions": [california]}));
    expect(200, &harness, set_tax_rates, rates).await;
    for (region, postcode, tax) in [("California", "95014", 362 + 73), ("NY", "10001", 0), ("us-ca", "95014", 435)] {
        let set = sent_to(&harness, &cart, "US", &json!({"region": region, "postcode": postcode})).await;
        assert_eq!(set.status, 200, "{set:?}");
        // 49.99 × 7.25 % = 3.624… and 10.00 × 7.25 % = 0.725.
        assert_eq!(quoted(&harness, BUYER, &cart).await.json["totals"]["tax"]["amount"], tax, "{region}");
    }
}

#[tokio::test]
async fn the_options_of_a_postcode_can_be_listed() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let listed = |postcode: &str| {
        of_cart("GET", BUYER, &cart, "/shipping-options").query("country", "GB").query("postcode", postcode)
    };
    for postcode in ["SW1Y 4JH", "1", &"9".repeat(16)] {
        let options = expect(200, &harness, list_shipping_options, listed(postcode)).await;
        assert_eq!(options.json["items"][0]["id"], "standard", "{postcode}");
    }
    for postcode in ["", &"9".repeat(17)] {
        let refused = expect(422, &harness, list_shipping_options, listed(postcode)).await;
        assert_eq!(refused.pointers(), ["/postcode"], "{postcode}");
    }
}
