//! The last step of the checkout, and the order.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use lambda::testing::{Answer, Harness};
use serde_json::json;

use super::{
    buying::*,
    owners::{Owners, cart_id, get, led, post},
    *,
};

const PATH: &str = "/checkout/review";

fn quoting() -> String {
    format!("POST /v1/carts/{}/quote", cart_id(1))
}

/// A signed quote of two lamps, as far as anybody but orders reads it.
fn signed(price: i64, quantity: u32) -> String {
    let mut line = sold(price);
    line["quantity"] = json!(quantity);
    line["product"] = line["productId"].take();
    line.as_object_mut().unwrap().remove("productId");
    let mut totals = totals(490);
    totals["total"] = eur(price * i64::from(quantity) + 490);
    let claims = json!({
        "jti": "quo_1", "cart": cart_id(1), "lines": [line], "totals": totals, "shippingOption": "standard",
        "shipTo": berlin(), "exp": 1_900_000_000, "iat": 1_900_000_000,
    });
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn offer(price: i64) -> Value {
    let mut totals = totals(490);
    totals["total"] = eur(price * 2 + 490);
    json!({
        "id": "quo_1", "quote": signed(price, 2), "lines": [sold(price)], "totals": totals, "problems": [],
        "expiresAt": "2026-03-03T13:31:39.000Z",
        "trace": [
            {"rule": "price", "description": "2 × Fold desk lamp at 49.99 EUR", "amount": eur(price * 2)},
            {"rule": "shipping:standard", "description": "Parcel", "amount": eur(490)},
            {"rule": "tax:DE", "description": "19 % on each line and on shipping", "amount": eur(0)},
        ],
    })
}

/// A visitor who has done all steps but the last.
async fn ready() -> (Harness, Owners, String) {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    owners.answer(&quoting(), 201, offer(4999));
    owners.answer("POST /v1/orders", 201, json!({"id": order_id()}));
    let chosen = post(&harness, "/checkout/payment", &cookie, &[("method", "pm_card_visa")]).await;
    assert_eq!(led(&harness.call(show_checkout_payment::function, chosen).await), (303, PATH));
    owners.asked();
    (harness, owners, cookie)
}

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_checkout_review::function, get(PATH, cookie)).await
}

async fn send(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let request = post(harness, PATH, cookie, fields).await;
    harness.call(show_checkout_review::function, request).await
}

/// The hidden field of a page.
fn hidden(page: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    page.text.split(&mark).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
}

/// The form of a page that was shown.
async fn submit(harness: &Harness, cookie: &str, page: &Answer) -> Answer {
    let (key, quote) = (hidden(page, "key"), hidden(page, "quote"));
    send(harness, cookie, &[("key", &key), ("quote", &quote)]).await
}

fn placed() -> String {
    format!("/orders/{}", order_id())
}

#[tokio::test]
async fn the_review_says_what_is_paid_and_why() {
    let (harness, owners, cookie) = ready().await;
    let page = show(&harness, &cookie).await;
    golden("checkout-review", &page);
    has(
        &page,
        &[
            "10115 Berlin, Germany",
            "Parcel, 3 days",
            "Visa ending in 4242",
            "2 × Fold desk lamp at €49.99",
            "€104.88",
            "<dt class=\"note\">19 % on each line and on shipping</dt><dd class=\"note\">€16.75</dd>",
            ">Order and pay</button>",
            "13:31 UTC",
            "href=\"/withdrawal\"",
        ],
    );
    lacks(&page, &["recalculated", "did not answer"]);
    assert_eq!(owners.calls(), [cart_path(), quoting()], "calls of the page");
    assert_ne!(hidden(&page, "key"), hidden(&show(&harness, &cookie).await, "key"), "each page has a key of its own");
    let json = harness.call(show_checkout_review::function, get("/v1/pages/checkout/review", &cookie)).await;
    assert_eq!(json.json["offer"]["steps"].as_array().unwrap().len(), 2);
    assert_eq!((&json.json["offer"]["quote"], &json.json["offer"]["total"]), (&Value::Null, &eur(10_488)));
}

#[tokio::test]
async fn tax_that_is_added_is_a_step() {
    let (harness, owners, cookie) = ready().await;
    let mut offer = offer(4999);
    offer["totals"]["taxIncluded"] = json!(false);
    offer["trace"][2]["amount"] = eur(1675);
    owners.answer(&quoting(), 201, offer);
    has(&show(&harness, &cookie).await, &["<dt>19 % on each line and on shipping</dt><dd>€16.75</dd>"]);
}

#[tokio::test]
async fn an_order_is_placed_with_the_key_of_the_page_and_twice_is_once() {
    let (harness, owners, cookie) = ready().await;
    let page = show(&harness, &cookie).await;
    owners.asked();
    assert_eq!(led(&submit(&harness, &cookie, &page).await), (303, placed().as_str()));
    let asked = owners.asked();
    let calls: Vec<_> = asked.iter().map(|asked| asked.call.as_str()).collect();
    assert_eq!(calls, [cart_path().as_str(), "POST /v1/orders"]);
    let back = "https://souk.example/orders?approved=1";
    assert_eq!(asked[1].body, json!({"quote": signed(4999, 2), "paymentMethod": "pm_card_visa", "returnUrl": back}));
    assert_eq!((asked[1].header("idempotency-key"), asked[1].token()), (hidden(&page, "key").as_str(), "guest-access"));
    // The cart was ordered in the meantime.
    let mut ordered = addressed();
    ordered["status"] = json!("ordered");
    owners.answer(&cart_path(), 200, ordered);
    assert_eq!(led(&submit(&harness, &cookie, &page).await), (303, placed().as_str()));
    assert_eq!(owners.asked()[1].header("idempotency-key"), hidden(&page, "key"));
}

#[tokio::test]
async fn an_origin_that_the_shop_does_not_allow_is_not_returned_to() {
    let (harness, owners, cookie) = ready().await;
    let page = show(&harness, &cookie).await;
    owners.refuse("POST /v1/orders", 422, "invalid-input", &["/returnUrl"]);
    owners.asked();
    submit(&harness, &cookie, &page).await;
    let asked = owners.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked[1].body["returnUrl"].is_string() && asked[2].body["returnUrl"].is_null(), "{asked:?}");
    assert_eq!(asked[1].header("idempotency-key"), asked[2].header("idempotency-key"));
}

#[tokio::test]
async fn a_quote_that_ran_out_is_replaced_and_the_differences_are_shown() {
    for slug in ["quote-expired", "invalid-quote"] {
        let (harness, owners, cookie) = ready().await;
        let page = show(&harness, &cookie).await;
        owners.refuse("POST /v1/orders", 422, slug, &[]);
        owners.answer(&quoting(), 201, offer(5299));
        let again = submit(&harness, &cookie, &page).await;
        assert_eq!(again.status, 422);
        has(
            &again,
            &[
                "The prices were recalculated",
                "Fold desk lamp: €52.99 instead of €49.99",
                "Total: €110.88 instead of €104.88",
            ],
        );
        assert_eq!(hidden(&again, "quote"), signed(5299, 2));
        assert_ne!(hidden(&again, "key"), hidden(&page, "key"));
        owners.answer(&quoting(), 201, offer(4999));
        has(&submit(&harness, &cookie, &page).await, &["Nothing has changed."]);
    }
}

#[tokio::test]
async fn a_basket_that_has_changed_is_not_ordered_unseen() {
    let (harness, owners, cookie) = ready().await;
    let quote = signed(4999, 1);
    let page = send(&harness, &cookie, &[("key", "k"), ("quote", &quote)]).await;
    assert_eq!(page.status, 422);
    has(&page, &["Quantity of Fold desk lamp: 2 instead of 1"]);
    assert!(!owners.calls().contains(&"POST /v1/orders".to_owned()));
    let quote = signed(4999, 2);
    for shipping in [
        json!({"option": express(), "address": berlin()}),
        json!({"option": standard(), "address": {"name": "Ada", "line1": "1", "country": "GB"}}),
    ] {
        owners.answer(&cart_path(), 200, basket(Some(shipping)));
        let page = send(&harness, &cookie, &[("key", "k"), ("quote", &quote)]).await;
        assert_eq!(page.status, 422);
        assert!(!owners.calls().contains(&"POST /v1/orders".to_owned()));
    }
    // The quote of another cart is for orders to judge: that cart may have been ordered with it.
    let mut other = addressed();
    other["id"] = json!(cart_id(2));
    owners.answer(&cart_path(), 200, other);
    assert_eq!(
        led(&send(&harness, &cookie, &[("key", "k"), ("quote", &signed(4999, 1))]).await),
        (303, placed().as_str())
    );
}

#[tokio::test]
async fn an_order_that_may_have_been_placed_can_be_sent_again_with_the_same_key() {
    let (harness, owners, cookie) = ready().await;
    let page = show(&harness, &cookie).await;
    owners.answer("POST /v1/orders", 503, Value::Null);
    let again = submit(&harness, &cookie, &page).await;
    assert_eq!(again.status, 422);
    has(
        &again,
        &["The shop did not answer", "placed once at most", "2 × Fold desk lamp, red", "€104.88", "Includes tax"],
    );
    assert_eq!(hidden(&again, "key"), hidden(&page, "key"));
    assert_eq!(hidden(&again, "quote"), hidden(&page, "quote"));
    // A text that is not a quote cannot be shown.
    assert_eq!(send(&harness, &cookie, &[("key", "k"), ("quote", "x")]).await.status, 503);
}

#[tokio::test]
async fn what_cannot_be_ordered_any_more_leads_to_where_it_is() {
    let (harness, owners, cookie) = ready().await;
    let page = show(&harness, &cookie).await;
    for (status, slug, to) in [
        (409, "cart-already-ordered", "/orders"),
        (409, "quote-already-used", "/orders"),
        (409, "idempotency-key-expired", "/orders"),
        (422, "idempotency-key-reused", "/orders"),
        (409, "cart-closed", "/basket"),
        (422, "invalid-input", "/checkout/payment"),
    ] {
        owners.refuse("POST /v1/orders", status, slug, &[]);
        assert_eq!(led(&submit(&harness, &cookie, &page).await), (303, to), "{slug}");
    }
    owners.refuse("POST /v1/orders", 429, "too-many-requests", &[]);
    assert_eq!(submit(&harness, &cookie, &page).await.status, 429);
    owners.refuse("POST /v1/orders", 422, "quote-expired", &[]);
    owners.answer(&cart_path(), 404, Value::Null);
    assert_eq!(led(&submit(&harness, &cookie, &page).await), (303, "/basket"));
}

#[tokio::test]
async fn what_cannot_be_quoted_says_why() {
    let (harness, owners, cookie) = ready().await;
    owners.refuse(&quoting(), 409, "out-of-stock", &[]);
    let page = show(&harness, &cookie).await;
    assert_eq!(page.status, 200);
    has(&page, &["This basket cannot be ordered", "It is refused.", "href=\"/basket\""]);
    lacks(&page, &["Order and pay"]);
    for (slug, to) in [("cart-empty", "/basket"), ("cart-closed", "/basket"), ("shipping-needed", "/checkout/address")]
    {
        owners.refuse(&quoting(), 409, slug, &[]);
        assert_eq!(led(&show(&harness, &cookie).await), (303, to), "{slug}");
    }
    owners.refuse("POST /v1/orders", 422, "quote-expired", &[]);
    let quote = signed(4999, 2);
    assert_eq!(led(&send(&harness, &cookie, &[("key", "k"), ("quote", &quote)]).await), (303, "/checkout/address"));
    owners.refuse(&quoting(), 403, "forbidden", &[]);
    assert_eq!(show(&harness, &cookie).await.status, 403);
    owners.answer(&quoting(), 503, Value::Null);
    assert_eq!(show(&harness, &cookie).await.status, 503);
}

#[tokio::test]
async fn the_steps_before_the_review_come_first() {
    let (harness, owners, cookie) = ready().await;
    assert_eq!(led(&show(&harness, "").await), (303, "/basket"));
    owners.answer(&cart_path(), 200, basket(None));
    assert_eq!(led(&show(&harness, &cookie).await), (303, "/checkout/address"));
    owners.answer(&cart_path(), 404, Value::Null);
    assert_eq!(led(&show(&harness, &cookie).await), (303, "/basket"));
    assert_eq!(led(&send(&harness, &cookie, &[]).await), (303, PATH));
    // Another browser has no method yet.
    let (harness, owners, cookie) = buying(true).await;
    owners.answer(&cart_path(), 200, addressed());
    assert_eq!(led(&show(&harness, &cookie).await), (303, "/checkout/payment"));
    let fields = [("key", "k"), ("quote", "q")];
    assert_eq!(led(&send(&harness, &cookie, &fields).await), (303, "/checkout/payment"));
}

#[tokio::test]
async fn a_form_of_another_page_orders_nothing() {
    let (harness, owners, cookie) = ready().await;
    let quote = signed(4999, 2);
    let fields = [("key", "k"), ("quote", quote.as_str()), ("csrf", "x")];
    let form = || Request::new("POST", PATH).form(&fields).header("cookie", &cookie);
    assert_eq!(harness.call(show_checkout_review::function, form()).await.status, 403);
    let foreign = form().header("origin", "https://evil.example");
    assert_eq!(harness.call(show_checkout_review::function, foreign).await.status, 403);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn what_others_wrote_is_text() {
    let (harness, owners, cookie) = ready().await;
    let mut cart = addressed();
    cart["lines"][0]["title"] = json!(HOSTILE);
    cart["shipping"]["address"]["name"] = json!(HOSTILE);
    cart["shipping"]["option"]["name"] = json!(HOSTILE);
    owners.answer(&cart_path(), 200, cart);
    let mut offer = offer(4999);
    offer["trace"][0]["description"] = json!(HOSTILE);
    offer["lines"][0]["title"] = json!(HOSTILE);
    offer["quote"] = json!(HOSTILE);
    owners.answer(&quoting(), 201, offer);
    lacks(&show(&harness, &cookie).await, &["<script>alert"]);
    owners.refuse("POST /v1/orders", 422, "quote-expired", &[]);
    let changed = send(&harness, &cookie, &[("key", HOSTILE), ("quote", &signed(1, 1))]).await;
    assert_eq!(changed.status, 422);
    lacks(&changed, &["<script>alert"]);
}
