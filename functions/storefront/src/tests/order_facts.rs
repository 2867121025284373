//! What the owners know of an order.

use serde_json::json;

use super::{buying::*, owners::Owners, *};

const SHIPMENT: u128 = 5;
const PAYMENT: u128 = 6;

pub(super) fn path() -> String {
    format!("/orders/{}", order_id())
}

pub(super) fn payment_id() -> contracts::PaymentId {
    Uuid::from_u128(PAYMENT).into()
}

pub(super) fn shipment_id() -> contracts::ShipmentId {
    Uuid::from_u128(SHIPMENT).into()
}

pub(super) fn order(status: &str) -> Value {
    json!({
        "id": order_id(), "status": status, "reason": null, "declineReason": null, "note": null, "waitingFor": null,
        "lines": [sold(4999)], "totals": totals(490), "shipTo": berlin(), "shipmentId": null, "shippingOption": "standard",
        "placedAt": "2026-03-03T13:16:40.000Z", "updatedAt": "2026-03-03T13:16:40.000Z",
        "customerId": contracts::UserId::from(Uuid::from_u128(7)),
    })
}

pub(super) fn waiting(status: &str, what: &str) -> Value {
    let mut order = order(status);
    order["waitingFor"] = json!({"what": what, "until": "2026-03-04T13:31:40.000Z"});
    order
}

pub(super) fn cancelled(reason: &str) -> Value {
    let mut order = order("cancelled");
    order["reason"] = json!(reason);
    order
}

pub(super) fn payment(status: &str, captured: i64, refunded: i64, transactions: &[(&str, i64)]) -> Value {
    let transaction = |(kind, amount): &(&str, i64)| json!({"type": kind, "amount": eur(*amount), "at": "2026-03-05T10:02:00.000Z", "from": "held", "to": "customer"});
    json!({
        "id": payment_id(), "orderId": order_id(), "status": status, "amount": eur(10_488), "captured": eur(captured),
        "refunded": eur(refunded), "transactions": transactions.iter().map(transaction).collect::<Vec<_>>(),
    })
}

/// Says what the owners know of the order.
pub(super) fn known(owners: &Owners, order: Value, events: &[&str], payment: Option<Value>) {
    let event = |kind: &&str| json!({"type": kind, "time": "2026-03-03T14:00:00.000Z", "version": 1});
    let history: Vec<_> = events.iter().map(event).collect();
    owners.answer(&format!("GET /v1{}", path()), 200, order);
    owners.answer(&format!("GET /v1{}/history", path()), 200, json!({"items": history, "nextCursor": null}));
    owners.answer(
        "GET /v1/payments",
        200,
        json!({"items": payment.into_iter().collect::<Vec<_>>(), "nextCursor": null}),
    );
}
