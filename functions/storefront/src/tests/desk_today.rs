//! The first page of the merchant desk.

use serde_json::json;

use super::{
    buying::{eur, has, lacks},
    desk_orders::order,
    owners::*,
    *,
};

const ORDERS: &str = "GET /v1/orders";

/// An order of an age in hours. A day of the harness has begun fourteen hours ago.
fn aged(number: u128, status: &str, hours: i64) -> Value {
    let mut order = order(number, status);
    order["placedAt"] = json!((lambda::testing::START - jiff::SignedDuration::from_hours(hours)).to_string());
    order
}

async fn merchant() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let cookie = sign_in_as(&harness, &owners, "merchant").await;
    (harness, owners, cookie)
}

async fn show(harness: &Harness, cookie: &str) -> Answer {
    harness.call(show_desk::function, get("/desk", cookie)).await
}

#[tokio::test]
async fn the_day_has_its_orders_its_revenue_and_what_is_running_out() {
    let (harness, owners, cookie) = merchant().await;
    publish(&harness, lamp()).await;
    stock(&harness, "RED", 3, 1).await;
    stock(&harness, "INK", 6, 1).await;
    let mut waiting = aged(1, "confirmed", 1);
    waiting["waitingFor"] = json!({"what": "dispatch", "until": "2026-09-21T18:00:00Z"});
    let mut declined = aged(2, "cancelled", 2);
    declined["reason"] = json!("payment-declined");
    let mut pounds = aged(3, "placed", 3);
    pounds["totals"]["total"] = json!({"amount": 500, "currency": "GBP"});
    let mut requested = aged(4, "cancelled", 30);
    requested["reason"] = json!("requested");
    let all = [waiting, declined, pounds, aged(5, "shipped", 4), requested];
    owners.answer(ORDERS, 200, json!({"items": all, "nextCursor": null}));
    let page = show(&harness, &cookie).await;
    golden("desk-today", &page);
    has(
        &page,
        &[
            "<a href=\"/desk\" aria-current=\"page\">Today</a>",
            "<dd>4</dd>",
            "€209.76 + £5.00",
            "without cancelled orders",
            "next by 18:00 UTC",
            "Payment declined",
            "RED</a><small>Fold desk lamp</small>",
            "<span class=\"tag warn\">3</span>",
        ],
    );
    lacks(&page, &["at the customer", ">INK</a>", "could not be fetched"]);
    assert_eq!(page.headers["cache-control"], "private, no-store");
    let queries: Vec<_> = owners.asked().into_iter().map(|asked| asked.query).collect();
    assert_eq!(
        queries,
        ["limit=100", "limit=100&status=confirmed", "limit=100&status=cancelled&from=2026-09-20T00:00:00Z"]
    );
    let json = harness.call(show_desk::function, get("/v1/pages/desk", &cookie)).await.json;
    assert_eq!((&json["today"]["orders"], &json["today"]["isMore"]), (&json!(4), &json!(false)));
    assert_eq!((&json["lowStock"][0]["available"], &json["today"]["revenue"][0]), (&json!(3), &eur(20_976)));
}

#[tokio::test]
async fn a_day_with_more_orders_than_are_counted_says_so() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer(ORDERS, 200, json!({"items": [aged(1, "placed", 1)], "nextCursor": "c2"}));
    has(&show(&harness, &cookie).await, &["<dd>1+</dd>", "of the latest 100 orders"]);
    let both = [aged(1, "placed", 1), aged(2, "placed", 30)];
    owners.answer(ORDERS, 200, json!({"items": both, "nextCursor": "c2"}));
    has(&show(&harness, &cookie).await, &["<dd>1</dd>", "without cancelled orders"]);
}

#[tokio::test]
async fn a_new_shop_is_told_where_to_begin() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer(ORDERS, 200, json!({"items": [], "nextCursor": null}));
    has(&show(&harness, &cookie).await, &["No products yet.", "href=\"/desk/imports\""]);
    publish(&harness, lamp()).await;
    let page = show(&harness, &cookie).await;
    has(&page, &["No orders yet.", "Nothing failed.", "€0.00", "<span class=\"tag bad\">0</span>"]);
}

#[tokio::test]
async fn the_day_is_shown_without_what_does_not_answer() {
    let (harness, owners, cookie) = merchant().await;
    let page = show(&harness, &cookie).await;
    assert_eq!(page.status, 200);
    has(&page, &["could not be fetched", "There are more than five units"]);
    lacks(&page, &["To dispatch", "Nothing failed."]);
    owners.refuse(ORDERS, 403, "forbidden", &[]);
    assert_eq!(show(&harness, &cookie).await.status, 403);
}
