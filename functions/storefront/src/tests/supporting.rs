//! The desk of support: finding an order, refunding and cancelling it.

use contracts::{PaymentId, ShipmentId};
use lambda::testing::{Answer, Harness, user};
use serde_json::json;

use super::{
    buying::*,
    owners::{CLARA, GUEST, Owners, get, led, post, shop},
    *,
};

fn payment_id() -> PaymentId {
    Uuid::from_u128(77).into()
}

fn shipment_id() -> ShipmentId {
    Uuid::from_u128(77).into()
}

fn path() -> String {
    format!("/support/orders/{}", order_id())
}

fn order(status: &str) -> Value {
    json!({
        "id": order_id(), "status": status, "reason": null, "note": null, "waitingFor": null, "lines": [sold(4999)],
        "totals": totals(490), "shipTo": berlin(), "shipmentId": shipment_id(), "shippingOption": "standard",
        "placedAt": "2026-03-03T13:16:40.000Z", "customerId": user(GUEST),
    })
}

fn payment(captured: i64, refunded: i64) -> Value {
    let movement =
        |kind: &str, amount: i64| json!({"type": kind, "amount": eur(amount), "at": "2026-03-04T10:02:00.000Z"});
    json!({
        "id": payment_id(), "orderId": order_id(), "status": "captured", "amount": eur(10_488), "captured": eur(captured),
        "refunded": eur(refunded),
        "transactions": [movement("authorization", 10_488), movement("capture", captured), movement("novelty", 1)],
    })
}

/// Says what the owners know of the order.
fn known(owners: &Owners, order: Value, payment: Option<Value>) {
    let history = json!({"items": [
        {"type": "OrderPlaced", "time": "2026-03-03T13:16:40.000Z", "version": 1},
        {"type": "OrderCancelled", "time": "2026-03-05T09:00:00.000Z", "version": 2, "reason": "requested"},
    ]});
    let failed = json!({"type": "DeliveryFailed", "time": "2026-03-04T11:00:00.000Z", "reason": "Nobody was at home"});
    let shipment = json!({"id": shipment_id(), "courierId": user(5), "attempts": 1, "history": [failed]});
    owners.answer(&format!("GET /v1/orders/{}", order_id()), 200, order);
    owners.answer(&format!("GET /v1/orders/{}/history", order_id()), 200, history);
    owners.answer("GET /v1/payments", 200, json!({"items": payment.into_iter().collect::<Vec<_>>()}));
    owners.answer(&format!("GET /v1/shipments/{}", shipment_id()), 200, shipment);
}

async fn support() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let cookie = with_role(&harness, "support").await;
    (harness, owners, cookie)
}

async fn find(harness: &Harness, cookie: &str, query: &[(&str, &str)]) -> Answer {
    let request = query.iter().fold(get("/support", cookie), |request, (name, value)| request.query(name, value));
    harness.call(show_support::function, request).await
}

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_support_order::function, get(&path(), cookie).parameter("orderId", order_id())).await
}

async fn send(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let request = post(harness, &path(), cookie, fields).await.parameter("orderId", order_id());
    harness.call(show_support_order::function, request).await
}

#[tokio::test]
async fn an_order_is_found_by_its_number_and_by_that_of_its_shipment() {
    let (harness, owners, cookie) = support().await;
    owners.answer(&format!("GET /v1/orders/{}", order_id()), 200, order("shipped"));
    let shipment = json!({"id": shipment_id(), "orderId": order_id()});
    owners.answer(&format!("GET /v1/shipments/{}", shipment_id()), 200, shipment);
    for query in [format!(" {} ", order_id()), shipment_id().to_string()] {
        assert_eq!(led(&find(&harness, &cookie, &[("q", &query)]).await), (303, path().as_str()), "{query}");
        assert_eq!(owners.calls().len(), 1, "calls of the page");
        let json = harness.call(show_support::function, get("/v1/pages/support", &cookie).query("q", &query)).await;
        assert_eq!(led(&json), (303, format!("/v1/pages{}", path()).as_str()));
        owners.asked();
    }
}

#[tokio::test]
async fn the_orders_of_an_account_are_found_by_its_address() {
    let (harness, owners, cookie) = support().await;
    let account =
        json!({"id": user(GUEST), "email": "ama+1@example.com", "name": "Ama Boateng", "roles": ["customer"]});
    owners.answer("GET /v1/users?email=ama%2B1%40example.com", 200, json!({"items": [account]}));
    let query = format!("GET /v1/orders?customerId={}&limit=20", user(GUEST));
    owners.answer(&query, 200, json!({"items": [order("shipped"), order("cancelled")], "nextCursor": "c 2"}));
    let page = find(&harness, &cookie, &[("q", "ama+1@example.com")]).await;
    golden("support-found", &page);
    assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "private, no-store"), "{page:?}");
    has(
        &page,
        &[
            "<h2 id=\"found\">Ama Boateng</h2>",
            "Orders of ama+1@example.com, newest first",
            &format!("<a href=\"{}\">{}</a>", path(), crate::link::short(order_id())),
            "3 Mar, 13:16 UTC",
            "<span class=\"tag good\">On its way</span>",
            "<span class=\"tag bad\">Cancelled</span>",
            "€104.88",
            "href=\"/support?q=ama%2B1%40example.com&#38;cursor=c%202\"",
        ],
    );
    lacks(&page, &["Nothing was found"]);
    let asked = owners.asked();
    assert_eq!(asked.len(), 2, "calls of the page");
    assert!(asked.iter().all(|asked| asked.token() == "clara-access"));
    owners.answer(&format!("{query}&cursor=c%202"), 200, json!({"items": [], "nextCursor": null}));
    has(
        &find(&harness, &cookie, &[("q", "ama+1@example.com"), ("cursor", "c 2")]).await,
        &["This account has no orders."],
    );
    owners.refuse("GET /v1/orders", 400, "invalid-cursor", &[]);
    let other = find(&harness, &cookie, &[("q", "ama+1@example.com"), ("cursor", "x")]).await;
    assert_eq!(led(&other), (303, "/support?q=ama%2B1%40example.com"));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (harness, owners, cookie) = support().await;
    let empty = find(&harness, &cookie, &[]).await;
    has(&empty, &["<h1>Find an order</h1>", "name=\"q\""]);
    lacks(&empty, &["Nothing was found"]);
    lacks(&find(&harness, &cookie, &[("q", " ")]).await, &["Nothing was found"]);
    has(&find(&harness, &cookie, &[("q", HOSTILE)]).await, &["Nothing was found", "&#60;script&#62;alert(1)"]);
    assert_eq!(owners.calls(), Vec::<String>::new());
    owners.answer(&format!("GET /v1/orders/{}", order_id()), 404, Value::Null);
    owners.answer(&format!("GET /v1/shipments/{}", shipment_id()), 404, Value::Null);
    owners.answer("GET /v1/users", 200, json!({"items": []}));
    owners.refuse("GET /v1/users?email=x%40", 422, "invalid-input", &["/email"]);
    for query in [order_id().to_string(), shipment_id().to_string(), "nobody@example.com".to_owned(), "x@".to_owned()] {
        let page = find(&harness, &cookie, &[("q", &query)]).await;
        assert_eq!(page.status, 200);
        has(&page, &["Nothing was found", &format!("value=\"{query}\"")]);
    }
    owners.answer("GET /v1/users", 503, Value::Null);
    assert_eq!(find(&harness, &cookie, &[("q", "nobody@example.com")]).await.status, 503);
}

#[tokio::test]
async fn the_desk_is_for_support_and_administrators() {
    let (harness, owners) = shop().await;
    known(&owners, order("shipped"), None);
    let guest = visitor(&harness, true, None).await;
    for cookie in ["", &guest] {
        assert_eq!(led(&find(&harness, cookie, &[]).await), (303, "/sign-in?next=%2Fsupport"));
        let sign_in = format!("/sign-in?next={}", crate::link::part(&path()));
        assert_eq!(led(&show(&harness, cookie).await), (303, sign_in.as_str()));
    }
    let form = Request::new("POST", &path()).form(&[("action", "cancel"), ("key", "k")]);
    assert_eq!(harness.call(show_support_order::function, form).await.status, 303);
    for role in ["customer", "merchant", "courier"] {
        let cookie = with_role(&harness, role).await;
        let page = find(&harness, &cookie, &[]).await;
        assert_eq!(page.status, 403, "{role}");
        has(&page, &["You cannot see this page.", "This page is for support."]);
        assert_eq!(show(&harness, &cookie).await.status, 403);
        assert_eq!(send(&harness, &cookie, &[("action", "cancel"), ("key", "k"), ("note", "x")]).await.status, 403);
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
    for role in ["support", "admin"] {
        let cookie = with_role(&harness, role).await;
        assert_eq!((find(&harness, &cookie, &[]).await.status, show(&harness, &cookie).await.status), (200, 200));
    }
}

#[tokio::test]
async fn an_order_is_shown_with_all_that_happened() {
    let (harness, owners, cookie) = support().await;
    let mut order = order("cancelled");
    order["note"] = json!("Bought elsewhere");
    known(&owners, order, Some(payment(10_488, 900)));
    let page = show(&harness, &cookie).await;
    golden("support-order", &page);
    assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "private, no-store"), "{page:?}");
    has(
        &page,
        &[
            "<h1>Order of Clara Okafor</h1>",
            "Placed on 3 March 2026, 13:16 UTC",
            "Attempt to deliver failed<small>Nobody was at home</small>",
            "Cancelled<small>Requested: Bought elsewhere</small>",
            "<th scope=\"row\">Authorised</th>",
            "<th scope=\"row\">Charged</th>",
            "<th scope=\"row\">novelty</th>",
            "2 × Fold desk lamp",
            "Clara Okafor<br>Torstraße 12, 10115 Berlin, Germany",
            "<dt>Can be refunded</dt><dd><b>€95.88</b></dd>",
            "value=\"95.88\"",
            &user(5).to_string(),
            &user(GUEST).to_string(),
            &payment_id().to_string(),
            &shipment_id().to_string(),
        ],
    );
    lacks(&page, &["value=\"cancel\"", "A part of this page is missing", "was asked for"]);
    let at = |text: &str| page.text.find(text).unwrap();
    assert!(
        at("Placed</th>") < at("Attempt to deliver failed") && at("Attempt to deliver failed") < at("Cancelled<small>")
    );
    assert_eq!(owners.calls().len(), 4, "calls of the page");
    let request = get(&format!("/v1/pages{}", path()), &cookie).parameter("orderId", order_id());
    let json = harness.call(show_support_order::function, request).await.json;
    assert_eq!(
        (json["payment"]["refundable"].clone(), json["history"][1]["text"].as_str()),
        (eur(9588), Some("Nobody was at home"))
    );
    let request = get(&path(), &cookie).parameter("orderId", order_id()).query("refunded", "1");
    has(&harness.call(show_support_order::function, request).await, &["The refund was asked for."]);
}

#[tokio::test]
async fn what_can_be_done_depends_on_the_order_and_its_payment() {
    let (harness, owners, cookie) = support().await;
    let (refund, cancel) = ("value=\"refund\"", "value=\"cancel\"");
    known(&owners, order("confirmed"), Some(payment(0, 0)));
    let page = show(&harness, &cookie).await;
    has(&page, &[cancel]);
    lacks(&page, &[refund]);
    known(&owners, order("delivered"), Some(payment(10_488, 10_488)));
    lacks(&show(&harness, &cookie).await, &[cancel, refund]);
    known(&owners, order("delivered"), None);
    lacks(&show(&harness, &cookie).await, &[refund, "id=\"payments\""]);
    owners.answer("GET /v1/payments", 503, Value::Null);
    has(&show(&harness, &cookie).await, &["A part of this page is missing"]);
    owners.answer(&format!("GET /v1/orders/{}", order_id()), 404, Value::Null);
    assert_eq!(show(&harness, &cookie).await.status, 404);
}

/// The fields of a refund.
fn refund<'a>(amount: &'a str, reason: &'a str, payment: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("action", "refund"),
        ("key", "a-key"),
        ("currency", "EUR"),
        ("payment", payment),
        ("amount", amount),
        ("reason", reason),
    ]
}

#[tokio::test]
async fn a_refund_is_asked_for_once_with_its_reason() {
    let (harness, owners, cookie) = support().await;
    let (payment, call) = (payment_id().to_string(), format!("POST /v1/payments/{}/refunds", payment_id()));
    owners.answer(&call, 201, json!({}));
    let answer = send(&harness, &cookie, &refund("9,50", "A mug was chipped", &payment)).await;
    assert_eq!(led(&answer), (303, format!("{}?refunded=1", path()).as_str()));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].call.as_str(), asked[0].header("idempotency-key")), (1, call.as_str(), "a-key"));
    assert_eq!(asked[0].body, json!({"amount": eur(950), "reason": "A mug was chipped"}));
    for fields in [refund("9", "x", "pay_1"), refund("9", "x", "")] {
        assert_eq!(led(&send(&harness, &cookie, &fields).await), (303, path().as_str()));
    }
    for fields in [&refund("9", "x", &payment)[1..], &[("action", "refund"), ("key", "k"), ("payment", &payment)]] {
        assert_eq!(led(&send(&harness, &cookie, fields).await), (303, path().as_str()));
    }
    let form = Request::new("POST", &path()).form(&refund("9", "x", &payment)).header("cookie", &cookie);
    assert_eq!(harness.call(show_support_order::function, form).await.status, 403);
    assert_eq!(owners.calls(), Vec::<String>::new());
    owners.answer(&call, 503, Value::Null);
    assert_eq!(send(&harness, &cookie, &refund("9", "x", &payment)).await.status, 503);
}

#[tokio::test]
async fn a_refund_over_what_can_be_refunded_says_how_much_it_may_be() {
    let (harness, owners, cookie) = support().await;
    let (id, call) = (payment_id().to_string(), format!("POST /v1/payments/{}/refunds", payment_id()));
    known(&owners, order("delivered"), Some(payment(10_488, 900)));
    owners.refuse(&call, 409, "refund-too-large", &[]);
    let page = send(&harness, &cookie, &refund("120.00", "Lamp arrived broken", &id)).await;
    assert_eq!(page.status, 422);
    has(
        &page,
        &[
            "<a href=\"#amount\">Enter an amount of at most €95.88</a>",
            "<p class=\"error\" id=\"amount-error\">Enter an amount of at most €95.88.</p>",
            "value=\"120.00\"",
            "aria-describedby=\"amount-error\" aria-invalid=\"true\"",
            "value=\"Lamp arrived broken\"",
        ],
    );
    lacks(&page, &["It is refused."]);
    assert_eq!(owners.calls().len(), 5, "calls of the page");
    for amount in ["", "0", "-1", "x", "1.234"] {
        let page = send(&harness, &cookie, &refund(amount, "Broken", &id)).await;
        assert_eq!(page.status, 422, "{amount}");
        has(&page, &["<a href=\"#amount\">Enter an amount of at most €95.88</a>", &format!("value=\"{amount}\"")]);
        lacks(&page, &["reason-error"]);
    }
    has(&send(&harness, &cookie, &refund("", "", &id)).await, &["Two fields need a correction", "reason-error"]);
    let missing = send(&harness, &cookie, &refund("9", " ", &id)).await;
    has(&missing, &["<a href=\"#reason\">Enter a reason</a>"]);
    lacks(&missing, &["amount-error"]);
    assert!(owners.calls().iter().all(|call| call.starts_with("GET ")));
    owners.refuse(&call, 422, "invalid-input", &["/amount", "/reason"]);
    let page = send(&harness, &cookie, &refund("9", &"x".repeat(201), &id)).await;
    has(&page, &["<a href=\"#reason\">Use at most 200 characters</a>", "amount-error"]);
    for (status, slug) in [(404, "not-found"), (409, "not-captured"), (409, "too-many-refunds")] {
        owners.refuse(&call, status, slug, &[]);
        let page = send(&harness, &cookie, &refund("9", "x", &id)).await;
        assert_eq!(page.status, 422);
        has(&page, &["<p>It is refused.</p>", "value=\"9\""]);
    }
    // The rest was refunded in the meantime.
    known(&owners, order("delivered"), Some(payment(10_488, 10_488)));
    owners.refuse(&call, 409, "refund-too-large", &[]);
    has(&send(&harness, &cookie, &refund("9", "x", &id)).await, &["<p>Nothing is left to refund.</p>"]);
}

#[tokio::test]
async fn an_order_is_cancelled_with_a_reason() {
    let (harness, owners, cookie) = support().await;
    known(&owners, order("confirmed"), None);
    let call = format!("POST /v1/orders/{}/cancellation", order_id());
    owners.answer(&call, 200, json!({}));
    let fields = [("action", "cancel"), ("key", "a-key"), ("note", "The customer called")];
    assert_eq!(led(&send(&harness, &cookie, &fields).await), (303, path().as_str()));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].call.as_str(), asked[0].header("idempotency-key")), (1, call.as_str(), "a-key"));
    assert_eq!(asked[0].body, json!({"reason": "The customer called"}));
    let page = send(&harness, &cookie, &[("action", "cancel"), ("key", "a-key")]).await;
    assert_eq!(page.status, 422);
    has(&page, &["<a href=\"#note\">Enter a reason</a>", "id=\"note-error\""]);
    for fields in [&fields[..1], &[("action", "eat"), ("key", "k")]] {
        assert_eq!(led(&send(&harness, &cookie, fields).await), (303, path().as_str()));
    }
    assert!(owners.calls().iter().all(|call| call.starts_with("GET ")));
    owners.refuse(&call, 409, "order-already-shipped", &[]);
    let page = send(&harness, &cookie, &fields).await;
    assert_eq!(page.status, 422);
    has(&page, &["<p>It is refused.</p>", "value=\"The customer called\""]);
}

#[tokio::test]
async fn what_others_wrote_on_an_order_is_text_for_support() {
    let (harness, owners, cookie) = support().await;
    let mut order = order("cancelled");
    order["note"] = json!(HOSTILE);
    order["lines"][0]["title"] = json!(HOSTILE);
    order["shipTo"]["name"] = json!(HOSTILE);
    known(&owners, order, None);
    let page = show(&harness, &cookie).await;
    has(&page, &["&#60;script&#62;alert(1)"]);
    lacks(&page, &["<script>alert"]);
    let account = json!({"id": user(CLARA), "email": HOSTILE, "name": HOSTILE});
    owners.answer("GET /v1/users", 200, json!({"items": [account]}));
    owners.answer("GET /v1/orders", 200, json!({"items": [], "nextCursor": HOSTILE}));
    lacks(&find(&harness, &cookie, &[("q", "a@b")]).await, &["<script>alert"]);
}
