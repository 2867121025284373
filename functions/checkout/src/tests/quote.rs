use contracts::{Quote, TotalsView, events::catalog::ProductArchived};
use jiff::SignedDuration;
use lambda::{
    Time,
    jws::{self, InvalidToken},
};

use super::*;
use crate::Checkout;
use crate::operations::{
    apply_promotion::function as apply_promotion, create_promotion::function as create_promotion,
    get_quote::function as get_quote, get_quote_keys::function as get_quote_keys,
};

/// Verifies a quote as another service would, with the published keys.
pub(super) async fn verified(harness: &Harness, quote: &str) -> Result<Quote, InvalidToken> {
    let keys = expect(200, harness, get_quote_keys, Request::new("GET", "/v1/quote-keys")).await.json;
    let kid = jws::key_id(quote)?;
    let key = keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == kid.as_str()).unwrap();
    jws::verify(quote, key["x"].as_str().unwrap(), "test", harness.now())
}

#[tokio::test]
async fn a_quote_is_signed_for_its_caller_and_says_how_it_came_about() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    let answer = quoted(&harness, BUYER, &cart).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let rules: Vec<_> = answer.json["trace"].as_array().unwrap().iter().map(|step| step["rule"].clone()).collect();
    assert_eq!(rules, ["price", "shipping:standard", "tax:GB"]);
    let quote = verified(&harness, answer.json["quote"].as_str().unwrap()).await.unwrap();
    assert_eq!((quote.sub, quote.cart.to_string(), quote.ship_to.city.as_deref()), (user(BUYER), cart, Some("London")));
    assert_eq!(serde_json::to_value(TotalsView::from(quote.totals.clone())).unwrap(), answer.json["totals"]);
    let [signed, shown] = [&serde_json::to_value(&quote.lines).unwrap()[0], &answer.json["lines"][0]];
    assert_eq!(shown["productId"], signed["product"]);
    for field in ["sku", "title", "quantity", "unitPrice", "discount", "tax", "total"] {
        assert_eq!(shown[field], signed[field], "{field}");
    }
    assert_eq!(quote.expires_at(), harness.now() + SignedDuration::from_mins(15));
    assert_eq!(answer.json["expiresAt"], json!(Time::from(quote.expires_at())));
}

#[tokio::test]
async fn a_quote_holds_its_prices_for_fifteen_minutes() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let quote = quoted(&harness, BUYER, &cart).await.json["quote"].as_str().unwrap().to_owned();
    publish(&harness, 2, product(1, &[("LAMP", 9999)])).await;
    harness.advance(SignedDuration::from_secs(15 * 60 - 1));
    assert_eq!(verified(&harness, &quote).await.unwrap().totals.items.amount, 4999);
    harness.advance(SignedDuration::from_secs(1));
    assert_eq!(verified(&harness, &quote).await, Err(InvalidToken::Expired));
    let (one, other) = (quoted(&harness, BUYER, &cart).await, quoted(&harness, BUYER, &cart).await);
    assert_eq!(one.json["totals"]["items"]["amount"], 9999);
    assert_ne!(one.json["id"], other.json["id"]);
}

#[tokio::test]
async fn a_quote_for_more_than_is_in_stock_is_refused_and_says_what_is_left() {
    let harness = shop().await;
    publish(&harness, 1, product(2, &[("SOFA", 90_000), ("MOON", 6900)])).await;
    stock(&harness, 1, "SOFA", 1).await;
    stock(&harness, 1, "MOON", 3).await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    for (sku, quantity) in [("SOFA", 1), ("MOON", 3)] {
        expect(200, &harness, put_item, put(BUYER, &cart, sku, quantity)).await;
    }
    assert_eq!(quoted(&harness, BUYER, &cart).await.status, 201);
    stock(&harness, 2, "LAMP", 1).await;
    stock(&harness, 2, "SOFA", 0).await;
    let answer = quoted(&harness, BUYER, &cart).await;
    assert_eq!((answer.status, answer.problem()), (409, "out-of-stock"));
    assert_eq!(
        answer.json["errors"],
        json!([
            {"pointer": "/lines/0/quantity", "detail": "only 1 of LAMP are left"},
            {"pointer": "/lines/1/quantity", "detail": "SOFA is out of stock"},
        ])
    );
}

#[tokio::test]
async fn a_cart_that_is_not_ready_is_not_quoted() {
    let harness = shop().await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "cart-empty");
    expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "shipping-needed");
    expect(200, &harness, set_shipping, shipping(BUYER, &cart, "GB", "standard")).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.status, 201);

    expect(200, &harness, set_shipping_rates, options(&json!([]))).await;
    assert_eq!(quoted(&harness, BUYER, &cart).await.problem(), "shipping-needed");
    assert_eq!(codes(&view(&harness, BUYER, &cart).await["problems"]), ["shipping-gone"]);

    let archived = ProductArchived { product: product_id(1), skus: vec!["LAMP".parse().unwrap()] };
    harness.deliver(project_product, &harness.envelope("product#1", 2, archived)).await.unwrap();
    let refused = quoted(&harness, BUYER, &cart).await;
    assert_eq!((refused.status, refused.problem()), (409, "lines-not-sold"));
    assert_eq!(refused.json["errors"], json!([{"pointer": "/lines/0", "detail": "LAMP is no longer sold"}]));
    let line = view(&harness, BUYER, &cart).await["lines"][0].clone();
    assert_eq!((codes(&line["problems"]), &line["title"]), (vec!["not-sold"], &json!("Desk lamp")));
}

#[tokio::test]
async fn without_a_key_a_quote_must_wait() {
    let harness = harness().await;
    publish(&harness, 1, product(1, &[("LAMP", 4999)])).await;
    stock(&harness, 1, "LAMP", 10).await;
    let free = json!([{"id": "standard", "name": "Free", "days": 3, "prices": [{"amount": 0, "currency": "EUR"}]}]);
    expect(200, &harness, set_shipping_rates, options(&free)).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let answer = quoted(&harness, BUYER, &cart).await;
    assert_eq!((answer.status, answer.problem(), answer.headers["retry-after"].as_str()), (503, "no-quote-key", "1"));
    harness.tick(rotate_quote_key).await;
    let answer = quoted(&harness, BUYER, &cart).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.json["trace"][2]["description"], "No tax is known for GB");
}

pub(super) fn kept(by: u128, id: &str) -> Request {
    Request::new("GET", &format!("/v1/quotes/{id}")).from(user(by), &[Role::Guest]).parameter("quoteId", id)
}

/// A quote of the whole of what can be in one: lines of two classes, a promotion of each level, regional tax.
async fn full_quote(harness: &Harness) -> Answer {
    let category = contracts::CategoryId::from(Uuid::from_u128(7));
    let book =
        Product { listed_in: vec![category], tax_class: "reduced".parse().unwrap(), ..product(2, &[("BOOK", 999)]) };
    publish(harness, 1, book).await;
    stock(harness, 1, "BOOK", 100).await;
    let rates = json!({"rates": {"standard": "20", "reduced": "5"}, "shipping": "proportional", "rounding": "total"});
    expect(200, harness, set_tax_rates, tax_rates("GB", &rates).header("if-match", "*")).await;
    let books = json!({"categoryIds": [category]});
    let cart = filled_cart(harness, BUYER, 3).await;
    expect(200, harness, put_item, put(BUYER, &cart, "BOOK", 7)).await;
    for (code, body) in [
        (
            "ITEM",
            json!({"kind": "buyXGetY", "buy": {"quantity": 2, "items": books}, "get": {"quantity": 1, "items": books}}),
        ),
        ("ORDER", json!({"kind": "percentage", "percent": "33.3333", "items": {"not": {"skus": ["SHADE"]}}})),
        ("SHIP", json!({"kind": "fixed", "amount": {"amount": 100, "currency": "EUR"}, "level": "shipping"})),
    ] {
        let mut body = body;
        body["code"] = json!(code);
        body["combinesWith"] = json!(["item", "order", "shipping"]);
        expect(201, harness, create_promotion, as_merchant("POST", "/v1/promotions").json(&body)).await;
        let apply = of_cart("PUT", BUYER, &cart, &format!("/promotions/{code}")).parameter("code", code);
        expect(200, harness, apply_promotion, apply).await;
    }
    let quote = quoted(harness, BUYER, &cart).await;
    assert_eq!(quote.status, 201, "{quote:?}");
    quote
}

#[tokio::test]
async fn a_quote_can_be_calculated_again_whatever_has_changed_since() {
    let harness = shop().await;
    let quote = full_quote(&harness).await.json;
    let rules =
        quote["trace"].as_array().unwrap().iter().filter(|step| step["rule"].as_str().unwrap().starts_with("promo"));
    assert_eq!(rules.count(), 3, "{quote}");
    publish(&harness, 2, product(1, &[("LAMP", 9999)])).await;
    expect(200, &harness, set_tax_rates, tax("GB", "1").header("if-match", "*")).await;
    expect(200, &harness, set_shipping_rates, options(&json!([]))).await;
    let id = quote["id"].as_str().unwrap();
    let again = expect(200, &harness, get_quote, kept(BUYER, id)).await.json;
    assert_eq!(again["verified"], true);
    for field in ["lines", "totals", "trace", "expiresAt"] {
        assert_eq!(again[field], quote[field], "{field}");
    }
    assert_eq!((again["promotionIds"].as_array().unwrap().len(), &again["shippingOption"]), (3, &json!("standard")));
}

#[tokio::test]
async fn a_quote_is_read_by_its_caller_and_support_only() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let quote = quoted(&harness, BUYER, &cart).await.json;
    let id = quote["id"].as_str().unwrap();
    expect(404, &harness, get_quote, kept(2, id)).await;
    expect(404, &harness, get_quote, kept(BUYER, "quo_0000000000000000000000000000002a")).await;
    assert_eq!(expect(200, &harness, get_quote, kept(BUYER, id)).await.json["cartId"], json!(cart));
    expect(200, &harness, get_quote, kept(98, id).from(user(98), &[Role::Support])).await;
}

#[tokio::test]
async fn a_quote_with_the_tax_of_a_region_can_be_calculated_again() {
    let harness = shop().await;
    let rates = json!({"rates": {"standard": "1"}, "regions": [
        {"region": "CA", "rates": {"standard": "7.25"}}, {"region": "NY", "rates": {"standard": "4"}}]});
    expect(200, &harness, set_tax_rates, tax_rates("US", &rates)).await;
    let standard = json!([{
        "id": "standard", "name": "Standard", "days": 3, "prices": [{"amount": 499, "currency": "EUR"}],
    }]);
    expect(200, &harness, set_shipping_rates, options_to("US", &standard)).await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let address = json!({"name": "Ada Lovelace", "line1": "1 Main Street", "city": "San Francisco", "region": "CA",
        "postcode": "94105", "country": "US"});
    let to = of_cart("PUT", BUYER, &cart, "/shipping").json(&json!({"address": address, "option": "standard"}));
    expect(200, &harness, set_shipping, to).await;
    let quote = quoted(&harness, BUYER, &cart).await.json;
    assert_eq!(quote["trace"][2]["rule"], "tax:US-CA");
    expect(200, &harness, set_tax_rates, tax_rates("US", &json!({"rate": "0"})).header("if-match", "*")).await;
    let again = expect(200, &harness, get_quote, kept(BUYER, quote["id"].as_str().unwrap())).await.json;
    assert_eq!((&again["verified"], &again["totals"]), (&json!(true), &quote["totals"]));
}

#[tokio::test]
async fn a_quote_that_was_kept_otherwise_than_it_was_calculated_is_not_verified() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    let quote = quoted(&harness, BUYER, &cart).await.json;
    let store = harness.service::<Checkout>().store;
    let kept_quote = store.kept_quote(quote["id"].as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
    let cent = contracts::Money::new(1, Currency::Eur);
    let mut other_total = kept_quote.clone();
    other_total.totals.total = other_total.totals.total.plus(cent).unwrap();
    let mut other_line = kept_quote.clone();
    other_line.lines[0].tax = other_line.lines[0].tax.plus(cent).unwrap();
    let verified = [kept_quote, other_total, other_line].map(|kept| kept.verify().unwrap().1);
    assert_eq!(verified, [true, false, false]);
}

#[tokio::test]
async fn all_kept_quotes_are_calculated_again_and_those_that_differ_are_named() {
    let harness = shop().await;
    let store = harness.service::<Checkout>().store;
    let verify = async || crate::verify_quotes(store.table().clone()).await.unwrap();
    assert_eq!(verify().await, crate::VerifiedQuotes::default());
    let mut ids = Vec::new();
    for by in 1..=3 {
        let cart = filled_cart(&harness, by, 2).await;
        ids.push(quoted(&harness, by, &cart).await.json["id"].as_str().unwrap().parse().unwrap());
    }
    assert_eq!(verify().await, crate::VerifiedQuotes { count: 3, different: Vec::new() });
    let mut other = store.kept_quote(ids[1]).await.unwrap().unwrap();
    other.totals.total = other.totals.total.plus(contracts::Money::new(1, Currency::Eur)).unwrap();
    store.table().commit(&harness.context()).put_record(&other).run().await.unwrap();
    assert_eq!(verify().await, crate::VerifiedQuotes { count: 3, different: vec![ids[1]] });
}
