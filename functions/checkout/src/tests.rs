//! Tests of the operations, invoked like Lambda does, with the embedded store.

mod abandon_carts;
mod cart;
mod keys;
mod merge_cart;
mod ordering;
mod price_lists;
mod projection;
mod promotion;
mod promotion_changes;
mod promotion_codes;
mod promotion_limits;
mod quote;
mod rates;
mod shipping;

use contracts::{
    Currency, ProductId, Role, TaxClass,
    events::{
        catalog::{Price, Product, ProductPublished, Variant},
        inventory::{Account, Movement, StockChanged},
    },
};
use emulators::Cloud;
use lambda::{
    Function,
    testing::{Answer, Harness, Request, user},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::operations::{
    create_cart::function as create_cart, create_quote::function as create_quote, get_cart::function as get_cart,
    project_product::function as project_product, project_stock::function as project_stock,
    put_item::function as put_item, rotate_quote_key::function as rotate_quote_key,
    set_shipping::function as set_shipping, set_shipping_rates::function as set_shipping_rates,
    set_tax_rates::function as set_tax_rates,
};

/// The customer of most tests.
const BUYER: u128 = 1;

async fn harness() -> Harness {
    Harness::new(Cloud::memory().http_client()).await
}

/// A guest's request to a cart.
fn of_cart(method: &str, by: u128, cart: &str, rest: &str) -> Request {
    let request = Request::new(method, &format!("/v1/carts/{cart}{rest}")).from(user(by), &[Role::Guest]);
    request.parameter("cartId", cart)
}

fn as_merchant(method: &str, path: &str) -> Request {
    Request::new(method, path).from(user(99), &[Role::Merchant])
}

async fn expect(status: u16, harness: &Harness, function: fn() -> Function, request: Request) -> Answer {
    let answer = harness.call(function, request).await;
    assert_eq!(answer.status, status, "{answer:?}");
    answer
}

async fn new_cart(harness: &Harness, by: u128, currency: &str) -> String {
    let request = Request::new("POST", "/v1/carts").from(user(by), &[Role::Guest]);
    let answer = expect(201, harness, create_cart, request.json(&json!({"currency": currency}))).await;
    answer.json["id"].as_str().unwrap().to_owned()
}

fn put(by: u128, cart: &str, sku: &str, quantity: u32) -> Request {
    let request = of_cart("PUT", by, cart, &format!("/items/{sku}")).parameter("sku", sku);
    request.json(&json!({"quantity": quantity}))
}

async fn view(harness: &Harness, by: u128, cart: &str) -> Value {
    expect(200, harness, get_cart, of_cart("GET", by, cart, "")).await.json
}

fn codes(problems: &Value) -> Vec<&str> {
    problems.as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

fn euros(amount: i64) -> Price {
    Price { amount, currency: Currency::Eur, valid_from: None, valid_to: None }
}

fn product(number: u128, variants: &[(&str, i64)]) -> Product {
    let variant = |(sku, amount): &(&str, i64)| Variant {
        sku: sku.parse().unwrap(),
        options: [].into(),
        prices: vec![euros(*amount)],
    };
    Product {
        id: product_id(number),
        title: "Desk lamp".to_owned(),
        categories: Vec::new(),
        description: String::new(),
        images: Vec::new(),
        attributes: [].into(),
        listed_in: Vec::new(),
        tax_class: TaxClass::STANDARD,
        variants: variants.iter().map(variant).collect(),
    }
}

fn product_id(number: u128) -> ProductId {
    Uuid::from_u128(number).into()
}

/// Updates the read model with a product at a version.
async fn publish(harness: &Harness, version: u64, product: Product) {
    let event = harness.envelope("product#1", version, ProductPublished { product });
    harness.deliver(project_product, &event).await.unwrap();
}

/// Updates the read model with a level at a version.
async fn stock(harness: &Harness, version: u64, sku: &str, available: u32) {
    let movement = Movement { from: Account::Received, to: Account::Available, quantity: 1 };
    let changed = StockChanged {
        sku: sku.parse().unwrap(),
        movement,
        reason: "received".to_owned(),
        on_hand: available,
        reserved: 0,
        available,
        location: None,
    };
    harness.deliver(project_stock, &harness.envelope("level#1", version, changed)).await.unwrap();
}

fn options(options: &Value) -> Request {
    options_to("GB", options)
}

fn options_to(country: &str, options: &Value) -> Request {
    let request = as_merchant("PUT", &format!("/v1/shipping-rates/{country}")).parameter("country", country);
    request.header("if-match", "*").json(&json!({"options": options}))
}

fn tax(country: &str, rate: &str) -> Request {
    tax_rates(country, &json!({"rate": rate}))
}

fn tax_rates(country: &str, rates: &Value) -> Request {
    let request = as_merchant("PUT", &format!("/v1/tax-rates/{country}")).parameter("country", country);
    request.json(rates)
}

fn shipping(by: u128, cart: &str, country: &str, option: &str) -> Request {
    let address = json!({
        "name": "Ada Lovelace", "line1": "12 St James Square", "city": "London", "postcode": "SW1Y 4JH",
        "country": country,
    });
    of_cart("PUT", by, cart, "/shipping").json(&json!({"address": address, "option": option}))
}

/// A shop with a lamp for 49.99 €, ten in stock, which ships to Great Britain for 4.99 € with 20 % tax, and with a
/// signing key.
async fn shop() -> Harness {
    let harness = harness().await;
    publish(&harness, 1, product(1, &[("LAMP", 4999)])).await;
    stock(&harness, 1, "LAMP", 10).await;
    let standard = json!([{
        "id": "standard", "name": "Standard", "days": 3, "prices": [{"amount": 499, "currency": "EUR"}],
    }]);
    expect(200, &harness, set_shipping_rates, options(&standard)).await;
    expect(200, &harness, set_tax_rates, tax("GB", "20")).await;
    harness.tick(rotate_quote_key).await;
    harness
}

/// A buyer's cart with lamps, shipped to Great Britain.
async fn filled_cart(harness: &Harness, by: u128, quantity: u32) -> String {
    let cart = new_cart(harness, by, "EUR").await;
    expect(200, harness, put_item, put(by, &cart, "LAMP", quantity)).await;
    expect(200, harness, set_shipping, shipping(by, &cart, "GB", "standard")).await;
    cart
}

async fn quoted(harness: &Harness, by: u128, cart: &str) -> Answer {
    harness.call(create_quote, of_cart("POST", by, cart, "/quote").json(&json!({}))).await
}
