//! The invariants of carts at quiescence: a cart contains what was put into it and not bought.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    quiescence::{expect, id, of_kind, scan},
    world::World,
};

/// Quantities by SKU.
type Quantities = BTreeMap<String, i64>;

/// Checks all carts, with the orders that were placed from them.
pub(crate) async fn check(world: &World, orders: &[Value]) {
    let mut placed = BTreeMap::<(&str, u64), usize>::new();
    for order in orders {
        *placed.entry((cart_of(order), order["generation"].as_u64().unwrap_or_default())).or_default() += 1;
    }
    for ((cart, generation), count) in &placed {
        expect(world, *count == 1, "one generation of a cart is one order", || {
            format!("{count} orders were placed from generation {generation} of {cart}")
        });
    }
    let carts = of_kind(&scan(world, "checkout").await, "cart#");
    for cart in &carts {
        let raised = placed.keys().filter(|(of, _)| *of == id(cart)).count() as u64;
        let generation = cart["generation"].as_u64().unwrap_or_default();
        expect(world, generation == raised, "each order raises the generation of its cart", || {
            format!("{raised} orders were placed from {}, which is at generation {generation}", id(cart))
        });
    }
    for cart in carts.iter().filter(|cart| cart["status"] != "merged") {
        let merged = carts.iter().filter(|other| other["mergedInto"] == cart["id"]);
        let group: Vec<_> = merged.map(id).chain([id(cart)]).collect();
        let filled = world.observed.with(|seen| group.iter().find_map(|id| seen.filled.get(*id).cloned()));
        // Of the other carts it is not known what is in them.
        let Some(mut expected) = filled else { continue };
        let bought = orders.iter().filter(|order| group.contains(&cart_of(order)) && !is_returned(order));
        for (sku, quantity) in bought.flat_map(lines) {
            *expected.entry(sku).or_default() -= quantity;
        }
        expected.retain(|_, quantity| *quantity != 0);
        let kept: Quantities = lines(cart).collect();
        expect(world, kept == expected, "what is not bought is in the cart", || {
            format!("{} contains {kept:?} instead of {expected:?}", id(cart))
        });
        let status = if kept.is_empty() { "ordered" } else { "open" };
        expect(world, cart["status"] == status, "a cart is open while something is in it", || {
            format!("{} is {} with {kept:?}", id(cart), cart["status"])
        });
    }
}

fn cart_of(order: &Value) -> &str {
    order["cart"].as_str().unwrap_or_default()
}

/// Whether the lines of an order return to its cart.
pub(crate) fn is_returned(order: &Value) -> bool {
    order["status"] == "cancelled" && order["shipment"].is_null() && order["reason"] != "delivery-failed"
}

fn lines(of: &Value) -> impl Iterator<Item = (String, i64)> {
    let lines = of["lines"].as_array().into_iter().flatten();
    lines.map(|line| {
        (line["sku"].as_str().unwrap_or_default().to_owned(), line["quantity"].as_i64().unwrap_or_default())
    })
}
