//! The pages, as a browser gets them: against a table of their own, and other services that answer as a test says.

mod account;
mod address_book;
mod basket;
mod buying;
mod checkout_address;
mod checkout_payment;
mod checkout_review;
mod checkout_shipping;
mod delivering;
mod desk_access;
mod desk_imports;
mod desk_orders;
mod desk_product;
mod desk_products;
mod desk_promotions;
mod desk_today;
mod devices;
mod engines;
mod entering;
mod golden;
mod markup;
mod order_facts;
mod order_page;
mod orders;
mod owners;
mod pages;
mod projecting;
mod registering;
mod searching;
mod sessions;
mod supporting;
mod templates;
mod wallet;

use std::sync::Arc;

use contracts::{
    CategoryId, Sku,
    events::{
        catalog::{CategoryChanged, Product, ProductPublished},
        inventory::{Account, Movement, StockChanged},
    },
};
use golden::golden;
use lambda::testing::{Answer, Harness, Request};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    aisle::tests::id,
    item::tests::{product, sku},
    operations::*,
};

/// A harness in which every other service answers with this status and body.
async fn harness(status: u16, body: Value) -> Harness {
    let harness = Harness::new(emulators::Cloud::memory().http_client()).await;
    owners::with_apis(harness).with_check(markup::check).with_outbound_http(Arc::new(move |_| {
        let answer = http::Response::builder().status(status).body(body.to_string().into());
        Box::pin(async { answer.map_err(std::io::Error::other) })
    }))
}

/// A harness in which no other service answers.
async fn alone() -> Harness {
    harness(503, Value::Null).await
}

/// Departments and an aisle below the first.
async fn open_aisles(harness: &Harness) {
    for (number, name, parent) in [(1, "Home", None), (2, "Outdoors", None), (3, "Lighting", Some(id(1)))] {
        let event = CategoryChanged { category: id(number), name: name.to_owned(), parent };
        harness.deliver(copy_category::function, &harness.envelope("category#1", 1, event)).await.unwrap();
    }
}

/// A lamp in two colours, in an aisle.
fn lamp() -> Product {
    let categories: Vec<CategoryId> = vec![id(3)];
    Product {
        description: "Folds flat.".to_owned(),
        images: vec!["/pictures/lamp-red.svg".to_owned(), "/pictures/lamp-ink.svg".to_owned()],
        attributes: [("material".to_owned(), "aluminium".to_owned())].into(),
        categories,
        ..product("Fold desk lamp", &[("RED", 4999), ("INK", 5499)])
    }
}

async fn publish(harness: &Harness, product: Product) {
    let envelope = harness.envelope("product#1", 1, ProductPublished { product });
    harness.deliver(copy_product::function, &envelope).await.unwrap();
}

fn stock_changed(name: &str, available: u32) -> StockChanged {
    let (sku, reason): (Sku, _) = (sku(name), "received".to_owned());
    let movement = Movement { from: Account::Received, to: Account::Available, quantity: 1 };
    StockChanged { sku, movement, reason, on_hand: available, reserved: 0, available, location: None }
}

async fn stock(harness: &Harness, name: &str, available: u32, version: u64) {
    let envelope = harness.envelope("stock#1", version, stock_changed(name, available));
    harness.deliver(copy_stock::function, &envelope).await.unwrap();
}

/// The id of the product that tests publish, as a text.
fn lamp_id() -> String {
    contracts::ProductId::from(Uuid::from_u128(1)).to_string()
}

async fn get_lamp(harness: &Harness) -> Answer {
    let path = crate::link::product(lamp_id(), "Fold desk lamp");
    let segment = path.trim_start_matches("/products/").to_owned();
    harness.call(show_product::function, Request::new("GET", &path).parameter("productId", segment)).await
}
