//! The basket: what it shows, and how it is changed.

use serde_json::json;

use super::{buying::*, owners::*, *};

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_basket::function, get("/basket", cookie)).await
}

async fn send(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    harness.call(show_basket::function, post(harness, "/basket", cookie, fields).await).await
}

fn call(method: &str, rest: &str) -> String {
    format!("{method} /v1/carts/{}/{rest}", cart_id(1))
}

#[tokio::test]
async fn a_line_has_the_picture_and_the_options_of_its_variant_and_leads_to_it() {
    let (harness, owners, cookie) = buying(true).await;
    let page = show(&harness, &cookie).await;
    golden("basket", &page);
    let path = format!("href=\"{}?sku=RED\"", product_path());
    has(&page, &[&path, "/pictures/lamp-red.svg", "red · €49.99 each", "name=\"quantity\"", "value=\"2\"", "€99.98"]);
    lacks(&page, &["class=\"was\""]);
    // A product that the shop does not know has neither.
    let mut unknown = basket(None);
    unknown["lines"][0]["productId"] = Value::Null;
    owners.answer(&cart_path(), 200, unknown);
    let page = show(&harness, &cookie).await;
    has(&page, &["<h3>Fold desk lamp</h3>", "€49.99 each"]);
    lacks(&page, &[&path, "/pictures/lamp-red.svg", "red ·"]);
}

#[tokio::test]
async fn a_discount_shows_the_price_before_it_and_a_line_that_cannot_be_bought_says_why() {
    let (harness, owners, cookie) = buying(true).await;
    let mut cart = basket(None);
    cart["lines"][0]["discount"] = eur(1000);
    cart["lines"][0]["total"] = eur(8998);
    cart["totals"]["discount"] = eur(1000);
    cart["promotions"] = json!([
        {"code": "TEN", "name": "Ten off", "applied": true, "amount": eur(1000), "detail": null},
        {"code": "OLD", "name": "Old", "applied": false, "amount": eur(0), "detail": "The code has ended."},
    ]);
    cart["problems"] = json!([{"code": "currency-changed", "detail": "Prices are in EUR now."}]);
    owners.answer(&cart_path(), 200, cart);
    let page = show(&harness, &cookie).await;
    golden("basket-with-codes", &page);
    has(
        &page,
        &[
            "class=\"was\"",
            "€99.98",
            "€89.98",
            "Ten off",
            "−€10.00",
            "OLD: The code has ended.",
            "Prices are in EUR now.",
        ],
    );
    let mut gone = basket(None);
    gone["lines"][0]["total"] = Value::Null;
    gone["lines"][0]["problems"] = json!([{"code": "out-of-stock", "detail": "It is sold out."}]);
    owners.answer(&cart_path(), 200, gone);
    let page = show(&harness, &cookie).await;
    has(&page, &["class=\"gone\"", "<p class=\"notice bad\">It is sold out.</p>", "value=\"remove\""]);
    lacks(&page, &["name=\"quantity\""]);
}

#[tokio::test]
async fn units_are_set_and_removed() {
    let (harness, owners, cookie) = buying(true).await;
    let (set, remove) = (call("PUT", "items/RED"), call("DELETE", "items/RED"));
    owners.answer(&set, 200, basket(None));
    owners.answer(&remove, 204, Value::Null);
    for (fields, asked, body) in [
        (&[("sku", "RED"), ("quantity", "3")][..], &set, json!({"quantity": 3})),
        (&[("sku", "RED"), ("quantity", "0")], &remove, Value::Null),
        (&[("sku", "RED"), ("action", "remove")], &remove, Value::Null),
    ] {
        assert_eq!(led(&send(&harness, &cookie, fields).await), (303, "/basket"), "{fields:?}");
        let last = owners.asked().pop().unwrap();
        assert_eq!((&last.call, last.body.clone(), last.token()), (asked, body, "guest-access"), "{fields:?}");
    }
    for wrong in ["1000", "-1", "many"] {
        assert_eq!(send(&harness, &cookie, &[("sku", "RED"), ("quantity", wrong)]).await.status, 422, "{wrong}");
    }
    owners.refuse(&set, 422, "invalid-input", &["/quantity"]);
    let refused = send(&harness, &cookie, &[("sku", "RED"), ("quantity", "9")]).await;
    assert_eq!(refused.status, 422);
    has(&refused, &["role=\"alert\"><p>It is refused.</p>", "value=\"2\""]);
    owners.answer(&set, 503, Value::Null);
    assert_eq!(send(&harness, &cookie, &[("sku", "RED"), ("quantity", "9")]).await.status, 503);
}

#[tokio::test]
async fn a_code_is_applied_and_withdrawn() {
    let (harness, owners, cookie) = buying(true).await;
    let (apply, withdraw) = (call("PUT", "promotions/A%20B"), call("DELETE", "promotions/A%20B"));
    owners.answer(&apply, 200, basket(None));
    owners.answer(&withdraw, 204, Value::Null);
    for (action, asked, body) in [("apply", &apply, "{}"), ("withdraw", &withdraw, "")] {
        let done = send(&harness, &cookie, &[("action", action), ("code", "A B")]).await;
        assert_eq!(led(&done), (303, "/basket"), "{action}");
        let last = owners.asked().pop().unwrap();
        assert_eq!((&last.call, last.text.as_str()), (asked, body), "a body of a DELETE would be refused");
    }
    assert_eq!(led(&send(&harness, &cookie, &[("action", "apply"), ("code", " ")]).await), (303, "/basket"));
    assert_eq!(owners.calls(), [cart_path()]);
    owners.refuse(&apply, 422, "invalid-input", &["/code"]);
    let refused = send(&harness, &cookie, &[("action", "apply"), ("code", "A B")]).await;
    assert_eq!(refused.status, 422);
    has(&refused, &["It is refused.", "name=\"code\" type=\"text\" value=\"A B\""]);
}

#[tokio::test]
async fn without_a_cookie_a_visitor_who_added_something_is_told_that_it_is_needed() {
    let (harness, ..) = buying(true).await;
    let request = || Request::new("GET", "/basket");
    let empty = harness.call(show_basket::function, request()).await;
    has(&empty, &["The basket is empty."]);
    let told = harness.call(show_basket::function, request().query("added", "1")).await;
    has(&told, &["The basket needs a cookie."]);
}
