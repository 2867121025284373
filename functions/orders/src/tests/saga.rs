use contracts::{
    Event, PaymentId, Sealed,
    events::{
        delivery::{DeliveryFailed, ShipmentDelivered, ShipmentDispatched},
        inventory::{StockRejected, StockReserved},
        payments::{PaymentAuthorized, PaymentDeclined, PaymentVoided},
    },
};
use dynamo::{Entity, Key};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::*;
use crate::{
    operations::{
        advance_order::function as advance_order, cancel_order::function as cancel_order,
        get_order_history::function as get_order_history, sweep_deadlines::function as sweep_deadlines,
    },
    order::Order,
};

impl Shop {
    async fn hears<E: Event>(&self, event: E) {
        self.harness.consume(advance_order, event).await.unwrap();
    }

    /// An event as a message in the saga's queue.
    fn message<E: Event>(&self, event: E) -> (Uuid, serde_json::Value) {
        Harness::message_of(&self.harness.envelope("test#1", 1, event))
    }

    async fn reserved(&self, order: OrderId) {
        self.hears(StockReserved { order, lines: Vec::new(), expires_at: START }).await;
    }

    async fn paid(&self, order: OrderId) {
        let (payment, amount) = (payment(order), Money::new(2900, Currency::Eur));
        self.hears(PaymentAuthorized { payment, order, amount }).await;
    }

    async fn dispatched(&self, order: OrderId) {
        let shipment = order.uuid().into();
        self.hears(ShipmentDispatched { shipment, order, courier: user(3) }).await;
    }

    async fn delivered(&self, order: OrderId) {
        let shipment = order.uuid().into();
        self.hears(ShipmentDelivered { shipment, order, at: START }).await;
    }

    async fn confirmed(&self, number: u128) -> OrderId {
        let order = self.placed(number).await;
        self.reserved(order).await;
        self.paid(order).await;
        order
    }

    async fn cancel(&self, order: OrderId) -> Answer {
        let request = as_buyer("POST", order, "/cancellation").json(&json!({"reason": "changed my mind"}));
        self.harness.call(cancel_order, request).await
    }
}

fn payment(order: OrderId) -> PaymentId {
    order.uuid().into()
}

#[tokio::test]
async fn an_order_goes_from_placed_to_delivered() {
    let shop = shop().await;
    let order = shop.confirmed(1).await;
    assert_eq!(shop.order(order).await.json["waitingFor"]["what"], "dispatch");
    shop.dispatched(order).await;
    assert_eq!(shop.status(order).await, "shipped");
    shop.delivered(order).await;
    assert_eq!(shop.status(order).await, "delivered");
    assert_eq!(shop.order(order).await.json["waitingFor"], json!(null));

    let history = shop.harness.call(get_order_history, as_buyer("GET", order, "/history")).await;
    let entries: Vec<_> = history.json["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["version"].as_u64().unwrap(), entry["type"].as_str().unwrap()))
        .collect();
    assert_eq!(
        entries,
        [(1, "OrderPlaced"), (2, "OrderReserved"), (3, "OrderConfirmed"), (4, "OrderShipped"), (5, "OrderDelivered")]
    );
}

#[tokio::test]
async fn the_history_of_an_order_comes_in_pages() {
    let shop = shop().await;
    let order = shop.confirmed(1).await;
    shop.dispatched(order).await;
    shop.delivered(order).await;
    let history = shop.harness.paged(get_order_history, &as_buyer("GET", order, "/history")).await;
    assert_eq!(history.iter().map(|entry| entry["version"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let first = shop.harness.call(get_order_history, as_buyer("GET", order, "/history").query("limit", 1)).await;
    let other = as_buyer("GET", shop.placed(2).await, "/history");
    let foreign = other.query("cursor", first.json["nextCursor"].as_str().unwrap());
    assert_eq!(shop.harness.call(get_order_history, foreign).await.problem(), "invalid-cursor");
}

#[tokio::test]
async fn an_order_can_be_seen_as_it_was() {
    let shop = shop().await;
    let order = shop.placed(1).await;
    shop.harness.advance(SignedDuration::from_secs(10));
    shop.reserved(order).await;
    let as_of = |time: jiff::Timestamp| as_buyer("GET", order, "").query("asOf", time);
    let then = shop.harness.call(get_order, as_of(START + SignedDuration::from_secs(5))).await;
    assert_eq!(then.json["status"], "placed");
    let before = shop.harness.call(get_order, as_of(START - SignedDuration::from_secs(1))).await;
    assert_eq!(before.status, 404);
    let wrong = shop.harness.call(get_order, as_buyer("GET", order, "").query("asOf", "yesterday")).await;
    assert_eq!((wrong.status, wrong.pointers()), (422, vec!["/asOf"]));
}

#[tokio::test]
async fn an_order_can_be_seen_as_it_was_at_every_moment() {
    let shop = shop().await;
    let order = shop.placed(1).await;
    let mut seen = Vec::new();
    for step in 0..5 {
        match step {
            0 => {}
            1 => shop.reserved(order).await,
            2 => shop.paid(order).await,
            3 => shop.dispatched(order).await,
            _ => shop.delivered(order).await,
        }
        // At the moment of the change, and later.
        for seconds in [0, 7] {
            shop.harness.advance(SignedDuration::from_secs(seconds));
            let now = shop.order(order).await;
            seen.push((shop.harness.now(), now.json, now.headers["etag"].clone()));
        }
        shop.harness.advance(SignedDuration::from_secs(1));
    }
    for (at, then, tag) in seen {
        let as_of = shop.harness.call(get_order, as_buyer("GET", order, "").query("asOf", at)).await;
        assert_eq!((as_of.json, &as_of.headers["etag"]), (then, &tag), "as of {at}");
    }
}

#[tokio::test]
async fn an_order_as_it_was_has_no_event_after_one_that_is_too_late() {
    let shop = shop().await;
    let order = shop.placed(1).await;
    shop.harness.advance(SignedDuration::from_secs(10));
    shop.reserved(order).await;
    // The clocks of two functions differ: the confirmation has an earlier time than the reservation.
    shop.harness.advance(SignedDuration::from_secs(-8));
    shop.paid(order).await;
    let as_of = START + SignedDuration::from_secs(5);
    let then = shop.harness.call(get_order, as_buyer("GET", order, "").query("asOf", as_of)).await;
    assert_eq!((then.status, &then.json["status"]), (200, &json!("placed")));
}

#[tokio::test]
async fn the_stored_order_is_what_its_events_add_up_to() {
    let shop = shop().await;
    let order = shop.confirmed(1).await;
    shop.dispatched(order).await;
    shop.delivered(order).await;
    let events = shop.harness.events().await;
    let events: Vec<_> = events.iter().map(|event| event.envelope().unwrap()).collect();
    let store = shop.harness.service::<crate::Orders>().store;
    assert_eq!(Order::replay(&events), store.order(order).await.unwrap());
}

#[tokio::test]
async fn short_stock_and_a_declined_payment_cancel_the_order() {
    let shop = shop().await;
    let short = shop.placed(1).await;
    shop.hears(StockRejected { order: short, shortages: Vec::new() }).await;
    let answer = shop.order(short).await;
    assert_eq!((&answer.json["status"], &answer.json["reason"]), (&json!("cancelled"), &json!("out-of-stock")));

    let declined = shop.placed(2).await;
    shop.reserved(declined).await;
    let event = PaymentDeclined { payment: payment(declined), order: declined, code: "card_declined".to_owned() };
    shop.hears(event).await;
    assert_eq!(shop.order(declined).await.json["reason"], "payment-declined");
}

#[tokio::test]
async fn an_order_whose_payment_is_no_longer_held_is_cancelled_unless_it_has_ended() {
    let shop = shop().await;
    let voided = |order| PaymentVoided { payment: payment(order), order };
    let confirmed = shop.confirmed(1).await;
    shop.hears(voided(confirmed)).await;
    assert_eq!(shop.order(confirmed).await.json["reason"], "payment-voided");

    let cancelled = shop.confirmed(2).await;
    shop.cancel(cancelled).await;
    shop.hears(voided(cancelled)).await;
    assert_eq!(shop.order(cancelled).await.json["reason"], "requested");
}

#[tokio::test]
async fn a_customer_cancels_until_the_parcel_has_left() {
    let shop = shop().await;
    let order = shop.confirmed(1).await;
    let answer = shop.cancel(order).await;
    assert_eq!(
        (answer.status, &answer.json["reason"], &answer.json["note"]),
        (200, &json!("requested"), &json!("changed my mind"))
    );
    assert_eq!(shop.cancel(order).await.problem(), "order-already-cancelled");

    let left = shop.confirmed(2).await;
    shop.dispatched(left).await;
    assert_eq!(shop.cancel(left).await.problem(), "order-already-shipped");
    assert_eq!(shop.status(left).await, "shipped");
}

#[tokio::test]
async fn news_that_comes_after_a_cancellation_changes_nothing() {
    let shop = shop().await;
    let order = shop.placed(1).await;
    shop.cancel(order).await;
    shop.reserved(order).await;
    shop.paid(order).await;
    shop.dispatched(order).await;
    assert_eq!(shop.status(order).await, "cancelled");
    assert_eq!(shop.harness.event_names().await, ["OrderPlaced.v1", "OrderCancelled.v1"]);
}

#[tokio::test]
async fn a_delivery_that_is_heard_of_before_its_dispatch_makes_up_for_it() {
    let shop = shop().await;
    let order = shop.confirmed(1).await;
    shop.delivered(order).await;
    shop.dispatched(order).await;
    assert_eq!(shop.status(order).await, "delivered");
    assert_eq!(shop.harness.event_names().await[3..], ["OrderShipped.v1", "OrderDelivered.v1"]);
}

#[tokio::test]
async fn a_parcel_that_comes_back_cancels_the_order_after_the_last_attempt() {
    let shop = shop().await;
    let order = shop.confirmed(1).await;
    shop.dispatched(order).await;
    let failed = |attempts, last| {
        let (shipment, reason) = (order.uuid().into(), Sealed::from_ciphertext(String::new()));
        DeliveryFailed { shipment, order, reason, attempts, last }
    };
    shop.hears(failed(1, false)).await;
    assert_eq!(shop.status(order).await, "shipped");
    shop.hears(failed(3, true)).await;
    assert_eq!(shop.order(order).await.json["reason"], "delivery-failed");
}

#[tokio::test]
async fn a_cancellation_says_whether_the_parcel_was_dispatched() {
    let shop = shop().await;
    let was_dispatched = async |order: OrderId| {
        let events = shop.harness.events().await;
        let about = format!("order#{order}");
        let mut cancelled = events.iter().filter(|event| event.name == "OrderCancelled.v1");
        let event = cancelled.find(|event| event.detail.contains(&about)).unwrap();
        let event: contracts::Envelope<contracts::events::orders::OrderCancelled> = event.envelope().unwrap();
        event.data.dispatched
    };
    let before = shop.confirmed(1).await;
    shop.cancel(before).await;
    assert!(!was_dispatched(before).await);
    // The event of the dispatch is late.
    let order = shop.confirmed(2).await;
    let reason = Sealed::from_ciphertext(String::new());
    shop.hears(DeliveryFailed { shipment: order.uuid().into(), order, reason, attempts: 3, last: true }).await;
    assert!(was_dispatched(order).await);
    let lost = shop.confirmed(3).await;
    shop.dispatched(lost).await;
    shop.harness.advance(SignedDuration::from_hours(31 * 24));
    shop.harness.tick(sweep_deadlines).await;
    assert!(was_dispatched(lost).await);
}

#[tokio::test]
async fn a_poisoned_event_leaves_the_others_of_its_batch_done() {
    let shop = shop().await;
    let (placed, reserved, confirmed) = (shop.placed(1).await, shop.placed(2).await, shop.confirmed(3).await);
    shop.reserved(reserved).await;
    let unknown = OrderId::from(Uuid::from_u128(4));
    let declined = PaymentDeclined { payment: payment(unknown), order: unknown, code: "card_declined".to_owned() };
    let unreadable = json!({"source": "souk.inventory", "detail-type": StockRejected::NAME, "detail": {"data": {}}});
    let not_ours = json!({"source": "souk.payments", "detail-type": "RefundIssued.v1", "detail": {}});
    let batch = [
        shop.message(StockReserved { order: placed, lines: Vec::new(), expires_at: START }),
        shop.message(declined),
        (Uuid::from_u128(1), unreadable),
        (Uuid::from_u128(2), not_ours),
        shop.message(PaymentAuthorized {
            payment: payment(reserved),
            order: reserved,
            amount: Money::new(2900, Currency::Eur),
        }),
        shop.message(ShipmentDispatched { shipment: confirmed.uuid().into(), order: confirmed, courier: user(3) }),
    ];
    let failed = shop.harness.batch(advance_order, &batch).await.unwrap();
    assert_eq!(failed, [batch[1].0, batch[2].0, batch[3].0]);
    assert_eq!(shop.status(placed).await, "reserved");
    assert_eq!(shop.status(reserved).await, "confirmed");
    assert_eq!(shop.status(confirmed).await, "shipped");
}

#[tokio::test]
async fn every_waiting_state_has_a_deadline() {
    let shop = shop().await;
    let (placed, reserved, confirmed, shipped) =
        (shop.placed(1).await, shop.placed(2).await, shop.confirmed(3).await, shop.confirmed(4).await);
    shop.reserved(reserved).await;
    shop.dispatched(shipped).await;
    let deadlines = [
        (placed, SignedDuration::from_mins(15)),
        (reserved, SignedDuration::from_hours(1)),
        (confirmed, SignedDuration::from_hours(6 * 24)),
        (shipped, SignedDuration::from_hours(30 * 24)),
    ];
    for (order, within) in deadlines {
        let left = START + within - SignedDuration::from_secs(1);
        shop.harness.advance(left.duration_since(shop.harness.now()));
        shop.harness.tick(sweep_deadlines).await;
        assert_ne!(shop.status(order).await, "cancelled", "{within:?}");
        shop.harness.advance(SignedDuration::from_secs(2));
        shop.harness.tick(sweep_deadlines).await;
        assert_eq!(shop.order(order).await.json["reason"], "timed-out", "{within:?}");
    }
}

/// An item under the key of an order that cannot be read as an order.
#[derive(Serialize, Deserialize)]
struct Unreadable {
    order: OrderId,
}

impl Entity for Unreadable {
    fn key(&self) -> Key {
        Key::of("order", self.order)
    }

    fn due(&self) -> Option<Timestamp> {
        Some(Timestamp::UNIX_EPOCH)
    }
}

#[tokio::test]
async fn an_order_that_cannot_be_read_does_not_hold_up_the_others() {
    let shop = shop().await;
    let (table, context) = (shop.harness.service::<crate::Orders>().store.table().clone(), shop.harness.context());
    let mut others = Vec::new();
    for number in [1, 3, 5] {
        let order = shop.placed(number).await;
        table.commit(&context).put_record(&Unreadable { order }).run().await.unwrap();
        others.push(shop.placed(number + 1).await);
    }
    shop.harness.advance(SignedDuration::from_mins(16));
    shop.harness.tick(sweep_deadlines).await;
    for order in others {
        assert_eq!(shop.status(order).await, "cancelled");
    }
}

#[tokio::test]
async fn an_order_that_has_ended_is_not_looked_at_again() {
    let shop = shop().await;
    let order = shop.confirmed(1).await;
    shop.delivered(order).await;
    shop.harness.advance(SignedDuration::from_hours(31 * 24));
    let store = shop.harness.service::<crate::Orders>().store;
    assert_eq!(store.overdue(shop.harness.now()).next().await.unwrap(), []);
}
