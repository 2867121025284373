//! Orders: operations to place, read and cancel orders, and the events of the saga.

use std::time::Duration;

use contracts::Role;
use serde_json::json;

use super::{
    Access::{Holder, Owner},
    Scenario, Step,
    Who::{Merchant, Shopper},
    call, event, invoke, run, with,
};

/// Those who may see and cancel any order.
const SUPPORT: &[Role] = &[Role::Support];

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        call(Shopper, "place-order")
            .json(json!({"quote": "{quote}", "paymentMethod": "{paymentMethod}"}))
            .default("paymentMethod", "pm_card_visa")
            .gives("orderId", "/id")
            .gives("placedAt", "/placedAt")
            .access(Holder)
            .settles(),
        call(Shopper, "get-order").access(Owner(SUPPORT)),
        call(Shopper, "get-order").variant("as it was").query("asOf={placedAt}"),
        call(Shopper, "list-orders").query("status=confirmed&limit=10").after([run("place-order")]),
        call(Shopper, "list-orders").variant("of every status").after([run("place-order")]),
        call(Shopper, "list-orders")
            .variant("of a time")
            .query("from={placedAt}&to=9999-01-01T00:00:00Z")
            .after([run("place-order")]),
        call(Merchant, "list-orders")
            .variant("of the shop")
            .query("status=placed,confirmed&from={placedAt}&limit=20")
            .after([run("place-order")]),
        call(Shopper, "get-order-history").access(Owner(SUPPORT)),
        call(Shopper, "cancel-order")
            .json(json!({"reason": "Ordered twice by mistake."}))
            .access(Owner(SUPPORT))
            .settles(),
        invoke("sweep-deadlines", json!({})).after([
            with("place-order", "paymentMethod", "pm_sandbox_unreachable"),
            Step::Pass(Duration::from_hours(11 * 24)),
        ]),
        event("OrderPlaced.v1", [run("place-order")]),
        event("OrderPlaced.v1", [run("create-quote with a promotion"), run("place-order")])
            .variant("with a promotion that has a limit"),
        event("OrderCancelled.v1", [run("create-quote with a promotion"), run("cancel-order")])
            .variant("with a promotion that has a limit"),
        event("OrderReserved.v1", [run("place-order")]),
        event("OrderConfirmed.v1", [run("place-order")]),
        event("OrderCancelled.v1", [run("cancel-order")]),
        invoke("republish", json!({"aggregate": "order#{orderId}"})),
    ]
}
