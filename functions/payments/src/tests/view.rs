use serde_json::json;

use super::*;

#[tokio::test]
async fn a_payment_shows_every_movement_of_its_money() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    shop.dispatch(1).await;
    let answer = shop.harness.call(get_payment, get(1).from(user(2), &[Role::Customer])).await;
    assert_eq!((answer.status, answer.headers["etag"].as_str()), (200, "\"3\""));
    let (thousand, at) = (json!({"amount": 1000, "currency": "EUR"}), Time::from(START));
    assert_eq!(
        answer.json,
        json!({
            "id": PaymentId::from(Uuid::from_u128(1)), "orderId": order(1), "status": "captured", "amount": thousand,
            "captured": thousand, "refunded": {"amount": 0, "currency": "EUR"},
            "transactions": [
                {"type": "authorization", "from": "customer", "to": "held", "amount": thousand, "at": at},
                {"type": "capture", "from": "held", "to": "cash", "amount": thousand, "at": at},
            ],
        })
    );
    let listed = shop.harness.call(list_payments, list(1).from(user(2), &[Role::Customer])).await;
    assert_eq!(items(&listed), [answer.json]);
}

#[tokio::test]
async fn payments_come_in_pages() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    assert_eq!(shop.harness.paged(list_payments, &list(1).from(user(2), &[Role::Customer])).await.len(), 1);
    assert_eq!(shop.harness.paged(list_payments, &list(1).from(user(3), &[Role::Customer])).await.len(), 0);
}

#[tokio::test]
async fn nobody_sees_the_payment_of_another() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    for (caller, role, seen) in
        [(2, Role::Guest, true), (3, Role::Customer, false), (3, Role::Merchant, false), (9, Role::Support, true)]
    {
        let got = shop.harness.call(get_payment, get(1).from(user(caller), &[role])).await;
        assert_eq!(got.status, if seen { 200 } else { 404 }, "{role}");
        let listed = shop.harness.call(list_payments, list(1).from(user(caller), &[role])).await;
        assert_eq!((listed.status, items(&listed).len()), (200, usize::from(seen)), "{role}");
    }
    assert_eq!(shop.harness.call(get_payment, get(1)).await.status, 401);
    assert_eq!(shop.harness.call(list_payments, list(1)).await.status, 401);
}

#[tokio::test]
async fn a_list_is_of_one_order() {
    let shop = Shop::open().await;
    let everything = Request::new("GET", "/v1/payments").from(user(9), &[Role::Support]);
    let answer = shop.harness.call(list_payments, everything).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/orderId"]));
}
