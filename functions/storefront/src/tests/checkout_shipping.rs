//! The second step of the checkout.

use lambda::testing::{Answer, Harness};
use serde_json::json;

use super::{
    buying::*,
    owners::{cart_id, get, led, post},
    *,
};

const PATH: &str = "/checkout/shipping";

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_checkout_shipping::function, get(PATH, cookie)).await
}

async fn send(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let request = post(harness, PATH, cookie, fields).await;
    harness.call(show_checkout_shipping::function, request).await
}

fn options() -> String {
    format!("GET /v1/carts/{}/shipping-options", cart_id(1))
}

fn shipping() -> String {
    format!("PUT /v1/carts/{}/shipping", cart_id(1))
}

#[tokio::test]
async fn the_ways_to_ship_are_a_choice() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    owners.answer(&options(), 200, json!({"items": [express(), standard()], "nextCursor": null}));
    let page = show(&harness, &cookie).await;
    golden("checkout-shipping", &page);
    has(
        &page,
        &[
            "value=\"standard\" checked",
            "3 days. Free from €200.00.",
            "One day. Free because the items cost at least €60.00.",
            "€4.90",
            "<a href=\"/checkout/address\">Address</a>",
        ],
    );
    assert_eq!(owners.calls(), [cart_path(), options()], "calls of the page");
    // The chosen option is gone: the first one is chosen.
    owners.answer(&cart_path(), 200, basket(Some(json!({"option": null, "address": berlin()}))));
    has(&show(&harness, &cookie).await, &["value=\"express\" checked", "Total so far"]);
}

#[tokio::test]
async fn an_option_is_set_with_the_address_that_is_known() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    owners.answer(&shipping(), 200, json!({}));
    assert_eq!(led(&send(&harness, &cookie, &[("option", "express")]).await), (303, "/checkout/payment"));
    assert_eq!(owners.asked()[1].body, json!({"address": berlin(), "option": "express"}));
    owners.answer(&options(), 200, json!({"items": [standard()], "nextCursor": null}));
    owners.refuse(&shipping(), 422, "invalid-input", &["/option"]);
    let page = send(&harness, &cookie, &[("option", "balloon")]).await;
    assert_eq!(page.status, 422);
    has(&page, &["role=\"alert\"><p>is wrong</p>", "value=\"standard\""]);
    owners.answer(&shipping(), 503, Value::Null);
    assert_eq!(send(&harness, &cookie, &[("option", "express")]).await.status, 503);
    // The cart was ordered in another tab.
    owners.refuse(&shipping(), 409, "cart-closed", &[]);
    assert_eq!(led(&send(&harness, &cookie, &[("option", "express")]).await), (303, "/basket"));
    owners.refuse(&shipping(), 403, "forbidden", &[]);
    assert_eq!(send(&harness, &cookie, &[("option", "express")]).await.status, 403);
}

#[tokio::test]
async fn without_an_address_the_address_is_asked_for_first() {
    let (harness, owners, cookie) = buying(true).await;
    assert_eq!(led(&show(&harness, "").await), (303, "/basket"));
    assert_eq!(led(&show(&harness, &cookie).await), (303, "/checkout/address"));
    assert_eq!(led(&send(&harness, &cookie, &[("option", "standard")]).await), (303, "/checkout/address"));
    owners.answer(&cart_path(), 200, addressed());
    owners.refuse(&options(), 422, "country-not-served", &[]);
    assert_eq!(led(&show(&harness, &cookie).await), (303, "/checkout/address"));
    owners.refuse(&shipping(), 422, "country-not-served", &[]);
    assert_eq!(led(&send(&harness, &cookie, &[("option", "standard")]).await), (303, "/checkout/address"));
    let mut empty = addressed();
    empty["lines"] = json!([]);
    owners.answer(&cart_path(), 200, empty);
    assert_eq!(led(&send(&harness, &cookie, &[("option", "standard")]).await), (303, "/basket"));
}

#[tokio::test]
async fn a_form_of_another_page_chooses_nothing() {
    let (harness, owners, cookie) = buying(true).await;
    let form = Request::new("POST", PATH).form(&[("option", "express"), ("csrf", "x")]).header("cookie", &cookie);
    assert_eq!(harness.call(show_checkout_shipping::function, form).await.status, 403);
    assert_eq!(owners.calls(), Vec::<String>::new());
}
