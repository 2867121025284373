//! Visitors with a session, and what other services know of what they buy.

use contracts::{CartId, OrderId};
use lambda::testing::{Answer, Harness};
use serde_json::{Value, json};
use uuid::Uuid;

use super::owners::{CLARA, GUEST, Owners, cart_id, granted, shop};
use crate::{
    Storefront,
    session::{COOKIE, Session},
};

pub(super) const CART: &str = "GET /v1/carts/";

/// A shop with a lamp, and a visitor whose basket has two of them.
pub(super) async fn buying(is_guest: bool) -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let harness = harness.with_variable("PAYMENT_TEST_METHODS", "pm_card_visa,pm_sandbox_3ds,pm_card_chargeDeclined");
    super::open_aisles(&harness).await;
    super::publish(&harness, super::lamp()).await;
    owners.answer(&cart_path(), 200, basket(None));
    let cookie = visitor(&harness, is_guest, Some(cart_id(1))).await;
    (harness, owners, cookie)
}

/// Starts the session of a visitor. Returns the cookie.
pub(super) async fn visitor(harness: &Harness, is_guest: bool, basket: Option<CartId>) -> String {
    let granted = if is_guest { granted("guest", GUEST, "guest") } else { granted("clara", CLARA, "customer") };
    started(harness, "a-cookie", granted, basket).await
}

/// Starts a session of Clara with another role. Returns her cookie.
pub(super) async fn with_role(harness: &Harness, role: &str) -> String {
    started(harness, role, granted("clara", CLARA, role), None).await
}

async fn started(harness: &Harness, value: &str, granted: Value, basket: Option<CartId>) -> String {
    let storefront: Storefront = harness.service();
    let granted = serde_json::from_value(granted).unwrap();
    let session = Session::start(value, granted, &storefront.sealer, harness.now()).unwrap();
    let session = basket.into_iter().fold(session, Session::with_basket);
    storefront.store.keep(session, &harness.context()).await.unwrap();
    format!("{COOKIE}={value}")
}

pub(super) fn cart_path() -> String {
    format!("{CART}{}", cart_id(1))
}

pub(super) fn eur(amount: i64) -> Value {
    json!({"amount": amount, "currency": "EUR"})
}

pub(super) fn berlin() -> Value {
    json!({"name": "Clara Okafor", "line1": "Torstraße 12", "city": "Berlin", "postcode": "10115", "country": "DE"})
}

pub(super) fn standard() -> Value {
    json!({"id": "standard", "name": "Parcel", "days": 3, "price": eur(490), "freeFrom": eur(20_000)})
}

pub(super) fn express() -> Value {
    json!({"id": "express", "name": "Next working day", "days": 1, "price": eur(0), "freeFrom": eur(6000)})
}

/// The totals of two lamps, with the tax in them.
pub(super) fn totals(shipping: i64) -> Value {
    json!({
        "items": eur(9998), "discount": eur(0), "shipping": eur(shipping), "tax": eur(1675), "taxIncluded": true,
        "total": eur(9998 + shipping),
    })
}

/// A basket with two lamps, and where they go.
#[expect(clippy::needless_pass_by_value, reason = "tests pass what they just made")]
pub(super) fn basket(shipping: Option<Value>) -> Value {
    json!({
        "id": cart_id(1), "status": "open", "currency": "EUR", "promotions": [], "problems": [], "claim": null,
        "lines": [{
            "sku": "RED", "productId": super::lamp_id(), "title": "Fold desk lamp", "quantity": 2, "unitPrice": eur(4999),
            "discount": eur(0), "total": eur(9998), "problems": [],
        }],
        "totals": totals(if shipping.is_some() { 490 } else { 0 }), "shipping": shipping,
    })
}

/// The same basket on its way to Berlin.
pub(super) fn addressed() -> Value {
    basket(Some(json!({"option": standard(), "address": berlin()})))
}

/// A line of a quote or an order.
pub(super) fn sold(price: i64) -> Value {
    json!({
        "sku": "RED", "productId": super::lamp_id(), "title": "Fold desk lamp", "quantity": 2, "unitPrice": eur(price),
        "listPrice": null, "priceList": null, "discount": eur(0), "discounts": [], "taxClass": "standard", "taxIncluded": true,
        "tax": eur(1596), "total": eur(price * 2),
    })
}

pub(super) fn order_id() -> OrderId {
    Uuid::from_u128(77).into()
}

/// Whether a page has all of these texts.
#[track_caller]
pub(super) fn has(page: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(page.text.contains(text), "{text}: {} {}", page.status, page.text);
    }
}

/// Whether a page has none of these texts.
#[track_caller]
pub(super) fn lacks(page: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(!page.text.contains(text), "{text}: {}", page.text);
    }
}

/// What cannot be a part of a page unescaped.
pub(super) const HOSTILE: &str = "\"><script>alert(1)</script>";
