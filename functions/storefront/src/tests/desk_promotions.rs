//! The promotions of the merchant desk.

use serde_json::json;

use super::{
    buying::{has, lacks},
    owners::*,
    *,
};

const ADD: &str = "POST /v1/promotions";
const NEW: &str = "/desk/promotions/new";

fn promotion(number: u128, code: Option<&str>, status: &str) -> Value {
    json!({
        "id": contracts::PromotionId::from(Uuid::from_u128(number)), "name": format!("Promotion {number}"), "code": code,
        "status": status, "kind": "percentage", "level": "order", "percent": "10", "amounts": [], "minimums": [],
        "usage": {"redeemed": 218, "held": 1},
    })
}

async fn merchant() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let all = [promotion(1, Some("WELCOME10"), "active"), promotion(2, None, "ended")];
    owners.answer("GET /v1/promotions", 200, json!({"items": all, "nextCursor": "c2"}));
    let cookie = sign_in_as(&harness, &owners, "merchant").await;
    (harness, owners, cookie)
}

async fn list(harness: &Harness, request: Request) -> Answer {
    harness.call(show_desk_promotions::function, request).await
}

#[tokio::test]
async fn promotions_are_shown_with_what_they_take_off() {
    let (harness, owners, cookie) = merchant().await;
    let page = list(&harness, get("/desk/promotions", &cookie)).await;
    golden("desk-promotions", &page);
    has(
        &page,
        &[
            "WELCOME10<small>Promotion 1</small>",
            "10% off the order",
            ">218<",
            ">Active<",
            ">Ended<",
            "Automatic",
            "?cursor=c2",
        ],
    );
    lacks(&page, &["is added", "is ended"]);
    assert_eq!(page.text.matches("name=\"promotion\"").count(), 1, "only one can be ended");
    assert_eq!(page.headers["cache-control"], "private, no-store");
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].query.as_str(), asked[0].token()), (1, "limit=50", "merchant-access"));
    let json = list(&harness, get("/v1/pages/desk/promotions", &cookie)).await.json;
    assert_eq!((&json["promotions"][0]["used"], &json["promotions"][1]["status"]), (&json!(218), &json!("ended")));
    has(&list(&harness, get("/desk/promotions", &cookie).query("added", "1")).await, &["The promotion is added."]);
    has(&list(&harness, get("/desk/promotions", &cookie).query("ended", "1")).await, &["The promotion is ended."]);
}

#[tokio::test]
async fn no_promotion_is_said_and_a_failure_is_no_empty_list() {
    let (harness, owners, cookie) = merchant().await;
    owners.answer("GET /v1/promotions", 200, json!({"items": [], "nextCursor": null}));
    has(&list(&harness, get("/desk/promotions", &cookie)).await, &["There are no promotions yet."]);
    owners.refuse("GET /v1/promotions", 400, "invalid-cursor", &[]);
    assert_eq!(
        led(&list(&harness, get("/desk/promotions", &cookie).query("cursor", "x")).await),
        (303, "/desk/promotions")
    );
    owners.answer("GET /v1/promotions", 503, Value::Null);
    assert_eq!(list(&harness, get("/desk/promotions", &cookie)).await.status, 503);
}

#[tokio::test]
async fn a_promotion_is_ended_by_its_form_only() {
    let (harness, owners, cookie) = merchant().await;
    let id = contracts::PromotionId::from(Uuid::from_u128(1)).to_string();
    let call = format!("DELETE /v1/promotions/{id}");
    owners.answer(&call, 204, Value::Null);
    let form = post(&harness, "/desk/promotions", &cookie, &[("promotion", &id)]).await;
    assert_eq!(led(&list(&harness, form).await), (303, "/desk/promotions?ended=1"));
    assert_eq!(owners.calls(), [call]);
    let without = Request::new("POST", "/desk/promotions").form(&[("promotion", &id)]).header("cookie", &cookie);
    assert_eq!(list(&harness, without).await.status, 403);
    let other = post(&harness, "/desk/promotions", &cookie, &[("promotion", "../me")]).await;
    assert_eq!(list(&harness, other).await.status, 422);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

async fn form(harness: &Harness, request: Request) -> Answer {
    harness.call(show_desk_promotion::function, request).await
}

async fn add(harness: &Harness, cookie: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = [&[("key", "key-1")], fields].concat();
    form(harness, post(harness, NEW, cookie, &fields).await).await
}

#[tokio::test]
async fn a_promotion_is_added_once_with_the_key_of_its_form() {
    let (harness, owners, cookie) = merchant().await;
    let page = form(&harness, get(NEW, &cookie)).await;
    golden("desk-promotion", &page);
    has(&page, &["value=\"percentage\" checked", "name=\"key\" value=\"", "<option value=\"EUR\" selected>"]);
    assert_eq!(owners.calls(), Vec::<String>::new());
    owners.answer(ADD, 201, promotion(3, None, "active"));
    let sent = async |fields: &[(&str, &str)]| {
        assert_eq!(led(&add(&harness, &cookie, fields).await), (303, "/desk/promotions?added=1"));
        let asked = owners.asked();
        assert_eq!((asked.len(), asked[0].header("idempotency-key")), (1, "key-1"));
        asked[0].body.clone()
    };
    let percent =
        sent(&[("kind", "percentage"), ("value", "12,5 %"), ("code", "AUTUMN"), ("name", "Autumn"), ("minimum", "30")]);
    let euro = |amount: u32| json!({"amount": amount, "currency": "EUR"});
    assert_eq!(
        percent.await,
        json!({"kind": "percentage", "percent": "12.5", "code": "AUTUMN", "name": "Autumn", "minimum": euro(3000)})
    );
    let fixed =
        sent(&[("kind", "fixed"), ("value", "5"), ("currency", "GBP"), ("from", "2026-12-01"), ("to", "2026-12-24")]);
    assert_eq!(
        fixed.await,
        json!({
            "kind": "fixed", "amount": {"amount": 500, "currency": "GBP"},
            "validFrom": "2026-12-01T00:00:00Z", "validTo": "2026-12-25T00:00:00Z",
        })
    );
    assert_eq!(sent(&[("kind", "freeShipping")]).await, json!({"kind": "freeShipping"}));
}

#[tokio::test]
async fn what_cannot_be_read_says_so_and_is_kept() {
    let (harness, owners, cookie) = merchant().await;
    let fields = [
        ("kind", "fixed"),
        ("value", "five"),
        ("minimum", "x"),
        ("from", "soon"),
        ("to", "later"),
        ("currency", "USD"),
    ];
    let page = add(&harness, &cookie, &fields).await;
    assert_eq!(page.status, 422);
    has(
        &page,
        &[
            "4 fields need a correction",
            "value-error\">Enter an amount such as 12.50.",
            "minimum-error\">",
            "from-error\">Enter a day",
            "to-error\">",
            "value=\"five\"",
            "value=\"fixed\" checked",
            "<option value=\"USD\" selected>",
            "value=\"key-1\"",
        ],
    );
    has(&add(&harness, &cookie, &[("kind", "percentage")]).await, &["value-error\">Enter a percentage"]);
    assert_eq!(owners.calls(), Vec::<String>::new());
    let without = Request::new("POST", NEW).form(&fields).header("cookie", &cookie);
    assert_eq!(form(&harness, without).await.status, 403);
}

#[tokio::test]
async fn a_refused_promotion_says_why() {
    let (harness, owners, cookie) = merchant().await;
    let refused = async || add(&harness, &cookie, &[("value", "500"), ("code", "x!"), ("name", "N")]).await;
    owners.refuse(ADD, 422, "invalid-input", &["/name", "/code", "/percent", "/minimum/amount", "/validTo"]);
    let page = refused().await;
    assert_eq!(page.status, 422);
    has(
        &page,
        &[
            "name-error\">Use fewer characters.",
            "code-error\">Use 3 to 32 letters",
            "value-error\">Enter a percentage",
            "minimum-error\">",
            "to-error\">Choose a last day",
            "value=\"500\"",
        ],
    );
    owners.refuse(ADD, 422, "invalid-input", &["/amount"]);
    has(&refused().await, &["value-error\">Enter an amount"]);
    owners.refuse(ADD, 409, "code-taken", &[]);
    has(&refused().await, &["code-error\">Use another code.", "value=\"key-1\""]);
    owners.refuse(ADD, 409, "too-many-automatic", &[]);
    has(&refused().await, &["It is refused.", "value=\"key-1\""]);
    owners.refuse(ADD, 422, "idempotency-key-reused", &[]);
    let again = refused().await;
    has(&again, &["was sent before", "value=\"500\""]);
    lacks(&again, &["value=\"key-1\""]);
    owners.answer(ADD, 503, Value::Null);
    assert_eq!(refused().await.status, 503);
}
