//! Delivery: shipments, from their scheduling to their delivery.

use contracts::Role;
use serde_json::json;

use super::{
    Access::Owner,
    Scenario,
    Who::{Courier, Shopper},
    again, call, event, invoke, run,
};

pub(crate) fn scenarios() -> Vec<Scenario> {
    vec![
        call(Shopper, "list-shipments").query("orderId={orderId}").after([run("place-order")]),
        call(Courier, "list-shipments").variant("by status").query("status=scheduled").after([run("place-order")]),
        call(Courier, "list-shipments").variant("of a courier").query("courierId={courierId}"),
        call(Shopper, "get-shipment").after([run("place-order")]).access(Owner(&[Role::Courier, Role::Support])),
        call(Courier, "assign-courier")
            .json(json!({}))
            .after([run("place-order")])
            .gives("courierId", "/courierId")
            .settles(),
        call(Courier, "dispatch-shipment").json(json!({})).after([run("place-order")]).settles(),
        call(Courier, "deliver-shipment").json(json!({})).after([run("dispatch-shipment")]).settles(),
        call(Courier, "fail-delivery")
            .json(json!({"reason": "nobody home"}))
            .after([run("dispatch-shipment")])
            .settles(),
        event("ShipmentDispatched.v1", [run("dispatch-shipment")]),
        event("ShipmentDelivered.v1", [run("deliver-shipment")]),
        // After the third attempt the parcel goes back, and the order is cancelled.
        event("DeliveryFailed.v1", [again("fail-delivery", 3)]),
        invoke("republish", json!({"aggregate": "shipment#{shipmentId}"})).after([run("place-order")]),
    ]
}
