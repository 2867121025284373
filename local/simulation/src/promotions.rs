//! A promotion that can be used twice, a code that can be used once, the buyers who use them, and the invariants of their uses.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    actors::{operation, quote_again},
    caller::Caller,
    carts::is_returned,
    observed::Seen,
    quiescence::{expect, id, of_kind, scan},
    world::World,
};

const CODE: &str = "FEW";
/// The number of orders that can use the promotion.
const LIMIT: u64 = 2;
/// The code that can be used for one order, of another promotion.
const SINGLE_USE_CODE: &str = "ONCE";
/// What both promotions take off each line, in percent.
const PERCENT: i64 = 10;

/// The promotion.
pub(crate) fn few() -> Value {
    json!({"code": CODE, "kind": "percentage", "percent": PERCENT.to_string(), "level": "item", "limits": {"total": LIMIT}})
}

/// Creates a promotion without a limit, and adds the code that can be used once.
pub(crate) async fn add_single_use_code(merchant: &Caller) {
    let gift = json!({"code": "GIFT", "kind": "percentage", "percent": PERCENT.to_string(), "level": "item"});
    let made = merchant.call(&operation("create-promotion", "POST", "/v1/promotions", &[], Some(gift))).await;
    let id = made.expect("a promotion").text("id");
    let (path, at) = ("/v1/promotions/{promotionId}/codes", [("promotionId", &*id)]);
    let codes = json!({"codes": [SINGLE_USE_CODE]});
    let added = merchant.call(&operation("add-promotion-codes", "POST", path, &at, Some(codes))).await;
    assert!(added.is_some_and(|answer| answer.is_good()), "the code is added");
}

/// What a discount on a line is, in cents.
pub(crate) fn discount(line: &Value, cents: i64) -> i64 {
    let is_discounted = line["discounts"].as_array().is_some_and(|discounts| !discounts.is_empty());
    if is_discounted { (cents * PERCENT + 50) / 100 } else { 0 }
}

/// Applies a code or does without, and requests a quote. Who cannot use the code removes it.
pub(crate) async fn quote_with_code(me: &Caller, cart: &str) -> Option<String> {
    if !me.world().choices.happens(500) {
        return quote_again(me, cart).await;
    }
    let code = if me.world().choices.happens(400) { SINGLE_USE_CODE } else { CODE };
    let at = [("cartId", cart), ("code", code)];
    let path = "/v1/carts/{cartId}/promotions/{code}";
    me.call(&operation("apply-promotion", "PUT", path, &at, Some(json!({})))).await?;
    if let Some(quote) = quote_again(me, cart).await {
        return Some(quote);
    }
    me.call(&operation("remove-promotion", "DELETE", path, &at, None)).await?;
    quote_again(me, cart).await
}

/// Whether a use waits for its order.
pub(crate) async fn is_held(world: &World) -> bool {
    of_kind(&scan(world, "checkout").await, "redemption#").iter().any(|redemption| redemption["state"] == "held")
}

/// Checks the uses of all promotions, with the orders that were placed.
pub(crate) async fn check(world: &World, orders: &[Value]) {
    let items = scan(world, "checkout").await;
    let redemptions = of_kind(&items, "redemption#");
    let late = |promotion: &Value| {
        world.observed.with(|seen| overruns(seen).filter(|overrun| overrun["promotion"] == *promotion).count() as u64)
    };
    for usage in of_kind(&items, "usage#") {
        let counts = |redemption: &&Value| {
            let of_code = usage["code"].is_null() || usage["code"] == redemption["code"];
            redemption["promotion"] == usage["promotion"] && redemption["state"] == "redeemed" && of_code
        };
        let counted = redemptions.iter().filter(counts).count() as u64;
        let [redeemed, held] = ["redeemed", "held"].map(|name| usage[name].as_u64().unwrap_or_default());
        expect(world, (redeemed, held) == (counted, 0), "the usage is the number of uses", || {
            format!("{redeemed} redeemed and {held} held, of {counted}: {usage}")
        });
        let (limit, late) = (limit(&usage), late(&usage["promotion"]));
        expect(world, redeemed <= limit + late, "no limit is exceeded", || {
            format!("{redeemed} of {limit} were redeemed, and {late} came late")
        });
    }
    let mut redeemed = BTreeMap::<&str, u64>::new();
    for redemption in redemptions.iter().filter(|redemption| redemption["state"] == "redeemed") {
        let Some(code) = redemption["code"].as_str() else { continue };
        let (count, late) = (redeemed.entry(code).or_default(), late(&redemption["promotion"]));
        *count += 1;
        expect(world, *count <= 1 + late, "a single-use code is redeemed once", || {
            format!("{code} was redeemed {count} times, and {late} came late")
        });
    }
    let never = world.observed.with(|seen| overruns(seen).find(|overrun| !lapsed_before(seen, overrun)).cloned());
    expect(world, never.is_none(), "only what has lapsed is redeemed late", || format!("{never:?}"));
    for order in orders {
        let of_order = redemptions.iter().find(|redemption| {
            redemption["cart"] == order["cart"]
                && redemption["generation"].as_u64().unwrap_or_default()
                    == order["generation"].as_u64().unwrap_or_default()
        });
        let state = of_order.and_then(|redemption| redemption["state"].as_str());
        let lines = order["lines"].as_array();
        let used = lines.is_some_and(|lines| lines.iter().any(|line| line["discounts"].is_array()));
        // A use that was held for another quote of the cart lapses.
        let right = match (used, is_returned(order)) {
            (true, false) => state == Some("redeemed"),
            // The cancellation may have come before the order.
            (true, true) => state == Some("released") || state == Some("lapsed"),
            (false, _) => state.is_none() || state == Some("lapsed"),
        };
        expect(world, right, "a use is that of its order", || {
            format!("{} is {}, used: {used}, its use: {state:?}", id(order), order["status"])
        });
    }
    let ordered = |redemption: &Value| {
        orders.iter().any(|order| {
            order["cart"] == redemption["cart"]
                && order["generation"].as_u64().unwrap_or_default()
                    == redemption["generation"].as_u64().unwrap_or_default()
        })
    };
    let alone = redemptions.iter().find(|redemption| redemption["state"] != "lapsed" && !ordered(redemption));
    expect(world, alone.is_none(), "a use without an order lapses", || format!("{alone:?}"));
}

/// The number of orders that can have a use that counts for a usage. That of a promotion without a limit is as large as the
/// number of its codes.
pub(crate) fn limit(usage: &Value) -> u64 {
    if usage["code"].is_string() { 1 } else { LIMIT }
}

/// The events of orders that arrived late.
fn overruns(seen: &Seen) -> impl Iterator<Item = &Value> {
    let late = seen.committed.values().filter(|(_, name, _)| name == "PromotionOverrun.v1");
    late.map(|(_, _, detail)| &detail["data"])
}

fn lapsed_before(seen: &Seen, overrun: &Value) -> bool {
    seen.committed.values().any(|(_, name, detail)| {
        let data = &detail["data"];
        let same = ["promotion", "cart", "generation"].iter().all(|field| data[*field] == overrun[*field]);
        name == "RedemptionChanged.v1" && data["state"] == "lapsed" && same
    })
}
