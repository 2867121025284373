use futures::future::join_all;

use super::*;
use crate::{
    Payments,
    payment::{KEY_LIVES, Payment},
};

#[tokio::test]
async fn what_an_order_costs_is_held_once() {
    let shop = Shop::open().await;
    let event = shop.harness.envelope("order#1", 2, shop.reserved(1, "pm_card_visa"));
    shop.harness.deliver(authorize_payment, &event).await.unwrap();
    shop.harness.deliver(authorize_payment, &event).await.unwrap();
    shop.authorize(1, "pm_card_visa").await;
    assert_eq!(shop.status(1).await, "authorized");
    assert_eq!(shop.charges().await, charge("requires_capture", 0));
    assert_eq!(shop.harness.event_names().await, ["PaymentAuthorized.v1"]);
}

#[tokio::test]
async fn a_declined_card_is_an_outcome_not_an_error() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_chargeDeclinedInsufficientFunds").await;
    assert_eq!(shop.status(1).await, "declined");
    let events = shop.harness.events().await;
    let declined = events[0].envelope::<contracts::events::payments::PaymentDeclined>().unwrap().data;
    assert_eq!(declined.code, "insufficient_funds");
    shop.authorize(2, "pm_of_nobody").await;
    assert_eq!(shop.status(2).await, "declined");
}

#[tokio::test]
async fn a_lost_answer_charges_once() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_sandbox_timeout").await;
    assert_eq!(shop.status(1).await, "authorized");
    assert_eq!(shop.charges().await, charge("requires_capture", 0));
}

#[tokio::test]
async fn a_provider_that_was_away_is_asked_again() {
    let shop = Shop::open().await;
    let event = shop.cut_off.envelope("order#1", 2, shop.reserved(1, "pm_card_visa"));
    shop.cut_off.deliver(authorize_payment, &event).await.unwrap();
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await.len()), ("pending", 0));
    shop.cut_off.deliver(authorize_payment, &event).await.expect("it is consumed: the sweeper goes on");
    shop.harness.tick(resolve_unknown).await;
    assert_eq!(shop.status(1).await, "pending", "it is not due yet");
    shop.sweep().await;
    assert_eq!(shop.status(1).await, "authorized");
    shop.sweep().await;
    assert_eq!((shop.charges().await.len(), shop.stated("PaymentAuthorized.v1").await), (1, 1));
}

#[tokio::test]
async fn a_function_that_dies_before_the_answer_is_made_up_for() {
    let shop = Shop::open().await;
    for number in [1, 2] {
        let reserved = shop.reserved(number, "pm_card_visa");
        let decision = Payment::authorize(None, &reserved, shop.harness.now()).unwrap();
        shop.harness.service::<Payments>().store.commit(&decision, &shop.harness.context()).run().await.unwrap();
    }
    shop.authorize(1, "pm_card_visa").await;
    assert_eq!((shop.status(1).await.as_str(), shop.status(2).await.as_str()), ("authorized", "pending"));
    shop.sweep().await;
    assert_eq!((shop.status(2).await.as_str(), shop.charges().await.len()), ("authorized", 2));
}

#[tokio::test]
async fn many_at_once_hold_once() {
    let shop = Shop::open().await;
    let events = (0..8).map(|_| shop.harness.consume(authorize_payment, shop.reserved(1, "pm_card_visa")));
    assert!(join_all(events).await.into_iter().all(|consumed| consumed.is_ok()));
    assert_eq!(shop.charges().await, charge("requires_capture", 0));
    assert_eq!(shop.harness.event_names().await, ["PaymentAuthorized.v1"]);
}

#[tokio::test]
async fn a_provider_that_never_answers_is_given_up_and_charges_nothing() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_sandbox_unreachable").await;
    shop.sweep().await;
    assert_eq!(shop.status(1).await, "pending");
    shop.cancel(1).await;
    assert_eq!(shop.status(1).await, "pending");
    shop.harness.advance(SignedDuration::from_hours(24));
    shop.sweep().await;
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await.len()), ("declined", 0));
}

#[tokio::test]
async fn a_hold_that_is_found_after_the_provider_forgot_the_key_is_not_made_again() {
    let shop = Shop::open().await;
    for number in [1, 2] {
        let event = shop.cut_off.envelope("order#1", 2, shop.reserved(number, "pm_card_visa"));
        shop.cut_off.deliver(authorize_payment, &event).await.unwrap();
    }
    // The provider got the first request, but its reply was lost. It never got the second.
    let form = "amount=1000&currency=eur&payment_method=pm_card_visa&confirm=true&capture_method=manual";
    shop.post("/v1/payment_intents", &format!("{form}&metadata[order]={}", order(1))).await;
    shop.harness.advance(KEY_LIVES);
    shop.sweep().await;
    assert_eq!((shop.status(1).await.as_str(), shop.status(2).await.as_str()), ("authorized", "declined"));
    assert_eq!(shop.charges().await, charge("requires_capture", 0));
}

#[tokio::test]
async fn what_costs_nothing_needs_no_provider() {
    let shop = Shop::open().await;
    let free = OrderReserved { total: eur(0), ..shop.reserved(1, "pm_sandbox_unreachable") };
    shop.harness.consume(authorize_payment, free).await.unwrap();
    assert_eq!(shop.status(1).await, "authorized");
    shop.dispatch(1).await;
    assert_eq!((shop.status(1).await.as_str(), shop.charges().await.len()), ("captured", 0));
}

#[tokio::test]
async fn the_payment_method_stands_nowhere_in_the_clear() {
    let shop = Shop::open().await;
    shop.authorize(1, "pm_card_visa").await;
    assert!(shop.harness.events().await.iter().all(|event| !event.detail.contains("pm_card")));
    assert!(!shop.payment(1).await.to_string().contains("pm_card"));
}
