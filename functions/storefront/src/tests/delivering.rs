//! The desk of couriers: their parcels, and what they do with one.

use contracts::{ShipmentId, UserId};
use lambda::testing::{Answer, Harness, user};
use serde_json::json;

use super::{
    buying::*,
    owners::{CLARA, Owners, get, led, post, shop},
    *,
};

const PARCEL: u128 = 0x15d9_e703;

fn shipment(number: u128) -> ShipmentId {
    Uuid::from_u128(number).into()
}

fn path() -> String {
    format!("/deliveries/{}", shipment(PARCEL))
}

fn call(step: &str) -> String {
    format!("POST /v1/shipments/{}/{step}", shipment(PARCEL))
}

fn parcel(number: u128, status: &str, courier: Option<UserId>, attempts: u32) -> Value {
    json!({
        "id": shipment(number), "orderId": order_id(), "status": status, "courierId": courier, "attempts": attempts,
        "shippingOption": "standard", "scheduledAt": "2026-03-03T13:16:40.000Z", "dispatchBy": "2026-03-09T18:00:00.000Z",
        "deliveredAt": (status == "delivered").then_some("2026-03-04T17:20:00.000Z"),
    })
}

/// The parcel with its address, as delivery answers it from now on.
fn known(owners: &Owners, status: &str, courier: Option<UserId>, attempts: u32) {
    let mut parcel = parcel(PARCEL, status, courier, attempts);
    parcel["lines"] = json!([{"sku": "LAMP-FOLD-RED", "quantity": 2}, {"sku": "MUG-NAVY", "quantity": 4}]);
    parcel["shipTo"] = berlin();
    parcel["history"] = json!([]);
    owners.answer(&format!("GET /v1/shipments/{}", shipment(PARCEL)), 200, parcel);
}

async fn courier() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let cookie = with_role(&harness, "courier").await;
    (harness, owners, cookie)
}

async fn list(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_deliveries::function, get("/deliveries", cookie)).await
}

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_delivery::function, get(&path(), cookie).parameter("shipmentId", shipment(PARCEL))).await
}

async fn send(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let fields: Vec<_> = [("key", "a-key")].into_iter().chain(fields.iter().copied()).collect();
    let request = post(harness, &path(), cookie, &fields).await.parameter("shipmentId", shipment(PARCEL));
    harness.call(show_delivery::function, request).await
}

/// What delivery answers to each of the four lists.
fn listed(owners: &Owners, lists: [(&[Value], Option<&str>); 4]) {
    let of = |status: &str| format!("courierId={}&status={status}", user(CLARA));
    let queries = [of("dispatched"), of("returning"), of("assigned"), "status=scheduled".to_owned()];
    for (query, (items, cursor)) in queries.into_iter().zip(lists) {
        let call = format!("GET /v1/shipments?{query}&limit=100");
        owners.answer(&call, 200, json!({"items": items, "nextCursor": cursor}));
    }
}

#[tokio::test]
async fn a_courier_sees_what_to_deliver_to_fetch_and_to_take_over() {
    let (harness, owners, cookie) = courier().await;
    let mine = Some(user(CLARA));
    let sent = [parcel(1, "dispatched", mine, 0), parcel(2, "dispatched", mine, 1)];
    let (assigned, free) = ([parcel(3, "assigned", mine, 0)], [parcel(4, "scheduled", None, 0)]);
    listed(&owners, [(&sent, None), (&[], None), (&assigned, None), (&free, Some("c2"))]);
    let page = list(&harness, &cookie).await;
    golden("deliveries", &page);
    assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "private, no-store"), "{page:?}");
    has(
        &page,
        &[
            "Clara Okafor</p>",
            "<h2 id=\"section-1\">With me, 2</h2>",
            "<h2 id=\"section-2\">To fetch, 1</h2>",
            "<h2 id=\"section-3\">To take over, 1</h2>",
            &format!("<a href=\"/deliveries/{}\">Parcel 00000001</a>", shipment(1)),
            "<p class=\"meta\">Standard delivery</p>",
            "<p class=\"meta\">Standard delivery · one failed attempt</p>",
            "<p class=\"meta\">Standard delivery · dispatch by 9 Mar, 18:00 UTC</p>",
            "<span class=\"tag good\">On its way</span>",
            "<span class=\"tag warn\">To try again</span>",
            "<span class=\"tag \">Yours, not yet dispatched</span>",
            "<span class=\"tag \">Has no courier yet</span>",
            "There are more.",
        ],
    );
    lacks(&page, &["To bring back"]);
    let asked = owners.asked();
    assert_eq!(asked.len(), 4, "calls of the page");
    assert!(asked.iter().all(|asked| asked.token() == "clara-access"));
    let json = harness.call(show_deliveries::function, get("/v1/pages/deliveries", &cookie)).await.json;
    assert_eq!(
        (json["sections"][0]["status"].as_str(), json["sections"][2]["hasMore"].as_bool()),
        (Some("dispatched"), Some(true))
    );
    listed(&owners, [(&[], None), (&[parcel(5, "returning", mine, 3)], None), (&[], None), (&[], None)]);
    let page = list(&harness, &cookie).await;
    has(&page, &["To bring back, 1", "<span class=\"tag bad\">Comes back</span>", "3 failed attempts"]);
    lacks(&page, &["With me", "To fetch", "To take over", "There are more."]);
}

#[tokio::test]
async fn a_courier_without_parcels_is_told_so_and_without_delivery_there_is_no_page() {
    let (harness, owners, cookie) = courier().await;
    listed(&owners, [(&[], None); 4]);
    has(&list(&harness, &cookie).await, &["No parcels for you."]);
    owners.answer("GET /v1/shipments?status=scheduled&limit=100", 503, Value::Null);
    assert_eq!(list(&harness, &cookie).await.status, 503);
}

#[tokio::test]
async fn a_desk_is_for_those_who_work_at_it() {
    let (harness, owners) = shop().await;
    let list = |path: &'static str, cookie: &str| harness.call(show_deliveries::function, get(path, cookie));
    let guest = visitor(&harness, true, None).await;
    for cookie in ["", &guest] {
        assert_eq!(led(&list("/deliveries", cookie).await), (303, "/sign-in?next=%2Fdeliveries"));
        assert_eq!(list("/v1/pages/deliveries", cookie).await.status, 401);
        let sign_in = format!("/sign-in?next={}", crate::link::part(&path()));
        assert_eq!(led(&show(&harness, cookie).await), (303, sign_in.as_str()));
    }
    let form = Request::new("POST", &path()).form(&[("action", "dispatch"), ("key", "k")]);
    assert_eq!(harness.call(show_delivery::function, form).await.status, 303);
    for role in ["customer", "merchant", "support"] {
        let cookie = with_role(&harness, role).await;
        let page = list("/deliveries", &cookie).await;
        assert_eq!(page.status, 403, "{role}");
        has(&page, &["You cannot see this page.", "This page is for couriers."]);
        let json = list("/v1/pages/deliveries", &cookie).await;
        assert_eq!((json.status, json.problem()), (403, "forbidden"));
        assert_eq!(show(&harness, &cookie).await.status, 403);
        assert_eq!(send(&harness, &cookie, &[("action", "dispatch")]).await.status, 403);
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
    known(&owners, "scheduled", None, 0);
    let admin = with_role(&harness, "admin").await;
    has(&show(&harness, &admin).await, &["value=\"take-over\""]);
}

#[tokio::test]
async fn a_parcel_says_where_it_goes_and_what_is_in_it() {
    let (harness, owners, cookie) = courier().await;
    known(&owners, "scheduled", None, 0);
    let page = show(&harness, &cookie).await;
    golden("delivery", &page);
    assert_eq!((page.status, page.headers["cache-control"].as_str()), (200, "private, no-store"), "{page:?}");
    has(
        &page,
        &[
            "<h1>Clara Okafor</h1>",
            "<p>Torstraße 12, 10115 Berlin, Germany</p>",
            "href=\"https://www.openstreetmap.org/search?query=Torstra%C3%9Fe%2012%2C%2010115%20Berlin%2C%20Germany\"",
            "2 × LAMP-FOLD-RED<br>4 × MUG-NAVY",
            "<dt>Dispatch by</dt><dd>9 Mar, 18:00 UTC</dd>",
            "value=\"take-over\">Take over</button>",
        ],
    );
    lacks(&page, &["value=\"dispatch\"", "value=\"deliver\"", "value=\"fail\"", "Failed attempts"]);
    assert_eq!(owners.calls(), [format!("GET /v1/shipments/{}", shipment(PARCEL))], "calls of the page");
    let request = get(&format!("/v1/pages{}", path()), &cookie).parameter("shipmentId", shipment(PARCEL));
    let json = harness.call(show_delivery::function, request).await.json;
    assert_eq!((json["recipient"].as_str(), json["isMine"].as_bool()), (Some("Clara Okafor"), Some(false)));
}

#[tokio::test]
async fn what_a_courier_can_do_depends_on_the_parcel() {
    let (harness, owners, cookie) = courier().await;
    let (mine, other) = (Some(user(CLARA)), Some(user(1)));
    let all = ["value=\"take-over\"", "value=\"dispatch\"", "value=\"deliver\"", "value=\"fail\""];
    for (status, courier, possible, text) in [
        ("assigned", mine, &all[1..2], "The customer is then charged"),
        ("assigned", other, &[], "Only the courier who has the parcel"),
        ("dispatched", mine, &all[2..], "inputmode=\"numeric\" autocomplete=\"one-time-code\""),
        ("dispatched", other, &[], "Another courier has it"),
        ("delivered", mine, &[], "<p>Wednesday 4 March 2026, 17:20 UTC</p>"),
        ("returning", mine, &[], "Bring the parcel back"),
        ("cancelled", mine, &[], "There is nothing to deliver."),
    ] {
        known(&owners, status, courier, 0);
        let page = show(&harness, &cookie).await;
        has(&page, possible);
        has(&page, &[text]);
        let others: Vec<_> = all.iter().filter(|action| !possible.contains(action)).copied().collect();
        lacks(&page, &others);
    }
    lacks(&show(&harness, &cookie).await, &["Dispatch by"]);
    known(&owners, "dispatched", mine, 2);
    has(&show(&harness, &cookie).await, &["This is the last attempt", "<dt>Failed attempts</dt><dd>2</dd>"]);
    owners.answer(&format!("GET /v1/shipments/{}", shipment(PARCEL)), 404, Value::Null);
    assert_eq!(show(&harness, &cookie).await.status, 404);
}

#[tokio::test]
async fn a_step_is_done_once_and_leads_back_to_the_parcel() {
    let (harness, owners, cookie) = courier().await;
    for (fields, step, body) in [
        (&[("action", "take-over")][..], "assignment", json!({})),
        (&[("action", "dispatch")], "dispatch", json!({})),
        (&[("action", "deliver"), ("pin", "493 120")], "delivery", json!({"pin": "493120"})),
        (&[("action", "deliver-without-pin"), ("pin", "1")], "delivery", json!({})),
        (&[("action", "fail"), ("reason", "Nobody was at home")], "failure", json!({"reason": "Nobody was at home"})),
    ] {
        owners.answer(&call(step), 200, json!({}));
        assert_eq!(led(&send(&harness, &cookie, fields).await), (303, path().as_str()), "{step}");
        let asked = owners.asked();
        assert_eq!((asked.len(), asked[0].call.as_str(), &asked[0].body), (1, call(step).as_str(), &body));
        assert_eq!((asked[0].header("idempotency-key"), asked[0].token()), ("a-key", "clara-access"));
    }
    assert_eq!(led(&send(&harness, &cookie, &[("action", "eat")]).await), (303, path().as_str()));
    let form = Request::new("POST", &path()).form(&[("action", "dispatch"), ("key", "k")]).header("cookie", &cookie);
    assert_eq!(harness.call(show_delivery::function, form).await.status, 403);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_wrong_pin_comes_back_with_the_attempts_that_are_left() {
    let (harness, owners, cookie) = courier().await;
    owners.refuse(&call("delivery"), 422, "invalid-input", &["/pin"]);
    for (attempts, text) in [(0, "3 attempts to deliver are left"), (2, "One attempt to deliver is left")] {
        known(&owners, "dispatched", Some(user(CLARA)), attempts);
        let page = send(&harness, &cookie, &[("action", "deliver"), ("pin", "493 121")]).await;
        assert_eq!(page.status, 422);
        has(
            &page,
            &[
                text,
                "<a href=\"#pin\">The PIN is wrong.",
                "<p class=\"error\" id=\"pin-error\">The PIN is wrong.",
                "value=\"493 121\"",
                "aria-describedby=\"pin-hint pin-error\" aria-invalid=\"true\"",
            ],
        );
        assert_eq!(owners.calls().len(), 2, "calls of the page");
    }
}

#[tokio::test]
async fn what_is_missing_or_refused_says_so() {
    let (harness, owners, cookie) = courier().await;
    known(&owners, "dispatched", Some(user(CLARA)), 0);
    let empty = send(&harness, &cookie, &[("action", "deliver"), ("reason", "Kept")]).await;
    assert_eq!(empty.status, 422);
    has(&empty, &["<a href=\"#pin\">Enter the PIN", "value=\"Kept\""]);
    let empty = send(&harness, &cookie, &[("action", "fail"), ("reason", " ")]).await;
    has(&empty, &["<p class=\"error\" id=\"reason-error\">Enter a reason.</p>"]);
    assert!(owners.calls().iter().all(|call| call.starts_with("GET ")));
    owners.refuse(&call("failure"), 422, "invalid-input", &["/reason"]);
    let long = "x".repeat(201);
    let page = send(&harness, &cookie, &[("action", "fail"), ("reason", &long)]).await;
    has(&page, &["Use at most 200 characters.", &long]);
    for (status, slug) in [(409, "already-delivered"), (403, "forbidden"), (422, "idempotency-key-reused")] {
        owners.refuse(&call("delivery"), status, slug, &[]);
        let page = send(&harness, &cookie, &[("action", "deliver"), ("pin", "493120")]).await;
        assert_eq!(page.status, 422, "{slug}");
        has(&page, &["<p>It is refused.</p>"]);
        lacks(&page, &["The PIN is wrong."]);
    }
    owners.answer(&call("delivery"), 503, Value::Null);
    assert_eq!(send(&harness, &cookie, &[("action", "deliver-without-pin")]).await.status, 503);
}

#[tokio::test]
async fn what_others_wrote_on_a_parcel_is_text() {
    let (harness, owners, cookie) = courier().await;
    let mut parcel = parcel(PARCEL, "dispatched", Some(user(CLARA)), 0);
    parcel["shippingOption"] = json!(HOSTILE);
    parcel["lines"] = json!([]);
    parcel["shipTo"] = json!({"name": HOSTILE, "line1": HOSTILE, "country": "DE"});
    owners.answer(&format!("GET /v1/shipments/{}", shipment(PARCEL)), 200, parcel);
    let page = show(&harness, &cookie).await;
    has(&page, &["&#60;script&#62;alert(1)"]);
    lacks(&page, &["<script>alert"]);
}
