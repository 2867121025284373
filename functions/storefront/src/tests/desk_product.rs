//! A product of the merchant desk: its prices and its stock.

use serde_json::json;

use super::{buying::has, desk_products::level, owners::*, *};

fn path() -> String {
    format!("/desk/products/{}", lamp_id())
}

fn product_call(method: &str) -> String {
    format!("{method} /v1/products/{}", lamp_id())
}

/// The lamp with a price in euros of the red one, as the catalog answers it.
fn answered(red: u32) -> Value {
    let eur = |amount: u32| json!({"amount": amount, "currency": "EUR", "validFrom": null, "validTo": null});
    json!({
        "id": lamp_id(), "title": "Fold desk lamp", "status": "published", "taxClass": "standard", "version": 7,
        "variants": [
            {"sku": "RED", "options": {"colour": "red"}, "prices": [eur(red), {"amount": 4299, "currency": "GBP"}]},
            {"sku": "INK", "options": {}, "prices": [{"amount": 9000, "currency": "EUR", "validFrom": "2099-01-01T00:00:00Z"}]},
        ],
    })
}

/// The cookie of a merchant, in a shop in which the catalog knows a lamp at version 7.
async fn merchant() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    owners.answer_with(&product_call("GET"), 200, ("etag", "\"7\""), answered(4999));
    owners.answer("GET /v1/stock", 200, json!({"items": [level("RED", 40)], "nextCursor": null}));
    let cookie = sign_in_as(&harness, &owners, "merchant").await;
    (harness, owners, cookie)
}

async fn send(harness: &Harness, request: Request) -> Answer {
    harness.call(show_desk_product::function, request.parameter("productId", lamp_id())).await
}

/// The fields of the form for prices, as it was shown, with another price of the red lamp.
async fn prices(harness: &Harness, cookie: &str, red: &str, version: &str) -> Answer {
    let fields = [
        ("version", version),
        ("RED", "EUR=49.99 GBP=42.99 USD="),
        ("RED.EUR", red),
        ("RED.GBP", "42.99"),
        ("RED.USD", ""),
        ("INK", "EUR= GBP= USD="),
        ("INK.EUR", "85"),
    ];
    send(harness, post(harness, &path(), cookie, &fields).await).await
}

#[tokio::test]
async fn a_product_is_shown_with_its_prices_and_its_stock() {
    let (harness, owners, cookie) = merchant().await;
    let page = send(&harness, get(&path(), &cookie)).await;
    golden("desk-product", &page);
    has(
        &page,
        &[
            "name=\"RED.EUR\" type=\"text\" inputmode=\"decimal\" value=\"49.99\"",
            "name=\"RED\" value=\"EUR=49.99 GBP=42.99 USD=\"",
            "name=\"INK.EUR\" type=\"text\" inputmode=\"decimal\" value=\"\"",
            "name=\"version\" value=\"&#34;7&#34;\"",
            "<td class=\"num opt\">42</td>",
            "<span class=\"tag bad\">0</span>",
            "On sale",
            "/products/prd_",
            "<a href=\"/desk/products\" aria-current=\"page\">",
            &token(&harness, &cookie, &path()).await,
        ],
    );
    assert!(!page.text.contains("is saved") && !page.text.contains("aria-invalid"), "{}", page.text);
    assert_eq!(page.headers["cache-control"], "private, no-store");
    let asked = owners.asked();
    assert_eq!(
        (asked.len(), asked[1].query.as_str(), asked[1].token()),
        (2, "limit=100&skus=RED,INK", "merchant-access")
    );
    let json = send(&harness, get(&format!("/v1/pages{}", path()), &cookie)).await.json;
    assert_eq!(json["variants"][0]["prices"][0]["amount"], 4999);
    assert_eq!((&json["stock"][0]["available"], &json["status"]), (&json!(40), &json!("published")));
}

#[tokio::test]
async fn prices_are_changed_at_once_at_the_version_that_was_shown() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer(&product_call("PATCH"), 200, answered(4450));
    let done = prices(&harness, &cookie, "44,50", "\"7\"").await;
    assert_eq!(led(&done), (303, format!("{}?saved=prices", path()).as_str()));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[1].header("if-match"), asked[1].token()), (2, "\"7\"", "merchant-access"));
    let price = |amount: u32, currency: &str| json!({"amount": amount, "currency": currency});
    let later = json!({"amount": 9000, "currency": "EUR", "validFrom": "2099-01-01T00:00:00Z"});
    let until = json!({"amount": 8500, "currency": "EUR", "validTo": "2099-01-01T00:00:00Z"});
    let variants = json!([
        {"sku": "RED", "options": {"colour": "red"}, "prices": [price(4450, "EUR"), price(4299, "GBP")]},
        {"sku": "INK", "options": {}, "prices": [later, until]},
    ]);
    assert_eq!(asked[1].body, json!({"variants": variants}));
    has(&send(&harness, get(&path(), &cookie).query("saved", "prices")).await, &["The prices are saved."]);
}

#[tokio::test]
async fn a_wrong_price_says_so_and_nothing_is_changed() {
    let (harness, owners, cookie) = merchant().await;
    let page = prices(&harness, &cookie, "49,9,9", "\"7\"").await;
    golden("desk-product-with-a-fault", &page);
    assert_eq!(page.status, 422);
    has(
        &page,
        &[
            "One price needs a correction",
            "<a href=\"#RED-EUR\">RED, EUR: Enter an amount such as 49.99</a>",
            "value=\"49,9,9\"",
            "aria-invalid",
            "now 49.99",
            "value=\"85\"",
        ],
    );
    assert!(!page.text.contains("was changed while"), "{}", page.text);
    assert!(owners.calls().iter().all(|call| !call.starts_with("PATCH")));
}

#[tokio::test]
async fn a_product_that_was_changed_shows_what_is_there_now_and_keeps_what_was_entered() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer_with(&product_call("GET"), 200, ("etag", "\"8\""), answered(5999));
    owners.answer(&product_call("PATCH"), 200, answered(5999));
    let page = prices(&harness, &cookie, "44.50", "\"7\"").await;
    assert_eq!(page.status, 422);
    has(
        &page,
        &["was changed while you edited it", "value=\"44.50\"", "now 59.99", "value=\"&#34;8&#34;\"", "EUR=59.99"],
    );
    // What was left as it was shown is as it is now.
    let page = prices(&harness, &cookie, "49.99", "\"7\"").await;
    has(&page, &["name=\"RED.EUR\" type=\"text\" inputmode=\"decimal\" value=\"59.99\""]);
    assert!(owners.calls().iter().all(|call| !call.starts_with("PATCH")));
    let saved = prices(&harness, &cookie, "44.50", "\"8\"").await;
    assert_eq!(saved.status, 303, "it is saved over the change");
}

#[tokio::test]
async fn a_product_that_is_changed_meanwhile_is_not_overwritten() {
    let (harness, owners, cookie) = merchant().await;
    owners.refuse(&product_call("PATCH"), 412, "version-changed", &[]);
    let page = prices(&harness, &cookie, "44.50", "\"7\"").await;
    assert_eq!(page.status, 422);
    has(&page, &["was changed while you edited it", "value=\"44.50\""]);
    let calls = owners.calls();
    assert!(calls.len() <= 5, "{calls:?}");
    for (status, slug) in [(422, "invalid-input"), (409, "sku-taken")] {
        owners.refuse(&product_call("PATCH"), status, slug, &["/variants/0/prices"]);
        let page = prices(&harness, &cookie, "44.50", "\"7\"").await;
        has(&page, &["The prices are not saved.", "is wrong", "value=\"44.50\""]);
    }
    owners.answer(&product_call("PATCH"), 503, Value::Null);
    assert_eq!(prices(&harness, &cookie, "44.50", "\"7\"").await.status, 503);
}

async fn adjust(harness: &Harness, cookie: &str, delta: &str, reason: &str) -> Answer {
    let fields = [("action", "adjust"), ("sku", "INK"), ("delta", delta), ("reason", reason), ("key", "key-1")];
    send(harness, post(harness, &path(), cookie, &fields).await).await
}

#[tokio::test]
async fn stock_is_adjusted_once_with_the_key_of_its_form() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer("POST /v1/stock/INK/adjustments", 201, level("INK", 5));
    let done = adjust(&harness, &cookie, "-3", "damaged").await;
    assert_eq!(led(&done), (303, format!("{}?saved=stock", path()).as_str()));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].header("idempotency-key")), (1, "key-1"));
    assert_eq!(asked[0].body, json!({"delta": -3, "reason": "damaged"}));
    has(&send(&harness, get(&path(), &cookie).query("saved", "stock")).await, &["The stock is adjusted."]);
}

#[tokio::test]
async fn stock_that_cannot_be_adjusted_says_why_and_keeps_what_was_entered() {
    let (harness, owners, cookie) = merchant().await;
    let wrong = adjust(&harness, &cookie, "many", "lost").await;
    assert_eq!(wrong.status, 422);
    has(
        &wrong,
        &[
            "delta-error\">Enter a number of units",
            "value=\"many\"",
            "<option value=\"INK\" selected>",
            "value=\"lost\" selected",
            "value=\"key-1\"",
        ],
    );
    has(&adjust(&harness, &cookie, "1", "stolen").await, &["Choose a SKU and a reason."]);
    assert!(owners.calls().iter().all(|call| call.starts_with("GET")));
    owners.refuse("POST /v1/stock/INK/adjustments", 409, "not-enough-stock", &[]);
    has(
        &adjust(&harness, &cookie, "-9", "lost").await,
        &["There are not as many units", "value=\"-9\"", "value=\"key-1\""],
    );
    owners.refuse("POST /v1/stock/INK/adjustments", 422, "idempotency-key-reused", &[]);
    let again = adjust(&harness, &cookie, "-9", "lost").await;
    has(&again, &["was sent before", "value=\"-9\""]);
    assert!(!again.text.contains("value=\"key-1\""), "a new key: {}", again.text);
    owners.answer("POST /v1/stock/INK/adjustments", 503, Value::Null);
    assert_eq!(adjust(&harness, &cookie, "-9", "lost").await.status, 503);
}

#[tokio::test]
async fn a_form_needs_the_token_of_its_session() {
    let (harness, owners, cookie) = merchant().await;
    let form = Request::new("POST", &path()).form(&[("version", "\"7\"")]).header("cookie", &cookie);
    assert_eq!(send(&harness, form).await.status, 403);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_product_is_shown_without_its_stock_if_inventory_does_not_answer() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer("GET /v1/stock", 503, Value::Null);
    let page = send(&harness, get(&path(), &cookie)).await;
    assert_eq!(page.status, 200);
    has(&page, &["The stock could not be fetched.", "value=\"49.99\""]);
    owners.refuse("GET /v1/stock", 403, "forbidden", &[]);
    assert_eq!(send(&harness, get(&path(), &cookie)).await.status, 403);
    for (status, body) in [(404, json!({})), (503, Value::Null)] {
        owners.answer(&product_call("GET"), status, body);
        assert_eq!(send(&harness, get(&path(), &cookie)).await.status, status);
    }
}

#[tokio::test]
async fn a_draft_is_not_in_the_shop_and_a_title_is_text() {
    let (harness, owners, cookie) = merchant().await;
    let mut draft = answered(1);
    draft["status"] = json!("draft");
    draft["title"] = json!("\"><script>alert(1)</script>");
    owners.answer(&product_call("GET"), 200, draft);
    let page = send(&harness, get(&path(), &cookie)).await;
    has(&page, &["Draft"]);
    assert!(!page.text.contains("See it in the shop") && !page.text.contains("<script>alert"), "{}", page.text);
}
