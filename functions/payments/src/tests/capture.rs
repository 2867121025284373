use super::*;

#[tokio::test]
async fn the_money_is_taken_when_the_goods_leave() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    let event = shop.harness.envelope("shipment#1", 2, dispatched(1));
    shop.harness.deliver(capture_payment, &event).await.unwrap();
    shop.harness.deliver(capture_payment, &event).await.unwrap();
    let payment = shop.payment(1).await;
    assert_eq!((&payment["status"], &payment["captured"]["amount"]), (&"captured".into(), &1000.into()));
    assert_eq!(shop.charges().await, charge("succeeded", 1000));
    assert_eq!(shop.harness.event_names().await, ["PaymentAuthorized.v1", "PaymentCaptured.v1"]);
}

#[tokio::test]
async fn a_capture_whose_answer_is_lost_takes_the_money_once() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_sandbox_flaky").await;
    shop.dispatch(1).await;
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await), ("captured", charge("succeeded", 1000)));
}

#[tokio::test]
async fn a_dispatch_before_the_outcome_is_known_takes_the_money_after_it() {
    let shop = Shop::open().await;
    shop.cut_off.consume(authorize_payment, shop.reserved(1, "pm_card_visa")).await.unwrap();
    shop.cut_off.consume(capture_payment, dispatched(1)).await.unwrap();
    shop.sweep().await;
    assert_eq!(shop.status(1).await, "captured");
    assert_eq!(shop.harness.event_names().await, ["PaymentAuthorized.v1", "PaymentCaptured.v1"]);
}

#[tokio::test]
async fn the_parcel_of_a_cancelled_order_costs_nothing() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    shop.cancel(1).await;
    shop.dispatch(1).await;
    assert_eq!(shop.status(1).await, "voided");
}

#[tokio::test]
async fn goods_that_leave_unpaid_are_an_error() {
    let shop = Shop::open().await;
    assert!(shop.harness.consume(capture_payment, dispatched(1)).await.is_err());
    shop.authorize(1, "pm_card_chargeDeclined").await;
    assert!(shop.harness.consume(capture_payment, dispatched(1)).await.is_err());
}

#[tokio::test]
async fn a_capture_that_is_refused_while_the_money_is_held_is_asked_for_again() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_sandbox_refusing").await;
    let event = shop.harness.envelope("shipment#1", 2, dispatched(1));
    shop.harness.deliver(capture_payment, &event).await.unwrap();
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await), ("authorized", charge("requires_capture", 0)));
    shop.harness.tick(resolve_unknown).await;
    assert_eq!(shop.status(1).await, "authorized", "it is not due yet");
    shop.sweep().await;
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await), ("captured", charge("succeeded", 1000)));
}
