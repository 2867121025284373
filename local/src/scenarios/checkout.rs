//! Checkout: carts, promotions, shipping, quotes.

use std::time::Duration;

use contracts::Role;
use serde_json::json;

use super::{
    Access::Owner,
    Scenario, Step,
    Who::{Anyone, Merchant, Shopper},
    again, another, call, event, invoke, run,
};
use crate::shopper::address;

pub(crate) fn scenarios() -> Vec<Scenario> {
    [carts(), promotions()].concat()
}

/// What merchants do with promotions.
fn promotions() -> Vec<Scenario> {
    vec![
        call(Merchant, "create-promotion")
            .json(json!({
                "code": "{newCode}",
                "kind": "percentage",
                "percent": "10",
                "validFrom": "2026-03-01T00:00:00Z",
                "validTo": "2036-06-01T00:00:00Z",
                "minimum": {"amount": 2000, "currency": "EUR"},
                "limits": {"total": 1000},
            }))
            .fresh("newCode", "SPRING")
            .gives("code", "/code")
            .gives("promotionId", "/id")
            .settles(),
        call(Merchant, "create-promotion")
            .variant("automatic")
            .json(json!({
                "name": "Summer sale",
                "kind": "percentage",
                "percent": "5",
                "level": "item",
                "items": {"skus": ["SUNSHADE"]},
            }))
            .gives("promotionId", "/id")
            .settles(),
        call(Merchant, "add-promotion-codes")
            .json(json!({"codes": ["{singleUseCode}"]}))
            .fresh("singleUseCode", "THANKS")
            .after([run("create-promotion")]),
        call(Merchant, "get-promotion").after([run("create-promotion")]),
        call(Merchant, "update-promotion")
            .json(json!({"name": "Spring sale", "limits": {"total": 500}}))
            .after([run("create-promotion")])
            .settles(),
        call(Merchant, "update-promotion")
            .variant("automatic")
            .json(json!({"paused": true}))
            .after([run("create-promotion automatic")])
            .settles(),
        call(Merchant, "preview-promotion")
            .json(json!({
                "promotion": {"kind": "percentage", "percent": "10"},
                "lines": [{"sku": "{sku}", "quantity": 2}],
                "currency": "EUR",
                "country": "GB",
                "shippingOption": "standard",
            }))
            .after([run("create-product")]),
        call(Merchant, "list-promotions").query("limit=20").after([run("create-promotion")]),
        call(Merchant, "end-promotion").after([run("create-promotion")]).settles(),
        call(Merchant, "end-promotion").variant("automatic").after([run("create-promotion automatic")]).settles(),
    ]
}

/// Carts, quotes and rates.
fn carts() -> Vec<Scenario> {
    vec![
        call(Shopper, "create-cart").json(json!({"currency": "EUR"})).gives("cartId", "/id"),
        call(Shopper, "put-item")
            .json(json!({"quantity": 1}))
            .after([run("create-product"), run("adjust-stock")])
            .access(Owner(&[])),
        call(Shopper, "list-shipping-options").query("country=GB").after([run("put-item")]).access(Owner(&[])),
        call(Shopper, "set-shipping")
            .json(json!({"address": address(), "option": "standard"}))
            .after([run("list-shipping-options")])
            .access(Owner(&[])),
        call(Shopper, "apply-promotion")
            .json(json!({}))
            .after([run("put-item"), run("create-promotion")])
            .access(Owner(&[])),
        call(Shopper, "get-cart").after([run("set-shipping"), run("apply-promotion")]).access(Owner(&[])),
        call(Shopper, "create-quote")
            .json(json!({}))
            .after([run("put-item"), run("set-shipping")])
            .gives("quote", "/quote")
            .gives("quoteId", "/id")
            .access(Owner(&[])),
        call(Shopper, "create-quote")
            .variant("with a promotion")
            .json(json!({}))
            .after([run("set-shipping"), run("apply-promotion")]),
        call(Shopper, "get-quote").after([run("create-quote")]).access(Owner(&[Role::Support])),
        call(Shopper, "remove-promotion").after([run("apply-promotion")]).access(Owner(&[])),
        call(Shopper, "merge-cart")
            .json(json!({"from": "{otherCartId}"}))
            .after([another("put-item", "cartId", "otherCartId"), run("put-item")])
            .access(Owner(&[])),
        call(Shopper, "remove-item").after([run("put-item")]).access(Owner(&[])),
        call(Merchant, "set-tax-rates").json(tax_rates()).default("country", "GB").settles(),
        call(Merchant, "set-shipping-rates").json(shipping_rates()).default("country", "GB").settles(),
        call(Anyone, "get-quote-keys"),
        invoke("abandon-carts", json!({})).after([run("put-item"), Step::Pass(Duration::from_hours(11 * 24))]),
        // It was changed half an hour later, so its place in the index is before its deadline.
        invoke("abandon-carts", json!({})).variant("found early").after([
            run("put-item"),
            Step::Pass(Duration::from_mins(30)),
            again("put-item", 1),
            Step::Pass(Duration::from_mins(24 * 60 - 15)),
        ]),
        invoke("lapse-redemptions", json!({}))
            .after([run("create-quote with a promotion"), Step::Pass(Duration::from_mins(90))]),
        // Its second quote holds it longer, so its place in the index is before its deadline.
        invoke("lapse-redemptions", json!({})).variant("found early").after([
            run("create-quote with a promotion"),
            Step::Pass(Duration::from_mins(10)),
            again("create-quote with a promotion", 1),
            Step::Pass(Duration::from_mins(67)),
        ]),
        invoke("rotate-quote-key", json!({})).after([Step::Pass(Duration::from_hours(11 * 24))]),
        event("CartMerged.v1", [run("merge-cart")]),
        event("QuoteKeyPublished.v1", [run("rotate-quote-key")]),
        invoke("republish", json!({"aggregate": "keyring#signing"})).after([run("rotate-quote-key")]),
    ]
}

fn tax_rates() -> serde_json::Value {
    json!({"rates": {"standard": "20", "reduced": "5"}, "included": false, "shipping": "standard", "rounding": "line"})
}

fn shipping_rates() -> serde_json::Value {
    let prices =
        |euros: u32, pounds: u32| json!([{"amount": euros, "currency": "EUR"}, {"amount": pounds, "currency": "GBP"}]);
    json!({"options": [
        {"id": "standard", "name": "Standard", "days": 3, "prices": prices(499, 429), "freeFrom": prices(10_000, 9000)},
        {"id": "express", "name": "Express", "days": 1, "prices": prices(1299, 1099)},
    ]})
}
