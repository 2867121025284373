use super::*;

#[tokio::test]
async fn a_confirmed_order_gets_one_shipment() {
    let harness = harness().await;
    let event = harness.envelope("order#1", 1, confirmed(&harness, 1));
    harness.deliver(schedule_shipment, &event).await.unwrap();
    harness.deliver(schedule_shipment, &event).await.unwrap();
    harness.consume(schedule_shipment, confirmed(&harness, 1)).await.unwrap();
    assert_eq!(harness.event_names().await, ["ShipmentScheduled.v1"]);
    assert_eq!(status(&harness, 1).await, "scheduled");
}

#[tokio::test]
async fn an_order_that_is_cancelled_first_gets_no_shipment() {
    let harness = harness().await;
    harness.consume(cancel_shipment, cancelled(1)).await.unwrap();
    harness.consume(cancel_shipment, cancelled(1)).await.unwrap();
    harness.consume(schedule_shipment, confirmed(&harness, 1)).await.unwrap();
    assert!(harness.event_names().await.is_empty());
    assert_eq!(refused(&get(&harness, SUPPORT, 1).await), (404, "not-found"));
    assert!(ids(&list(&harness, COURIER, &[("orderId", order(1).to_string())]).await).is_empty());
    assert_eq!(refused(&tell(&harness, dispatch_shipment, COURIER, 1).await), (404, "not-found"));
}

#[tokio::test]
async fn confirmation_and_cancellation_at_once_leave_nothing_to_send() {
    for number in 1..=8 {
        let harness = harness().await;
        let (confirmation, cancellation) = (confirmed(&harness, number), cancelled(number));
        let (scheduled, called_off) = tokio::join!(
            harness.consume(schedule_shipment, confirmation),
            harness.consume(cancel_shipment, cancellation)
        );
        assert_eq!((scheduled, called_off), (Ok(()), Ok(())));
        assert_eq!(refused(&tell(&harness, dispatch_shipment, COURIER, number).await).0 / 100, 4);
    }
}

#[tokio::test]
async fn a_shipment_that_is_called_off_does_not_leave() {
    let harness = scheduled(1).await;
    let event = harness.envelope("order#1", 2, cancelled(1));
    harness.deliver(cancel_shipment, &event).await.unwrap();
    harness.deliver(cancel_shipment, &event).await.unwrap();
    assert_eq!(status(&harness, 1).await, "cancelled");
    let answer = tell(&harness, dispatch_shipment, COURIER, 1).await;
    assert_eq!(refused(&answer), (409, "wrong-status"));
    assert_eq!(answer.json["detail"], "It is cancelled.");
    assert_eq!(harness.event_names().await, ["ShipmentScheduled.v1", "ShipmentCancelled.v1"]);
}

#[tokio::test]
async fn a_shipment_that_has_left_is_called_back() {
    let harness = scheduled(1).await;
    tell(&harness, dispatch_shipment, COURIER, 1).await;
    harness.consume(cancel_shipment, cancelled(1)).await.unwrap();
    assert_eq!(status(&harness, 1).await, "returning");
    assert_eq!(refused(&tell(&harness, deliver_shipment, COURIER, 1).await), (409, "wrong-status"));
    assert!(harness.event_names().await.contains(&"ShipmentRecalled.v1".to_owned()));
}

#[tokio::test]
async fn what_the_customer_has_is_not_called_back() {
    let harness = scheduled(1).await;
    tell(&harness, dispatch_shipment, COURIER, 1).await;
    tell(&harness, deliver_shipment, COURIER, 1).await;
    harness.consume(cancel_shipment, cancelled(1)).await.unwrap();
    assert_eq!(status(&harness, 1).await, "delivered");
}
