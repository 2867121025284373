//! Inventory: levels, reservations, replenishments.

use std::time::Duration;

use serde_json::json;

use super::{
    Scenario, Step,
    Who::{Merchant, Shopper},
    call, event, invoke, run, with,
};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        call(Merchant, "adjust-stock")
            .json(json!({"delta": "{delta}", "reason": "received", "location": "Aisle 4"}))
            .default("delta", 10)
            .after([run("create-product")])
            .settles(),
        call(Shopper, "get-stock").after([run("adjust-stock")]),
        call(Shopper, "list-stock").query("skus={sku},{secondSku}").after([run("adjust-stock")]),
        // There is less than this, so that more is ordered at once.
        call(Merchant, "set-reorder-policy")
            .json(json!({"reorderPoint": 20, "reorderQuantity": 50}))
            .after([run("adjust-stock")])
            .settles(),
        call(Merchant, "list-replenishments").query("limit=100").after([run("set-reorder-policy")]).finds(
            "replenishmentId",
            "sku",
            "sku",
        ),
        call(Merchant, "receive-replenishment").json(json!({"quantity": 48})).settles(),
        // The order waits for its payment until its reservation lapses.
        invoke("expire-reservations", json!({})).after([
            with("place-order", "paymentMethod", "pm_sandbox_unreachable"),
            Step::Pass(Duration::from_hours(11 * 24)),
        ]),
        event("StockChanged.v1", [run("adjust-stock")]),
        event("StockReserved.v1", [run("place-order")]),
        // The stock is lost between quote and order.
        event("StockRejected.v1", [run("create-quote"), with("adjust-stock", "delta", -10), run("place-order")]),
        event("StockLow.v1", [run("set-reorder-policy")]),
        invoke("republish", json!({"aggregate": "reservation#{orderId}"})),
    ]
}
