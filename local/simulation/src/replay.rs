//! Compares stored state with events: orders with their own events, and read models with the events of other
//! services.

use std::{collections::BTreeMap, sync::Arc};

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
    }
    let checkout = scan(world, "checkout").await;
    check_stock(world, levels, &of_kind(&checkout, "stock#"));
    check_carts(world, &of_kind(&checkout, "cart#"));
}

/// The stored order is equal to the order that its events give. So it is read as it is, and as of now.
async fn check_order(world: &Arc<World>, support: &Caller, order: &str) {
    let now = world.now().to_string();
    let parameters = [("orderId", order)];
    let operation = |query| Operation {
        function: "get-order",
        method: "GET",
        path: "/v1/orders/{orderId}",
        parameters: &parameters,
        query,
        content_type: "application/json",
        body: None,
    };
    let kept = support.call(&operation(&[])).await.map(|answer| (answer.status, answer.body));
    let replayed = support.call(&operation(&[("asOf", &now)])).await.map(|answer| (answer.status, answer.body));
    let same = kept == replayed && kept.as_ref().is_some_and(|(status, _)| *status == 200);
    expect(world, same, "an order is what its events make of it", || format!("{kept:?} is kept of {replayed:?}"));
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

/// The cart of an order is closed.
fn check_carts(world: &World, carts: &[Value]) {
    let placed: Vec<_> = world.observed.with(|seen| {
        let placed = seen.committed.values().filter(|(_, name, _)| name == "OrderPlaced.v1");
        placed.map(|(_, _, event)| event["data"]["cart"].clone()).collect()
    });
    for cart in carts.iter().filter(|cart| placed.contains(&cart["id"])) {
        expect(world, cart["status"] != "open", "a cart is ordered once", || format!("{} is still open", id(cart)));
    }
}
