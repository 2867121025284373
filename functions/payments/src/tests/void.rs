use futures::join;

use super::*;

#[tokio::test]
async fn a_cancelled_order_gives_its_hold_up() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    let event = shop.harness.envelope("order#1", 3, cancelled(1));
    shop.harness.deliver(void_or_refund, &event).await.unwrap();
    shop.harness.deliver(void_or_refund, &event).await.unwrap();
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await), ("voided", charge("canceled", 0)));
    assert_eq!(shop.harness.event_names().await, ["PaymentAuthorized.v1", "PaymentVoided.v1"]);
}

#[tokio::test]
async fn an_order_cancelled_before_it_was_to_be_paid_is_never_charged() {
    let shop = Shop::open().await;
    shop.cancel(1).await;
    shop.authorize(1, "pm_card_visa").await;
    assert_eq!(shop.charges().await, []);
    let listed = shop.harness.call(list_payments, list(1).from(user(2), &[Role::Customer])).await;
    assert_eq!((listed.status, items(&listed).len()), (200, 0));
    assert_eq!(shop.harness.call(get_payment, get(1).from(user(2), &[Role::Customer])).await.status, 404);
}

#[tokio::test]
async fn a_cancellation_while_the_outcome_is_unknown_voids_what_turns_out_to_be_held() {
    let shop = Shop::open().await;
    shop.cut_off.consume(authorize_payment, shop.reserved(1, "pm_card_visa")).await.unwrap();
    shop.cut_off.consume(void_or_refund, cancelled(1)).await.unwrap();
    assert_eq!(shop.status(1).await, "pending");
    shop.sweep().await;
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await), ("voided", charge("canceled", 0)));
}

#[tokio::test]
async fn a_void_that_the_provider_does_not_answer_is_made_up_for() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    shop.cut_off.consume(void_or_refund, cancelled(1)).await.unwrap();
    assert_eq!(shop.status(1).await, "authorized");
    shop.sweep().await;
    assert_eq!(shop.status(1).await, "voided");
}

#[tokio::test]
async fn an_order_cancelled_after_the_capture_gets_its_money_back() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    shop.dispatch(1).await;
    shop.cancel(1).await;
    shop.cancel(1).await;
    let payment = shop.payment(1).await;
    assert_eq!((&payment["status"], &payment["refunded"]["amount"]), (&"refunded".into(), &1000.into()));
    assert_eq!(shop.stated("RefundIssued.v1").await, 1);
}

#[tokio::test]
async fn whatever_comes_first_a_cancelled_order_holds_nothing() {
    for method in ["pm_card_visa", "pm_sandbox_timeout", "pm_sandbox_flaky"] {
        let shop = Shop::open().await;
        let (authorized, cancelled) = join!(
            shop.harness.consume(authorize_payment, shop.reserved(1, method)),
            shop.harness.consume(void_or_refund, cancelled(1)),
        );
        assert_eq!((authorized, cancelled), (Ok(()), Ok(())));
        shop.sweep().await;
        assert!(shop.charges().await.iter().all(|(status, _)| status == "canceled"), "{method}");
    }
}

#[tokio::test]
async fn dispatch_and_cancellation_at_once_leave_no_money_behind() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_sandbox_flaky").await;
    let (captured, voided) =
        join!(shop.harness.consume(capture_payment, dispatched(1)), shop.harness.consume(void_or_refund, cancelled(1)));
    assert_eq!((captured, voided), (Ok(()), Ok(())));
    shop.sweep().await;
    let payment = shop.payment(1).await;
    assert_eq!(payment["captured"], payment["refunded"]);
    assert!(["voided", "refunded"].contains(&payment["status"].as_str().unwrap()), "{payment}");
}

#[tokio::test]
async fn a_void_that_is_refused_while_the_money_is_held_is_asked_for_again() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_sandbox_refusing").await;
    shop.cancel(1).await;
    assert_eq!(shop.status(1).await, "authorized");
    shop.sweep().await;
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await), ("voided", charge("canceled", 0)));
}

#[tokio::test]
async fn money_of_a_cancelled_order_that_is_refused_at_first_is_given_back_later() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_sandbox_refusing").await;
    shop.dispatch(1).await;
    shop.sweep().await;
    shop.cancel(1).await;
    assert_eq!(shop.status(1).await, "captured");
    shop.sweep().await;
    assert_eq!((shop.status(1).await.as_str(), shop.stated("RefundIssued.v1").await), ("refunded", 1));
}
