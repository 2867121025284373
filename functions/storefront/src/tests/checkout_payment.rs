//! The third step of the checkout.

use lambda::testing::{Answer, Harness};
use serde_json::json;

use super::{
    buying::*,
    owners::{get, led, post},
    *,
};

const PATH: &str = "/checkout/payment";

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_checkout_payment::function, get(PATH, cookie)).await
}

async fn send(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let request = post(harness, PATH, cookie, fields).await;
    harness.call(show_checkout_payment::function, request).await
}

fn saved() -> Value {
    json!({"items": [{"id": "pmt_1", "reference": "pm_1", "brand": "visa", "last4": "1111"}], "nextCursor": null})
}

#[tokio::test]
async fn a_guest_is_offered_the_test_methods_where_there_are_some() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    let page = show(&harness, &cookie).await;
    golden("checkout-payment", &page);
    has(
        &page,
        &[
            "value=\"pm_card_visa\" checked",
            "Visa ending in 4242",
            "Test card: the payment is approved.",
            "value=\"pm_sandbox_3ds\"",
            "Card that is declined",
        ],
    );
    assert_eq!(owners.calls(), [cart_path()], "calls of the page");
    let live = harness.with_variable("PAYMENT_TEST_METHODS", "");
    let page = show(&live, &cookie).await;
    has(&page, &["There is no payment method to choose from.", "/sign-in?next=/checkout/payment"]);
    lacks(&page, &["pm_card_visa"]);
    assert_eq!(send(&live, &cookie, &[("method", "pm_card_visa")]).await.status, 422);
}

#[tokio::test]
async fn a_customer_pays_with_a_saved_method() {
    let (harness, owners, cookie) = buying(false).await;
    let harness = harness.with_variable("PAYMENT_TEST_METHODS", "");
    owners.answer(&cart_path(), 200, addressed());
    owners.answer("GET /v1/me/payment-methods", 200, saved());
    has(&show(&harness, &cookie).await, &["value=\"pm_1\" checked", "Visa ending in 1111"]);
    assert_eq!(owners.calls().len(), 2, "calls of the page");
    assert_eq!(led(&send(&harness, &cookie, &[("method", "pm_1")]).await), (303, "/checkout/review"));
    owners.answer("GET /v1/me/payment-methods", 503, Value::Null);
    has(&show(&harness, &cookie).await, &["There is no payment method", "/account/payment-methods"]);
}

#[tokio::test]
async fn the_chosen_method_is_remembered() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    assert_eq!(led(&send(&harness, &cookie, &[("method", "pm_sandbox_3ds")]).await), (303, "/checkout/review"));
    has(&show(&harness, &cookie).await, &["value=\"pm_sandbox_3ds\" checked"]);
}

#[tokio::test]
async fn a_method_that_is_not_offered_is_not_chosen() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    for fields in [&[("method", "pm_other")][..], &[]] {
        let page = send(&harness, &cookie, fields).await;
        assert_eq!(page.status, 422);
        has(&page, &["Choose how you want to pay.", "value=\"pm_card_visa\" checked"]);
    }
}

#[tokio::test]
async fn it_says_why_the_last_payment_was_declined() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    let path = format!("GET /v1/orders/{}", order_id());
    owners.answer(&path, 200, json!({"declineReason": "The card does not have enough funds. Use another card."}));
    let request = || get(PATH, &cookie).query("declinedOrderId", order_id());
    let page = harness.call(show_checkout_payment::function, request()).await;
    has(&page, &["The payment was declined", "The card does not have enough funds.", "nothing was charged"]);
    assert_eq!(owners.calls().len(), 2, "calls of the page");
    owners.answer(&path, 404, Value::Null);
    let page = harness.call(show_checkout_payment::function, request()).await;
    assert_eq!(page.status, 200);
    lacks(&page, &["The payment was declined"]);
}

#[tokio::test]
async fn the_steps_before_it_come_first() {
    let (harness, owners, cookie) = buying(true).await;
    assert_eq!(led(&show(&harness, "").await), (303, "/basket"));
    assert_eq!(led(&show(&harness, &cookie).await), (303, "/checkout/address"));
    owners.answer(&cart_path(), 200, basket(Some(json!({"option": null, "address": berlin()}))));
    assert_eq!(led(&show(&harness, &cookie).await), (303, "/checkout/shipping"));
    owners.answer(&cart_path(), 404, Value::Null);
    assert_eq!(led(&show(&harness, &cookie).await), (303, "/basket"));
    assert_eq!(led(&send(&harness, &cookie, &[]).await), (303, "/basket"));
}

#[tokio::test]
async fn a_form_of_another_page_chooses_no_method() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    let form = Request::new("POST", PATH).form(&[("method", "pm_sandbox_3ds")]).header("cookie", &cookie);
    assert_eq!(harness.call(show_checkout_payment::function, form).await.status, 403);
    has(&show(&harness, &cookie).await, &["value=\"pm_card_visa\" checked"]);
}
