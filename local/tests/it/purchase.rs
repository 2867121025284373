//! The purchase, from an empty shelf to a delivered order, and the ways it can fail.

use local::shopper::made;
use serde_json::json;

use crate::shop::*;

#[tokio::test]
async fn an_order_goes_from_quote_to_delivery() {
    let (sku, buyer, courier) = (on_sale(10).await, guest().await, demo("courier").await);
    let quote = quoted(&buyer, &sku, 2).await;
    let amount = |name: &str| quote["totals"][name]["amount"].as_i64().unwrap();
    assert_eq!(amount("items"), 9998);
    assert_eq!(amount("total"), amount("items") + amount("shipping") + amount("tax") - amount("discount"));
    assert!(!quote["trace"].as_array().unwrap().is_empty());

    let placed = buyer.order(&quote, "pm_card_visa").await.unwrap();
    assert_eq!(placed.status, 201, "{}", placed.text());
    let order = placed.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(placed.header("location"), Some(format!("/v1/orders/{order}").as_str()));
    assert_eq!(reaches(&buyer, &order, "confirmed").await["totals"]["total"], quote["totals"]["total"]);
    settles(&sku, (10, 2, 8)).await;

    let look = async || courier.get(&format!("/v1/shipments?orderId={order}")).await.unwrap();
    let shipments = eventually(look, |answer| answer.json()["items"][0]["id"].is_string()).await.json();
    let shipment = shipments["items"][0]["id"].as_str().unwrap();
    made(courier.post(&format!("/v1/shipments/{shipment}/dispatch"), &json!({})).await.unwrap()).unwrap();
    reaches(&buyer, &order, "shipped").await;
    settles(&sku, (8, 0, 8)).await;
    assert_eq!(payment(&order, "captured").await["captured"], quote["totals"]["total"]);

    made(courier.post(&format!("/v1/shipments/{shipment}/delivery"), &json!({})).await.unwrap()).unwrap();
    reaches(&buyer, &order, "delivered").await;
    let history = made(buyer.client.get(&format!("/v1/orders/{order}/history")).await.unwrap()).unwrap();
    let kinds: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["OrderPlaced", "OrderReserved", "OrderConfirmed", "OrderShipped", "OrderDelivered"]);
}

#[tokio::test]
async fn a_declined_card_cancels_the_order_and_frees_the_stock() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let order = ordered(&buyer, &sku, 1, "pm_card_chargeDeclined").await;
    assert_eq!(reaches(&buyer, &order, "cancelled").await["reason"], "payment-declined");
    settles(&sku, (10, 0, 10)).await;
}

#[tokio::test]
async fn a_lost_answer_of_the_provider_charges_once() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let order = ordered(&buyer, &sku, 1, "pm_sandbox_timeout").await;
    reaches(&buyer, &order, "confirmed").await;
    payment(&order, "authorized").await;
}

#[tokio::test]
async fn a_customer_cancels_before_dispatch() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let order = ordered(&buyer, &sku, 1, "pm_card_visa").await;
    reaches(&buyer, &order, "confirmed").await;
    let cancel = json!({"reason": "changed my mind"});
    made(buyer.client.post(&format!("/v1/orders/{order}/cancellation"), &cancel).await.unwrap()).unwrap();
    settles(&sku, (10, 0, 10)).await;
    payment(&order, "voided").await;
}

#[tokio::test]
async fn support_gives_money_back_in_parts_and_never_more_than_was_taken() {
    let (sku, buyer, courier, support) =
        (on_sale(10).await, guest().await, demo("courier").await, demo("support").await);
    let order = ordered(&buyer, &sku, 1, "pm_card_visa").await;
    reaches(&buyer, &order, "confirmed").await;
    let shipment = order.replacen("ord_", "shp_", 1);
    let dispatch = async || courier.post(&format!("/v1/shipments/{shipment}/dispatch"), &json!({})).await.unwrap();
    eventually(dispatch, |answer| answer.status == 200).await;
    let paid = payment(&order, "captured").await;
    let (id, captured) = (paid["id"].as_str().unwrap(), paid["captured"]["amount"].as_i64().unwrap());
    let refund = async |amount: i64| {
        let body = json!({"amount": {"amount": amount, "currency": "EUR"}, "reason": "scratched"});
        support.post(&format!("/v1/payments/{id}/refunds"), &body).await.unwrap().status
    };
    assert_eq!(refund(1000).await, 201);
    assert_eq!(refund(captured).await, 409, "more than is left");
    let look = async || support.get(&format!("/v1/payments/{id}")).await.unwrap();
    eventually(look, |answer| answer.json()["refunded"]["amount"] == 1000).await;
}

#[tokio::test]
async fn a_registered_guest_keeps_the_cart() {
    let (sku, buyer) = (on_sale(10).await, guest().await);
    let cart = filled_cart(&buyer, &sku, 1).await;
    let (email, password) = (format!("{sku}@example.com"), "a long enough passphrase");
    let account = json!({"email": email, "password": password, "name": "Ada", "guestToken": buyer.client.token()});
    made(anyone().post("/v1/users", &account).await.unwrap()).unwrap();
    let session = anyone().post("/v1/sessions", &json!({"email": email, "password": password})).await.unwrap();
    let customer = anyone().with_token(made(session).unwrap()["accessToken"].as_str().unwrap());
    let kept = made(customer.get(&cart).await.unwrap()).unwrap();
    assert_eq!(kept["lines"][0]["sku"], json!(sku));
}
