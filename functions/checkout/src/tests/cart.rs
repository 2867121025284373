use futures::future::join_all;

use super::*;
use crate::operations::{
    list_shipping_options::function as list_shipping_options, remove_item::function as remove_item,
};

fn to_country(cart: &str, country: &str) -> Request {
    of_cart("GET", BUYER, cart, "/shipping-options").query("country", country)
}

#[tokio::test]
async fn a_new_cart_is_empty_and_made_once_for_each_key() {
    let harness = harness().await;
    let request = Request::new("POST", "/v1/carts").from(user(BUYER), &[Role::Guest]).json(&json!({"currency": "EUR"}));
    let cart = expect(201, &harness, create_cart, request.clone()).await;
    let id = cart.json["id"].as_str().unwrap();
    assert_eq!(cart.headers["location"], format!("/v1/carts/{id}"));
    assert_eq!((&cart.json["lines"], &cart.json["totals"]["total"]["amount"]), (&json!([]), &json!(0)));
    let again = expect(201, &harness, create_cart, request).await;
    assert_eq!((again.headers["idempotency-replayed"].as_str(), &again.json["id"]), ("true", &cart.json["id"]));
    assert_eq!(view(&harness, BUYER, id).await["status"], "open");
}

#[tokio::test]
async fn a_cart_shows_its_lines_priced_with_shipping_and_tax() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 2).await;
    let view = view(&harness, BUYER, &cart).await;
    assert_eq!((&view["lines"][0]["title"], &view["lines"][0]["total"]["amount"]), (&json!("Desk lamp"), &json!(9998)));
    let totals = ["items", "discount", "shipping", "tax", "total"].map(|name| view["totals"][name]["amount"].as_i64());
    assert_eq!(totals.map(Option::unwrap), [9998, 0, 499, 2100, 12597]);
    assert_eq!(
        (&view["shipping"]["option"]["id"], &view["shipping"]["address"]["city"]),
        (&json!("standard"), &json!("London"))
    );
    assert_eq!(view["lines"][0]["problems"], json!([]));
}

#[tokio::test]
async fn a_cart_says_what_has_changed_since_its_lines_were_put_in() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 3).await;
    publish(&harness, 2, product(1, &[("LAMP", 5999)])).await;
    stock(&harness, 2, "LAMP", 2).await;
    let problems = view(&harness, BUYER, &cart).await["lines"][0]["problems"].clone();
    assert_eq!(
        problems,
        json!([
            {"code": "low-stock", "detail": "Only 2 left."},
            {"code": "price-changed", "detail": "The price changed from 49.99 EUR to 59.99 EUR."},
        ])
    );
    stock(&harness, 3, "LAMP", 0).await;
    let item = expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", 1)).await;
    assert_eq!(
        (&item.json["unitPrice"]["amount"], codes(&item.json["problems"])),
        (&json!(5999), vec!["out-of-stock"])
    );
}

#[tokio::test]
async fn only_what_is_sold_in_the_carts_currency_can_be_put_in() {
    let harness = shop().await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    let unknown = expect(422, &harness, put_item, put(BUYER, &cart, "CHAIR", 1)).await;
    assert_eq!(unknown.problem(), "unknown-sku");
    let pounds = new_cart(&harness, BUYER, "GBP").await;
    let unpriced = expect(422, &harness, put_item, put(BUYER, &pounds, "LAMP", 1)).await;
    assert_eq!((unpriced.problem(), &unpriced.json["detail"]), ("not-sold", &json!("It is not sold in GBP.")));
}

#[tokio::test]
async fn a_line_can_be_set_and_removed_again_and_again() {
    let harness = shop().await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    for quantity in [2, 2, 5] {
        expect(200, &harness, put_item, put(BUYER, &cart, "LAMP", quantity)).await;
    }
    assert_eq!(view(&harness, BUYER, &cart).await["lines"][0]["quantity"], 5);
    let remove = of_cart("DELETE", BUYER, &cart, "/items/LAMP").parameter("sku", "LAMP");
    expect(204, &harness, remove_item, remove.clone()).await;
    expect(204, &harness, remove_item, remove).await;
    assert_eq!(view(&harness, BUYER, &cart).await["lines"], json!([]));
    let unknown = "crt_0000000000000000000000000000002a";
    let nowhere = of_cart("DELETE", BUYER, unknown, "/items/LAMP").parameter("sku", "LAMP");
    expect(404, &harness, remove_item, nowhere).await;
}

#[tokio::test]
async fn changes_at_the_same_time_all_count() {
    let harness = shop().await;
    let skus: Vec<_> = (0..8).map(|at| format!("SKU-{at}")).collect();
    let variants: Vec<_> = skus.iter().map(|sku| (sku.as_str(), 100)).collect();
    publish(&harness, 2, product(2, &variants)).await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    let puts = skus.iter().map(|sku| harness.call(put_item, put(BUYER, &cart, sku, 1)));
    assert!(join_all(puts).await.iter().all(|answer| answer.status == 200));
    assert_eq!(view(&harness, BUYER, &cart).await["lines"].as_array().unwrap().len(), 8);
}

#[tokio::test]
async fn wrong_input_says_which_field() {
    let harness = shop().await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    for quantity in [0, 1000] {
        let answer = expect(422, &harness, put_item, put(BUYER, &cart, "LAMP", quantity)).await;
        assert_eq!(answer.pointers(), ["/quantity"]);
    }
    let surplus = Request::new("POST", "/v1/carts").from(user(BUYER), &[Role::Guest]);
    let surplus = surplus.json(&json!({"currency": "EUR", "total": 1}));
    assert_eq!(expect(422, &harness, create_cart, surplus).await.pointers(), ["/total"]);
    let nowhere = expect(422, &harness, set_shipping, shipping(BUYER, &cart, "gb", "standard")).await;
    assert_eq!(nowhere.pointers(), ["/address/country"]);
    let unknown = expect(422, &harness, set_shipping, shipping(BUYER, &cart, "GB", "express")).await;
    assert_eq!(unknown.pointers(), ["/option"]);
}

#[tokio::test]
async fn shipping_options_are_those_of_the_country_in_the_carts_currency() {
    let harness = shop().await;
    let cart = new_cart(&harness, BUYER, "EUR").await;
    let options = expect(200, &harness, list_shipping_options, to_country(&cart, "GB")).await;
    assert_eq!(
        (&options.json["items"][0]["id"], &options.json["items"][0]["price"]["amount"]),
        (&json!("standard"), &json!(499))
    );
    let elsewhere = expect(422, &harness, list_shipping_options, to_country(&cart, "FR")).await;
    assert_eq!(elsewhere.problem(), "country-not-served");
    assert!(elsewhere.json["detail"].as_str().unwrap().contains("FR"), "{elsewhere:?}");
    let pounds = new_cart(&harness, BUYER, "GBP").await;
    expect(422, &harness, list_shipping_options, to_country(&pounds, "GB")).await;
    let elsewhere = expect(422, &harness, set_shipping, shipping(BUYER, &cart, "FR", "standard")).await;
    assert_eq!(elsewhere.problem(), "country-not-served");
}

#[tokio::test]
async fn nobody_sees_or_changes_the_cart_of_another() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let remove = of_cart("DELETE", 2, &cart, "/items/LAMP").parameter("sku", "LAMP");
    expect(404, &harness, get_cart, of_cart("GET", 2, &cart, "")).await;
    expect(404, &harness, put_item, put(2, &cart, "LAMP", 9)).await;
    expect(404, &harness, remove_item, remove).await;
    let absent = of_cart("DELETE", 2, &cart, "/items/CHAIR").parameter("sku", "CHAIR");
    expect(404, &harness, remove_item, absent).await;
    expect(404, &harness, set_shipping, shipping(2, &cart, "GB", "standard")).await;
    expect(404, &harness, list_shipping_options, of_cart("GET", 2, &cart, "").query("country", "GB")).await;
    assert_eq!(quoted(&harness, 2, &cart).await.status, 404);
    let anonymous = Request::new("GET", &format!("/v1/carts/{cart}")).parameter("cartId", &cart);
    expect(401, &harness, get_cart, anonymous).await;
    assert_eq!(view(&harness, BUYER, &cart).await["lines"][0]["quantity"], 1);
}

#[tokio::test]
async fn an_address_is_stored_sealed() {
    let harness = shop().await;
    let cart = filled_cart(&harness, BUYER, 1).await;
    let stored: Value = harness.env().table().unwrap().get(&dynamo::Key::of("cart", &cart)).await.unwrap().unwrap();
    assert_eq!(stored["shipping"]["country"], "GB");
    assert!(!stored.to_string().contains("Lovelace"), "{stored}");
}
