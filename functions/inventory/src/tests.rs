//! Tests of the operations, invoked like Lambda does, with the embedded store.

mod adjust_stock;
mod replenishment;
mod reservation;

use contracts::{
    Currency, Money, OrderId, OrderLine, Sealed, TaxClass, Totals,
    events::{
        delivery::ShipmentDispatched,
        orders::{CancelReason, OrderCancelled, OrderPlaced},
    },
};
use emulators::Cloud;
use lambda::testing::{Answer, Harness, Request, START, user};
use serde_json::json;
use uuid::Uuid;

use crate::operations::{adjust_stock::function as adjust_stock, get_stock::function as get_stock};

async fn harness() -> Harness {
    Harness::new(Cloud::memory().http_client()).await
}

pub(crate) fn order(number: u128) -> OrderId {
    Uuid::from_u128(number).into()
}

fn adjustment(sku: &str, delta: i64, reason: &str) -> Request {
    Request::new("POST", &format!("/v1/stock/{sku}/adjustments"))
        .from(user(1), &[contracts::Role::Merchant])
        .parameter("sku", sku)
        .json(&json!({"delta": delta, "reason": reason}))
}

async fn received(harness: &Harness, sku: &str, quantity: i64) {
    let answer = harness.call(adjust_stock, adjustment(sku, quantity, "received")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

async fn level(harness: &Harness, sku: &str) -> Answer {
    let request = Request::new("GET", &format!("/v1/stock/{sku}")).from(user(1), &[contracts::Role::Merchant]);
    harness.call(get_stock, request.parameter("sku", sku)).await
}

/// The units on hand, reserved and available.
async fn counts(harness: &Harness, sku: &str) -> (u64, u64, u64) {
    let level = level(harness, sku).await.json;
    let count = |name: &str| level[name].as_u64().unwrap();
    (count("onHand"), count("reserved"), count("available"))
}

pub(crate) fn placed(number: u128, lines: &[(&str, u32)]) -> OrderPlaced {
    let zero = Money::zero(Currency::Eur);
    let line = |(sku, quantity): &(&str, u32)| OrderLine {
        sku: sku.parse().unwrap(),
        product: Uuid::nil().into(),
        title: "Lamp".to_owned(),
        quantity: *quantity,
        unit_price: zero,
        list_price: None,
        price_list: None,
        discount: zero,
        discounts: Vec::new(),
        tax_class: TaxClass::STANDARD,
        tax_included: false,
        tax: zero,
        total: zero,
    };
    OrderPlaced {
        order: order(number),
        customer: user(2),
        quote: Uuid::from_u128(number).into(),
        cart: Uuid::from_u128(number).into(),
        generation: 0,
        lines: lines.iter().map(line).collect(),
        totals: Totals::zero(Currency::Eur),
        redemptions: Vec::new(),
        shipping_option: "standard".to_owned(),
        ship_to: Sealed::from_ciphertext(String::new()),
        payment_method: Sealed::from_ciphertext(String::new()),
        return_url: None,
        deadline: START,
    }
}

pub(crate) fn cancelled(number: u128) -> OrderCancelled {
    OrderCancelled::of(order(number), user(2), CancelReason::Requested)
}

fn dispatched(number: u128) -> ShipmentDispatched {
    ShipmentDispatched { shipment: Uuid::from_u128(number).into(), order: order(number), courier: user(3) }
}
