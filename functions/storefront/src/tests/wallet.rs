//! The payment methods of an account.

use contracts::PaymentMethodId;
use serde_json::json;

use super::{owners::*, *};

const PATH: &str = "/account/payment-methods";

fn method_id(number: u128) -> PaymentMethodId {
    Uuid::from_u128(number).into()
}

fn method(number: u128, brand: Option<&str>, last4: Option<&str>) -> Value {
    json!({"id": method_id(number), "reference": format!("pm_{number}"), "brand": brand, "last4": last4})
}

/// Clara's cookie, in a shop in which she has three payment methods.
async fn clara() -> (Harness, Owners, String) {
    let (harness, owners) = shop().await;
    let items = [method(1, Some("visa"), Some("4242")), method(2, Some("bancomat"), None), method(3, None, None)];
    owners.answer("GET /v1/me/payment-methods", 200, json!({"items": items, "nextCursor": null}));
    let cookie = sign_in(&harness, &owners).await;
    (harness, owners, cookie)
}

async fn send(harness: &Harness, request: Request) -> Answer {
    harness.call(show_payment_methods::function, request).await
}

#[tokio::test]
async fn payment_methods_are_shown_with_one_call_and_without_their_references() {
    let (harness, owners, cookie) = clara().await;
    let page = send(&harness, get(PATH, &cookie)).await;
    golden("payment-methods", &page);
    let token = token(&harness, &cookie, PATH).await;
    for text in ["<b>Visa</b><br>ending in 4242", "<b>Bancomat</b>", "<b>Payment method</b>", &token] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    assert!(!page.text.contains("pm_1") && !page.text.contains("Add a payment method"), "{}", page.text);
    assert_eq!(owners.calls(), ["GET /v1/me/payment-methods"]);
    let json = send(&harness, get(&format!("/v1/pages{PATH}"), &cookie)).await.json;
    assert_eq!(json["paymentMethods"][0], json!({"id": method_id(1), "brand": "visa", "last4": "4242"}));
    owners.answer("GET /v1/me/payment-methods", 200, json!({"items": []}));
    let page = send(&harness, get(PATH, &cookie)).await;
    assert!(page.text.contains("There is no payment method yet."), "{}", page.text);
    owners.answer("GET /v1/me/payment-methods", 503, Value::Null);
    assert_eq!(send(&harness, get(PATH, &cookie)).await.status, 503);
}

#[tokio::test]
async fn a_payment_method_is_removed_by_its_form_only() {
    let (harness, owners, cookie) = clara().await;
    let id = method_id(1).to_string();
    let call = format!("DELETE /v1/me/payment-methods/{id}");
    owners.answer(&call, 204, Value::Null);
    let form = post(&harness, PATH, &cookie, &[("remove", &id)]).await;
    assert_eq!(led(&send(&harness, form).await), (303, PATH));
    assert_eq!(owners.calls(), [call]);
    let without = Request::new("POST", PATH).form(&[("remove", &id)]).header("cookie", &cookie);
    assert_eq!(send(&harness, without).await.status, 403);
    let other = post(&harness, PATH, &cookie, &[("remove", "../me")]).await;
    assert_eq!(send(&harness, other).await.status, 422);
    assert_eq!(owners.calls(), Vec::<String>::new());
}

#[tokio::test]
async fn a_test_method_is_added_only_where_they_are_offered() {
    let (harness, owners, cookie) = clara().await;
    owners.answer("POST /v1/me/payment-methods", 201, method(4, Some("visa"), Some("3220")));
    let form = post(&harness, PATH, &cookie, &[("method", "pm_sandbox_3ds"), ("key", "key-1")]).await;
    for harness in [harness.clone(), harness.clone().with_variable("PAYMENT_TEST_METHODS", "")] {
        assert_eq!(send(&harness, form.clone()).await.status, 404);
    }
    assert_eq!(owners.calls(), Vec::<String>::new());
    let test = harness.with_variable("PAYMENT_TEST_METHODS", "pm_card_visa,pm_sandbox_3ds,pm_card_chargeDeclined");
    let page = send(&test, get(PATH, &cookie)).await;
    for text in ["Add a payment method", "value=\"pm_card_visa\" checked", "Card that is declined", "3-D Secure"] {
        assert!(page.text.contains(text), "{text}: {}", page.text);
    }
    owners.asked();
    assert_eq!(led(&send(&test, form).await), (303, PATH));
    let asked = owners.asked();
    assert_eq!((asked.len(), asked[0].header("idempotency-key")), (1, "key-1"));
    assert_eq!(asked[0].body, json!({"reference": "pm_sandbox_3ds", "brand": "visa", "last4": "3220"}));
    let unknown = post(&test, PATH, &cookie, &[("method", "pm_other")]).await;
    assert_eq!(send(&test, unknown).await.status, 404);
    for (status, text) in [(409, "at most 20 payment methods"), (422, "was sent before"), (400, "was sent before")] {
        owners.refuse("POST /v1/me/payment-methods", status, "refused", &[]);
        let form = post(&test, PATH, &cookie, &[("method", "pm_card_visa"), ("key", "key-1")]).await;
        let page = send(&test, form).await;
        assert!(page.status == 422 && page.text.contains(text), "{}", page.text);
    }
}

#[tokio::test]
async fn a_brand_is_text_whatever_it_looks_like() {
    let (harness, owners, cookie) = clara().await;
    let hostile = method(1, Some("\"><script>alert(1)</script>"), Some("<b>"));
    owners.answer("GET /v1/me/payment-methods", 200, json!({"items": [hostile]}));
    let page = send(&harness, get(PATH, &cookie)).await;
    assert!(page.status == 200 && !page.text.contains("<script>alert"), "{}", page.text);
}
