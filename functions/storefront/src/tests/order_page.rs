//! The page of an order, in each of its states.

use lambda::testing::{Answer, Harness};
use serde_json::json;

use super::{
    buying::*,
    order_facts::*,
    owners::{get, led, post},
    *,
};

async fn show(harness: &Harness, cookie: &str) -> Answer {
    let request = get(&path(), cookie).parameter("orderId", order_id());
    harness.call(show_order::function, request).await
}

async fn send(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let request = post(harness, &path(), cookie, fields).await.parameter("orderId", order_id());
    harness.call(show_order::function, request).await
}

/// The page in a state, as its file has it.
async fn page(state: &str, order: Value, events: &[&str], payment: Option<Value>) -> Answer {
    let (harness, owners, cookie) = buying(true).await;
    known(&owners, order, events, payment);
    let page = show(&harness, &cookie).await;
    assert_eq!(page.status, 200, "{page:?}");
    golden(state, &page);
    page
}

const RESERVED: &[&str] = &["OrderPlaced", "OrderReserved"];
const CONFIRMED: &[&str] = &["OrderPlaced", "OrderReserved", "OrderConfirmed"];
const REFRESH: &str = "<noscript><meta http-equiv=\"refresh\" content=\"15\"></noscript>";

#[tokio::test]
async fn an_order_that_was_just_placed_waits_for_stock() {
    let page = page("order-placed", waiting("placed", "stock"), &["OrderPlaced"], None).await;
    has(
        &page,
        &[
            "Thank you. We are checking the stock.",
            "<li class=\"now\" aria-current=\"step\">\n<b>Reserving your items</b>",
            "If this has not happened by 4 Mar, 13:31 UTC",
            "Cancel this order",
            "Keep this order",
            REFRESH,
            "hx-get=\"/fragments/orders/",
            "Includes tax at the standard rate on €84.02",
            "Includes tax on delivery",
            "Souk Demo GmbH",
            "2 × Fold desk lamp, red",
            "10115 Berlin, Germany",
            "Tuesday 3 March 2026, 13:16 UTC",
        ],
    );
    assert_eq!(page.headers["cache-control"], "private, no-store");
}

#[tokio::test]
async fn a_payment_that_is_not_decided_says_not_to_order_again() {
    let page =
        page("order-asking-the-bank", waiting("reserved", "payment"), RESERVED, Some(payment("pending", 0, 0, &[])))
            .await;
    has(
        &page,
        &[
            "We are asking your bank",
            "Do not order again",
            "All items are set aside",
            "Until 4 Mar, 13:31 UTC",
            REFRESH,
        ],
    );
    lacks(&page, &["Go to the bank"]);
}

#[tokio::test]
async fn a_payment_to_approve_leads_to_the_bank() {
    let mut order = waiting("reserved", "customer");
    order["paymentId"] = json!(payment_id());
    let mut payment = payment("action-required", 0, 0, &[]);
    payment["nextAction"] = json!({"type": "redirect_to_url", "clientSecret": "s", "url": "https://bank.example/3ds"});
    let approve = page("order-to-approve", order.clone(), RESERVED, Some(payment.clone())).await;
    has(
        &approve,
        &[
            "Approve €104.88 at your bank",
            "href=\"https://bank.example/3ds\"",
            "Waiting for your approval",
            "value=\"confirm\"",
        ],
    );
    for url in [json!(null), json!("javascript:alert(1)")] {
        payment["nextAction"]["url"] = url;
        let none = page("order-to-approve-nowhere", order.clone(), RESERVED, Some(payment.clone())).await;
        has(&none, &["The page of the bank is not known yet."]);
        lacks(&none, &["Go to the bank", "javascript:"]);
    }
}

#[tokio::test]
async fn a_visitor_who_decided_at_the_bank_says_so() {
    let (harness, owners, cookie) = buying(true).await;
    known(&owners, order("reserved"), RESERVED, Some(payment("action-required", 0, 0, &[])));
    let confirm = format!("POST /v1/payments/{}/confirmation", payment_id());
    owners.answer(&confirm, 200, json!({}));
    assert_eq!(led(&send(&harness, &cookie, &[("action", "confirm")]).await), (303, path().as_str()));
    assert_eq!(owners.calls(), ["GET /v1/payments", &confirm]);
    known(&owners, order("reserved"), RESERVED, None);
    assert_eq!(led(&send(&harness, &cookie, &[("action", "confirm")]).await), (303, path().as_str()));
    assert_eq!(owners.calls(), ["GET /v1/payments"]);
}

#[tokio::test]
async fn a_confirmed_order_is_packed_until_a_deadline() {
    let page =
        page("order-packing", waiting("confirmed", "dispatch"), CONFIRMED, Some(payment("authorized", 0, 0, &[])))
            .await;
    has(
        &page,
        &["We are packing your parcel", "Packing your parcel", "not left by 4 Mar", "Cancel this order", REFRESH],
    );
}

#[tokio::test]
async fn a_parcel_on_its_way_has_a_pin_for_the_courier() {
    let (harness, owners, cookie) = buying(true).await;
    let mut order = waiting("shipped", "delivery");
    order["shipmentId"] = json!(shipment_id());
    known(&owners, order.clone(), &[CONFIRMED, &["OrderShipped"]].concat(), Some(payment("captured", 10_488, 0, &[])));
    let shipment = format!("GET /v1/shipments/{}", shipment_id());
    owners.answer(&shipment, 200, json!({"pin": "493120", "attempts": 0, "history": []}));
    let page = show(&harness, &cookie).await;
    golden("order-on-its-way", &page);
    has(&page, &["On its way to you", "Your parcel left on Tuesday 3 March 2026.", "493 120", REFRESH]);
    lacks(&page, &["Cancel this order"]);
    let mut calls = owners.calls();
    calls.sort();
    let mut all = vec![
        format!("GET /v1{}", path()),
        format!("GET /v1{}/history", path()),
        "GET /v1/payments".to_owned(),
        shipment.clone(),
    ];
    all.sort();
    assert_eq!(calls, all, "calls of the page");
    // Before the courier has it, there is nothing to tell.
    order["status"] = json!("confirmed");
    known(&owners, order, CONFIRMED, None);
    lacks(&show(&harness, &cookie).await, &["493 120"]);
}

#[tokio::test]
async fn a_delivered_order_is_final_and_can_be_withdrawn_from() {
    let events = [CONFIRMED, &["OrderShipped", "OrderDelivered"]].concat();
    let page = page("order-delivered", order("delivered"), &events, Some(payment("captured", 10_488, 0, &[]))).await;
    has(
        &page,
        &[
            "<h1>Delivered</h1>",
            "Tuesday 3 March 2026, 14:00 UTC.",
            "until Tuesday 17 March 2026",
            "What you paid, and why",
        ],
    );
    lacks(&page, &[REFRESH, "hx-get", "This page updates itself", "Cancel this order", "493 120"]);
}

#[tokio::test]
async fn a_declined_payment_says_why_and_offers_another_card() {
    let mut order = cancelled("payment-declined");
    order["declineReason"] = json!("The card does not have enough funds. Use another card.");
    let page =
        page("order-declined", order, &[RESERVED, &["OrderCancelled"]].concat(), Some(payment("declined", 0, 0, &[])))
            .await;
    has(
        &page,
        &[
            "The payment was declined",
            "The card does not have enough funds.",
            "Nothing was charged",
            &format!("href=\"/checkout/payment?declinedOrderId={}\"", order_id()),
            "<li class=\"stop\">\n<b>Payment declined</b>",
            "All items are set aside",
        ],
    );
    lacks(&page, &[REFRESH, "Payment approved", "Cancel this order"]);
}

#[tokio::test]
async fn what_was_not_in_stock_leads_to_the_basket() {
    has(&page("order-cancelled", order("cancelled"), &[], None).await, &["<h1>Cancelled</h1>"]);
    let page = page("order-out-of-stock", cancelled("out-of-stock"), &["OrderPlaced", "OrderCancelled"], None).await;
    has(
        &page,
        &["Cancelled: an item ran out", "The items are back in your basket", "href=\"/basket\"", "Not in stock"],
    );
    lacks(&page, &["All items are set aside"]);
}

#[tokio::test]
async fn a_cancelled_order_says_why_and_what_was_paid_back() {
    let events = [CONFIRMED, &["OrderCancelled"]].concat();
    let mut order = cancelled("requested");
    order["note"] = json!("Ordered the wrong colour.");
    let released = page(
        "order-cancelled-and-released",
        order.clone(),
        &events,
        Some(payment("voided", 0, 0, &[("void", 10_488)])),
    )
    .await;
    has(
        &released,
        &[
            "Cancelled at your request",
            "Ordered the wrong colour.",
            "The €104.88 reserved on your card was released at 5 Mar, 10:02",
        ],
    );
    order["note"] = json!("No reason was given.");
    lacks(&page("order-undelivered-without-a-reason", order, &events, None).await, &["No reason was given."]);
    let refunded = payment("refunded", 10_488, 10_488, &[("capture", 10_488), ("refund", 10_488)]);
    let refunded = page("order-refunded", cancelled("timed-out"), &events, Some(refunded)).await;
    has(
        &refunded,
        &[
            "Cancelled: it took too long",
            "€104.88 is refunded",
            "Refunded on Thursday 5 March 2026",
            "<dt>Refunded on 5 March 2026</dt><dd>−€104.88</dd>",
            "<dt class=\"total\">You pay</dt><dd class=\"total\">€0.00</dd>",
        ],
    );
    let refunding =
        page("order-refunding", cancelled("payment-voided"), &events, Some(payment("captured", 10_488, 0, &[]))).await;
    has(&refunding, &["Cancelled: the bank released the payment", "€104.88 is being refunded"]);
    let nothing = page("order-timed-out", cancelled("timed-out"), &events, Some(payment("pending", 0, 0, &[]))).await;
    has(&nothing, &["<h2>Nothing was charged</h2>"]);
}

#[tokio::test]
async fn a_parcel_that_came_back_says_what_the_courier_wrote() {
    let (harness, owners, cookie) = buying(true).await;
    let mut order = cancelled("delivery-failed");
    order["shipmentId"] = json!(shipment_id());
    let events = [CONFIRMED, &["OrderShipped", "OrderCancelled"]].concat();
    known(&owners, order, &events, Some(payment("captured", 10_488, 0, &[])));
    let failed = json!({"type": "DeliveryFailed", "time": "2026-03-05T10:02:00.000Z", "reason": "Nobody was at home."});
    let shipment = json!({"pin": "493120", "attempts": 3, "history": [failed]});
    owners.answer(&format!("GET /v1/shipments/{}", shipment_id()), 200, shipment);
    let page = show(&harness, &cookie).await;
    has(
        &page,
        &["the parcel could not be delivered", "3 attempts. The courier wrote: “Nobody was at home.”", "On its way"],
    );
    lacks(&page, &["493 120"]);
}

#[tokio::test]
async fn only_the_order_itself_must_answer() {
    let (harness, owners, cookie) = buying(true).await;
    let mut order = cancelled("timed-out");
    order["shipmentId"] = json!(shipment_id());
    owners.answer(&format!("GET /v1{}", path()), 200, order.clone());
    let page = show(&harness, &cookie).await;
    assert_eq!(page.status, 200);
    has(&page, &["A part of this page is missing", "We cannot show what happened to the payment."]);
    known(&owners, order, RESERVED, None);
    has(&show(&harness, &cookie).await, &["A part of this page is missing"]);
    owners.answer(&format!("GET /v1/shipments/{}", shipment_id()), 200, json!({"pin": null}));
    lacks(&show(&harness, &cookie).await, &["A part of this page is missing"]);
    owners.answer(&format!("GET /v1{}", path()), 404, Value::Null);
    assert_eq!(show(&harness, &cookie).await.status, 404);
    owners.answer(&format!("GET /v1{}", path()), 503, Value::Null);
    assert_eq!(show(&harness, &cookie).await.status, 503);
}

#[tokio::test]
async fn an_order_is_shown_to_its_own_browser_only() {
    let (harness, owners, _) = buying(true).await;
    known(&owners, order("placed"), &[], None);
    let page = show(&harness, "").await;
    assert_eq!(page.status, 401);
    has(&page, &["Sign in to see this order.", "/sign-in?next="]);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn an_order_is_cancelled_once_with_its_reason() {
    let (harness, owners, cookie) = buying(true).await;
    known(&owners, waiting("placed", "stock"), &[], None);
    let cancel = format!("POST /v1{}/cancellation", path());
    owners.answer(&cancel, 200, json!({}));
    let fields = [("action", "cancel"), ("key", "k-1"), ("reason", "The wrong colour")];
    assert_eq!(led(&send(&harness, &cookie, &fields).await), (303, path().as_str()));
    let asked = owners.asked();
    assert_eq!((asked[0].call.as_str(), asked[0].header("idempotency-key")), (cancel.as_str(), "k-1"));
    assert_eq!(asked[0].body, json!({"reason": "The wrong colour"}));
    send(&harness, &cookie, &fields[..2]).await;
    assert_eq!(owners.asked()[0].body, json!({"reason": "No reason was given."}));
    assert_eq!(led(&send(&harness, &cookie, &fields[..1]).await), (303, path().as_str()));
    assert_eq!(owners.calls(), Vec::<String>::new(), "without a key, nothing is cancelled");
    owners.refuse(&cancel, 409, "order-already-shipped", &[]);
    let refused = send(&harness, &cookie, &fields).await;
    assert_eq!(refused.status, 422);
    has(&refused, &["It is refused.", "value=\"The wrong colour\"", "<details class=\"more status\" open>"]);
    owners.answer(&cancel, 503, Value::Null);
    assert_eq!(send(&harness, &cookie, &fields).await.status, 503);
    let form = Request::new("POST", &path()).form(&fields).header("cookie", &cookie).parameter("orderId", order_id());
    assert_eq!(harness.call(show_order::function, form).await.status, 403);
}

#[tokio::test]
async fn a_page_that_is_paused_does_not_update_itself() {
    let (harness, owners, cookie) = buying(true).await;
    known(&owners, waiting("placed", "stock"), &[], None);
    let request = get(&path(), &cookie).parameter("orderId", order_id()).query("pause", "1");
    lacks(
        &harness.call(show_order::function, request).await,
        &[REFRESH, "<script", "hx-get", "This page updates itself"],
    );
}

#[tokio::test]
async fn the_fragment_is_a_part_of_the_page() {
    let (harness, owners, cookie) = buying(true).await;
    known(&owners, waiting("placed", "stock"), &[], None);
    let fragment = async |cookie: &str, state: &str| {
        let path = format!("/fragments{}/live", path());
        let request = get(&path, cookie).parameter("orderId", order_id()).query("state", state);
        harness.call(show_order_live::function, request).await
    };
    let live = fragment(&cookie, "placed").await;
    assert_eq!((live.status, live.headers["content-type"].as_str()), (200, "text/html; charset=utf-8"));
    assert_eq!(live.headers["cache-control"], "private, no-store");
    has(&live, &["Reserving your items", "hx-trigger=\"every 2s\""]);
    let page = show(&harness, &cookie).await;
    assert!(page.text.contains(live.text.trim()), "{} {}", live.text, page.text);
    // The rest of the page shows another state.
    has(&fragment(&cookie, "reserved").await, &["hx-trigger=\"load\"", &format!("hx-get=\"{}\"", path())]);
    known(&owners, order("delivered"), &[], None);
    lacks(&fragment(&cookie, "delivered").await, &["hx-get"]);
    assert_eq!(fragment("", "placed").await.status, 401);
}

#[tokio::test]
async fn what_others_wrote_on_an_order_is_text() {
    let mut order = cancelled("requested");
    order["note"] = json!(HOSTILE);
    order["lines"][0]["title"] = json!(HOSTILE);
    order["shipTo"]["name"] = json!(HOSTILE);
    let page = page("order-with-hostile-text", order, &[], None).await;
    has(&page, &["&#60;script&#62;alert(1)"]);
    lacks(&page, &["<script>alert"]);
}
