//! Compares stored state with events: orders with their own events, and read models with the events of other
//! services.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use serde_json::Value;

use crate::{
    caller::{Caller, Operation},
    quiescence::{expect, id, of_kind, scan},
    world::World,
};

/// Compares stored state with its events.
pub(crate) async fn check(world: &Arc<World>, orders: &[Value], levels: &[Value]) {
    let support = Caller::new(world, 2, "support");
    for order in orders {
        check_order(world, &support, id(order)).await;
        check_moments(world, &support, id(order)).await;
        check_list(world, &support, order).await;
    }
    let checkout = scan(world, "checkout").await;
    check_stock(world, levels, &of_kind(&checkout, "stock#"));
}

/// The stored order is equal to the order that its events give. So it is read as it is, and as of now.
async fn check_order(world: &Arc<World>, support: &Caller, order: &str) {
    let kept = order_as_of(support, order, None).await;
    let replayed = order_as_of(support, order, Some(world.now())).await;
    let same = kept == replayed && kept.as_ref().is_some_and(|(status, _)| *status == 200);
    expect(world, same, "an order is what its events make of it", || format!("{kept:?} is kept of {replayed:?}"));
}

/// At the time of each of its events, the order had the status that was stored with the event.
async fn check_moments(world: &Arc<World>, support: &Caller, order: &str) {
    let (stored, events) = world.observed.with(|seen| {
        let metadata = seen.committed.values().map(|(_, _, detail)| &detail["metadata"]);
        let metadata = metadata.filter(|metadata| metadata["aggregate"] == format!("order#{order}"));
        let event = |metadata: &Value| {
            Some((metadata["version"].as_u64()?, metadata["time"].as_str()?.parse::<Timestamp>().ok()?))
        };
        (seen.orders.get(order).cloned().unwrap_or_default(), metadata.filter_map(event).collect::<BTreeMap<_, _>>())
    });
    for time in events.values() {
        let last = events.iter().take_while(|(_, at)| *at <= time).last();
        let then = last.and_then(|(version, _)| stored.get(version));
        let replayed = order_as_of(support, order, Some(*time)).await;
        let status = replayed.as_ref().and_then(|(_, body)| body["status"].as_str());
        expect(world, status == then.map(String::as_str), "an order can be seen as it was", || {
            format!("as of {time} {order} is {status:?}; it was {then:?}")
        });
    }
}

async fn order_as_of(support: &Caller, order: &str, time: Option<Timestamp>) -> Option<(u64, Value)> {
    let time = time.map(|time| time.to_string());
    let query: Vec<_> = time.iter().map(|time| ("asOf", time.as_str())).collect();
    let operation = Operation {
        function: "get-order",
        method: "GET",
        path: "/v1/orders/{orderId}",
        parameters: &[("orderId", order)],
        query: &query,
        content_type: "application/json",
        body: None,
    };
    support.call(&operation).await.map(|answer| (answer.status, answer.body))
}

/// The order is in the list of its customer's orders with its status.
async fn check_list(world: &Arc<World>, support: &Caller, order: &Value) {
    let text = |name: &str| order[name].as_str().unwrap_or_default();
    let operation = Operation {
        function: "list-orders",
        method: "GET",
        path: "/v1/orders",
        parameters: &[],
        query: &[("customerId", text("customer")), ("status", text("status"))],
        content_type: "application/json",
        body: None,
    };
    let listed = support.call(&operation).await.map(|answer| answer.body["items"].clone()).unwrap_or_default();
    let is_in = listed.as_array().into_iter().flatten().any(|one| one["id"] == id(order));
    expect(world, is_in, "a list holds what belongs to it", || {
        format!("{} is not in the list of its customer: {listed}", id(order))
    });
}

/// Checkout's read model has the stock of each SKU.
fn check_stock(world: &World, levels: &[Value], known: &[Value]) {
    let known: BTreeMap<_, _> = known.iter().map(|stock| (stock["sku"].as_str(), &stock["available"])).collect();
    for level in levels {
        let (is, learned) = (&level["available"], known.get(&level["sku"].as_str()));
        expect(world, learned == Some(&is), "a read model is what its events say", || {
            format!("of {} there are {is}, and checkout has learned {learned:?}", level["sku"])
        });
    }
}
