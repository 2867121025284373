//! Tests of the operations, invoked like Lambda does, with the embedded store.

mod handling;
mod reading;
mod scheduling;

use contracts::{
    Address, OrderId, Role, ShipmentId, UserId,
    events::orders::{CancelReason, OrderCancelled, OrderConfirmed},
};
use emulators::Cloud;
use lambda::{
    Function, Time,
    testing::{Answer, Harness, Request, START, user},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::operations::{
    assign_courier::function as assign_courier, cancel_shipment::function as cancel_shipment,
    deliver_shipment::function as deliver_shipment, dispatch_shipment::function as dispatch_shipment,
    fail_delivery::function as fail_delivery, get_shipment::function as get_shipment,
    list_shipments::function as list_shipments, schedule_shipment::function as schedule_shipment,
};

const CUSTOMER: u128 = 1;
const STRANGER: u128 = 2;
const COURIER: u128 = 3;
const OTHER_COURIER: u128 = 4;
const SUPPORT: u128 = 5;
const ADMIN: u128 = 6;

async fn harness() -> Harness {
    Harness::new(Cloud::memory().http_client()).await
}

/// The shipments of a number of orders.
async fn scheduled(orders: u128) -> Harness {
    let harness = harness().await;
    for number in 1..=orders {
        harness.consume(schedule_shipment, confirmed(&harness, number)).await.unwrap();
    }
    harness
}

fn order(number: u128) -> OrderId {
    Uuid::from_u128(number).into()
}

fn shipment(number: u128) -> ShipmentId {
    Uuid::from_u128(number).into()
}

fn confirmed(harness: &Harness, number: u128) -> OrderConfirmed {
    let address = Address {
        name: "Ada Lovelace".to_owned(),
        line1: "12 St James Square".to_owned(),
        line2: None,
        city: Some("London".to_owned()),
        region: None,
        postcode: Some("SW1Y 4JH".to_owned()),
        country: "GB".to_owned(),
    };
    OrderConfirmed {
        order: order(number),
        customer: user(CUSTOMER),
        lines: Vec::new(),
        shipping_option: "standard".to_owned(),
        ship_to: harness.env().sealer().unwrap().seal("address", &address).unwrap(),
        deadline: START,
    }
}

fn cancelled(number: u128) -> OrderCancelled {
    OrderCancelled::of(order(number), user(CUSTOMER), CancelReason::Requested)
}

fn role(number: u128) -> Role {
    match number {
        COURIER | OTHER_COURIER => Role::Courier,
        SUPPORT => Role::Support,
        ADMIN => Role::Admin,
        _ => Role::Customer,
    }
}

fn post(caller: u128, number: u128, verb: &str, body: &Value) -> Request {
    let id = shipment(number);
    let request = Request::new("POST", &format!("/v1/shipments/{id}/{verb}")).parameter("shipmentId", id);
    request.from(user(caller), &[role(caller)]).json(body)
}

/// Sends an empty body.
async fn tell(harness: &Harness, function: fn() -> Function, caller: u128, number: u128) -> Answer {
    harness.call(function, post(caller, number, "it", &json!({}))).await
}

async fn fail(harness: &Harness, caller: u128, number: u128) -> Answer {
    harness.call(fail_delivery, post(caller, number, "failure", &json!({"reason": "nobody home"}))).await
}

async fn get(harness: &Harness, caller: u128, number: u128) -> Answer {
    let id = shipment(number);
    let request = Request::new("GET", &format!("/v1/shipments/{id}")).parameter("shipmentId", id);
    harness.call(get_shipment, request.from(user(caller), &[role(caller)])).await
}

async fn status(harness: &Harness, number: u128) -> String {
    let answer = get(harness, SUPPORT, number).await;
    answer.json["status"].as_str().unwrap_or_default().to_owned()
}

async fn list(harness: &Harness, caller: u128, filters: &[(&str, String)]) -> Answer {
    let request = Request::new("GET", "/v1/shipments").from(user(caller), &[role(caller)]);
    let request = filters.iter().fold(request, |request, (name, value)| request.query(name, value));
    harness.call(list_shipments, request).await
}

/// The ids of a list.
fn ids(answer: &Answer) -> Vec<ShipmentId> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let items = answer.json["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().parse().unwrap()).collect()
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.problem())
}

fn of_courier(courier: UserId) -> [(&'static str, String); 1] {
    [("courierId", courier.to_string())]
}
