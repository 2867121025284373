//! The orders of the merchant desk.

use serde_json::json;

use super::{
    buying::{eur, has, totals},
    owners::*,
    *,
};

const ORDERS: &str = "GET /v1/orders";

pub(super) fn order(number: u128, status: &str) -> Value {
    json!({
        "id": contracts::OrderId::from(Uuid::from_u128(number)), "status": status, "customerId": lambda::testing::user(8),
        "lines": [{"sku": "RED", "quantity": 2, "title": "Lamp"}, {"sku": "INK", "quantity": 1, "title": "Lamp"}],
        "totals": totals(490), "placedAt": "2026-09-21T13:16:40.000Z", "shippingOption": "standard",
    })
}

async fn merchant() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let mut confirmed = order(0x15d9_e703, "confirmed");
    confirmed["waitingFor"] = json!({"what": "dispatch", "until": "2026-09-22T18:00:00Z"});
    let mut cancelled = order(2, "cancelled");
    cancelled["reason"] = json!("payment-declined");
    owners.answer(ORDERS, 200, json!({"items": [confirmed, cancelled], "nextCursor": "c2"}));
    let cookie = sign_in_as(&harness, &owners, "merchant").await;
    (harness, owners, cookie)
}

async fn show(harness: &Harness, cookie: &str, query: &[(&str, &str)]) -> Answer {
    let request = query.iter().fold(get("/desk/orders", cookie), |request, (name, value)| request.query(name, value));
    harness.call(show_desk_orders::function, request).await
}

#[tokio::test]
async fn orders_of_the_shop_are_shown_with_what_they_wait_for() {
    let (harness, owners, cookie) = merchant().await;
    let page = show(&harness, &cookie, &[]).await;
    golden("desk-orders", &page);
    has(
        &page,
        &[
            "15d9e703",
            "dispatch, until 22 Sep, 18:00 UTC",
            "Payment declined",
            "<span class=\"tag good\">Confirmed</span>",
            "<span class=\"tag bad\">Cancelled</span>",
            "<td class=\"opt\">3</td>",
            "€104.88",
            "href=\"/desk/orders?cursor=c2\"",
        ],
    );
    assert_eq!(page.headers["cache-control"], "private, no-store");
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].query.as_str(), asked[0].token()), (1, "limit=50", "merchant-access"));
    let json = harness.call(show_desk_orders::function, get("/v1/pages/desk/orders", &cookie)).await.json;
    assert_eq!((&json["orders"][0]["units"], &json["orders"][1]["reason"]), (&json!(3), &json!("payment-declined")));
    assert_eq!(json["orders"][0]["total"]["currency"], eur(1)["currency"]);
}

#[tokio::test]
async fn orders_are_filtered_by_status_and_days() {
    let (harness, owners, cookie) = merchant().await;
    let page = show(&harness, &cookie, &[("status", "reserved"), ("from", "2026-09-01"), ("to", "2026-09-21")]).await;
    has(
        &page,
        &[
            "<option value=\"reserved\" selected>Waits for payment",
            "type=\"date\" value=\"2026-09-01\"",
            "href=\"/desk/orders?status=reserved&#38;from=2026-09-01&#38;to=2026-09-21&#38;cursor=c2\"",
        ],
    );
    let query = &owners.asked()[0].query;
    assert_eq!(query, "limit=50&status=reserved&from=2026-09-01T00:00:00Z&to=2026-09-22T00:00:00Z");
    owners.answer(ORDERS, 200, json!({"items": [], "nextCursor": null}));
    let page = show(&harness, &cookie, &[("status", "all"), ("cursor", "c2")]).await;
    has(&page, &["No orders on this page match the filters."]);
    assert_eq!(owners.asked()[0].query, "limit=50&cursor=c2");
}

#[tokio::test]
async fn days_that_are_wrong_are_said_and_ask_for_nothing() {
    let (harness, owners, cookie) = merchant().await;
    let page = show(&harness, &cookie, &[("from", "2026-09-21"), ("to", "2026-09-20")]).await;
    has(&page, &["The first day must not be after the last one.", "value=\"2026-09-21\""]);
    assert!(!page.text.contains("No orders on this page match the filters."), "{}", page.text);
    has(
        &show(&harness, &cookie, &[("to", "\"><script>")]).await,
        &["Enter a day such as", "&#34;&#62;&#60;script&#62;"],
    );
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_cursor_of_another_list_leads_to_the_first_page() {
    let (harness, owners, cookie) = merchant().await;
    owners.refuse(ORDERS, 400, "invalid-cursor", &[]);
    let page = show(&harness, &cookie, &[("status", "shipped"), ("cursor", "x")]).await;
    assert_eq!(led(&page), (303, "/desk/orders?status=shipped"));
    assert_eq!(show(&harness, &cookie, &[]).await.status, 400);
    owners.answer(ORDERS, 503, Value::Null);
    assert_eq!(show(&harness, &cookie, &[]).await.status, 503);
}
