//! Tests of the operations, invoked like Lambda does, with the embedded store.

mod category;
mod finding;
mod import;
mod list_products;
mod manage_product;
mod price_lists;
mod snapshots;

use contracts::Role;
use emulators::Cloud;
use lambda::testing::{Answer, Harness, Request, user};
use serde_json::{Value, json};

use crate::operations::{
    archive_product::function as archive_product, create_category::function as create_category,
    create_product::function as create_product, get_product::function as get_product,
    list_products::function as list_products, set_price::function as set_price,
    update_product::function as update_product,
};

async fn harness() -> Harness {
    Harness::new(Cloud::memory().http_client()).await
}

fn as_merchant(method: &str, path: &str) -> Request {
    Request::new(method, path).from(user(1), &[Role::Merchant])
}

fn lamp(sku: &str) -> Value {
    json!({
        "title": "Desk lamp", "description": "Folds flat.", "categoryIds": [],
        "variants": [{"sku": sku, "options": {"colour": "red"}, "prices": [{"currency": "EUR", "amount": 4999}]}],
    })
}

/// A product in which some fields are replaced.
fn with(mut product: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        product[name] = value.clone();
    }
    product
}

async fn create(harness: &Harness, product: &Value) -> Answer {
    harness.call(create_product, as_merchant("POST", "/v1/products").json(product)).await
}

async fn created(harness: &Harness, product: &Value) -> String {
    let answer = create(harness, product).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json["id"].as_str().unwrap().to_owned()
}

async fn get(harness: &Harness, id: &str) -> Answer {
    harness.call(get_product, Request::new("GET", &format!("/v1/products/{id}")).parameter("productId", id)).await
}

fn patch(id: &str, version: u64, fields: &Value) -> Request {
    let request = as_merchant("PATCH", &format!("/v1/products/{id}")).parameter("productId", id);
    request.header("if-match", format!("\"{version}\"")).json(fields)
}

async fn archive(harness: &Harness, id: &str) -> Answer {
    let request = as_merchant("DELETE", &format!("/v1/products/{id}")).parameter("productId", id);
    harness.call(archive_product, request).await
}

fn prices(id: &str, sku: &str, prices: &Value) -> Request {
    let path = format!("/v1/products/{id}/variants/{sku}/prices");
    let request = as_merchant("PUT", &path).parameter("productId", id).parameter("sku", sku).header("if-match", "*");
    request.json(&json!({"prices": prices}))
}

async fn category(harness: &Harness, name: &str, parent: Option<&str>) -> String {
    let body = json!({"name": name, "parentId": parent});
    let answer = harness.call(create_category, as_merchant("POST", "/v1/categories").json(&body)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json["id"].as_str().unwrap().to_owned()
}

fn ids(page: &Answer) -> Vec<String> {
    assert_eq!(page.status, 200, "{page:?}");
    page.json["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}
