//! The list of orders, and the texts of the shop.

use lambda::testing::{Answer, Harness};
use serde_json::json;

use super::{
    buying::*,
    owners::{get, led},
    *,
};

fn order(number: u128, status: &str, lines: usize) -> Value {
    json!({
        "id": contracts::OrderId::from(Uuid::from_u128(number)), "status": status, "lines": vec![sold(4999); lines],
        "totals": totals(490), "shipTo": berlin(), "placedAt": "2026-03-03T13:16:40.000Z",
    })
}

async fn show(harness: &Harness, cookie: &str, query: &[(&str, &str)]) -> Answer {
    let request = query.iter().fold(get("/orders", cookie), |request, (name, value)| request.query(name, value));
    harness.call(show_orders::function, request).await
}

#[tokio::test]
async fn orders_are_listed_with_what_was_ordered_and_how_far_they_are() {
    let (harness, owners, cookie) = buying(true).await;
    let orders = [order(1, "placed", 1), order(2, "shipped", 3), order(3, "cancelled", 2)];
    owners.answer("GET /v1/orders", 200, json!({"items": orders, "nextCursor": "c2"}));
    let page = show(&harness, &cookie, &[]).await;
    golden("orders", &page);
    assert_eq!(page.headers["cache-control"], "private, no-store");
    has(
        &page,
        &[
            ">Fold desk lamp</a>",
            "Fold desk lamp and 2 more",
            "Tuesday 3 March 2026",
            "€104.88",
            "<span class=\"tag good\">On its way</span>",
            "<span class=\"tag bad\">Cancelled</span>",
            "/pictures/lamp-red.svg",
            "href=\"/orders?cursor=c2\"",
            "<a href=\"/orders\" aria-current=\"page\">All</a>",
        ],
    );
    assert_eq!(owners.calls(), ["GET /v1/orders"], "calls of the page");
}

#[tokio::test]
async fn orders_can_be_filtered_by_status() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer("GET /v1/orders", 200, json!({"items": [], "nextCursor": "c2"}));
    let page = show(&harness, &cookie, &[("status", "delivered")]).await;
    has(
        &page,
        &[
            "<a href=\"/orders?status=delivered\" aria-current=\"page\">Delivered</a>",
            "No orders on this page match the filters.",
            "href=\"/orders?status=delivered&#38;cursor=c2\"",
        ],
    );
    let asked = owners.asked();
    assert!(asked[0].query.starts_with("customerId=usr_"), "{}", asked[0].query);
    assert!(asked[0].query.ends_with("&limit=20&status=delivered"), "{}", asked[0].query);
    show(&harness, &cookie, &[("status", "open"), ("cursor", "c 2")]).await;
    assert!(owners.asked()[0].query.ends_with("&limit=20&status=placed,reserved,confirmed,shipped&cursor=c%202"));
    assert_eq!(show(&harness, &cookie, &[("status", "lost")]).await.status, 422);
}

#[tokio::test]
async fn who_has_no_orders_or_no_session_is_told_so() {
    let (harness, owners, cookie) = buying(true).await;
    owners.answer("GET /v1/orders", 200, json!({"items": [], "nextCursor": null}));
    has(&show(&harness, &cookie, &[]).await, &["No orders yet."]);
    owners.asked();
    let page = show(&harness, "", &[]).await;
    assert_eq!(page.status, 200);
    has(&page, &["Sign in to see your orders.", "/sign-in?next=/orders"]);
    assert_eq!(owners.calls(), Vec::<String>::new());
    owners.answer("GET /v1/orders", 503, Value::Null);
    assert_eq!(show(&harness, &cookie, &[]).await.status, 503);
}

#[tokio::test]
async fn a_cursor_of_another_list_leads_to_the_first_page() {
    let (harness, owners, cookie) = buying(true).await;
    owners.refuse("GET /v1/orders", 400, "invalid-cursor", &[]);
    assert_eq!(led(&show(&harness, &cookie, &[("cursor", "x")]).await), (303, "/orders"));
    assert_eq!(show(&harness, &cookie, &[]).await.status, 400);
}

#[tokio::test]
async fn who_comes_back_from_the_bank_sees_the_order() {
    let (harness, owners, cookie) = buying(true).await;
    let payment = contracts::PaymentId::from(Uuid::from_u128(6));
    let mut waiting = order(2, "reserved", 1);
    waiting["paymentId"] = json!(payment);
    owners.answer("GET /v1/orders", 200, json!({"items": [order(1, "placed", 1), waiting], "nextCursor": null}));
    let confirm = format!("POST /v1/payments/{payment}/confirmation");
    let to = |number: u128| format!("/orders/{}", contracts::OrderId::from(Uuid::from_u128(number)));
    // What the bank adds to the address does not matter, nor whether payments answers.
    for status in [200, 503] {
        owners.answer(&confirm, status, json!({}));
        let back = show(&harness, &cookie, &[("approved", "1"), ("payment_intent", "pi_1")]).await;
        assert_eq!(led(&back), (303, to(2).as_str()));
        assert_eq!(owners.calls(), ["GET /v1/orders", &confirm]);
    }
    // It was decided before.
    owners.answer("GET /v1/orders", 200, json!({"items": [order(1, "confirmed", 1)], "nextCursor": null}));
    assert_eq!(led(&show(&harness, &cookie, &[("approved", "1")]).await), (303, to(1).as_str()));
    owners.answer("GET /v1/orders", 200, json!({"items": [], "nextCursor": null}));
    has(&show(&harness, &cookie, &[("approved", "1")]).await, &["No orders yet."]);
    has(&show(&harness, "", &[("approved", "1")]).await, &["Sign in to see your orders."]);
}

#[tokio::test]
async fn the_title_of_an_order_is_text() {
    let (harness, owners, cookie) = buying(true).await;
    let mut order = order(1, "placed", 1);
    order["lines"][0]["title"] = json!(HOSTILE);
    owners.answer("GET /v1/orders", 200, json!({"items": [order], "nextCursor": HOSTILE}));
    lacks(&show(&harness, &cookie, &[]).await, &["<script>alert"]);
}

#[tokio::test]
async fn the_terms_and_the_withdrawal_are_texts_that_everybody_may_keep() {
    let (harness, owners, _) = buying(true).await;
    let terms = harness.call(show_terms::function, Request::new("GET", "/terms")).await;
    has(&terms, &["<h1>Terms</h1>", "Souk Demo GmbH", "How an order is made"]);
    let withdrawal = harness.call(show_withdrawal::function, Request::new("GET", "/withdrawal")).await;
    has(&withdrawal, &["<h1>Withdrawal</h1>", "within 14 days", "<li>Before dispatch"]);
    for page in [terms, withdrawal] {
        assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "public, max-age=0, s-maxage=60"));
    }
    let json = harness.call(show_terms::function, Request::new("GET", "/v1/pages/terms")).await;
    assert_eq!(json.json["title"], "Terms");
    assert_eq!(owners.calls(), Vec::<String>::new());
}
