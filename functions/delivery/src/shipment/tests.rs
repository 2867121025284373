use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn user(number: u128) -> UserId {
    Uuid::from_u128(number).into()
}

fn courier() -> Actor {
    Actor::Courier(user(1))
}

fn other() -> Actor {
    Actor::Courier(user(2))
}

fn order() -> OrderId {
    Uuid::from_u128(7).into()
}

fn confirmed() -> OrderConfirmed {
    OrderConfirmed {
        order: order(),
        customer: user(9),
        lines: Vec::new(),
        shipping_option: "standard".to_owned(),
        ship_to: Sealed::from_ciphertext(String::new()),
        deadline: NOW,
    }
}

fn scheduled() -> Shipment {
    Shipment::schedule(None, &confirmed(), NOW).unwrap().0
}

fn cancel(shipment: Shipment) -> Result<Cancellation, Rejection> {
    Shipment::cancel(Some(Stored::Shipment(Box::new(shipment))), order())
}

fn reason() -> Sealed<String> {
    Sealed::from_ciphertext(String::new())
}

fn dispatched() -> Shipment {
    scheduled().dispatch(courier()).unwrap().0
}

fn failed(times: u32) -> Shipment {
    (0..times).fold(dispatched(), |shipment, _| shipment.fail(courier(), reason()).unwrap().0)
}

#[test]
fn a_shipment_shares_the_uuid_of_its_order() {
    let shipment = scheduled();
    assert_eq!(shipment.id.uuid(), shipment.order.uuid());
}

#[test]
fn whoever_sends_it_off_carries_it_unless_it_is_assigned() {
    let (shipment, event) = scheduled().dispatch(courier()).unwrap();
    assert_eq!((shipment.courier, event.courier), (Some(user(1)), user(1)));
    let assigned = scheduled().assign(courier(), user(1)).unwrap().0;
    let (_, event) = assigned.clone().dispatch(Actor::Admin(user(3))).unwrap();
    assert_eq!(event.courier, user(1));
    assert_eq!(assigned.dispatch(other()), Err(Rejection::NotTheirs));
}

#[test]
fn a_courier_takes_what_is_nobodys_and_an_administrator_gives_it_to_anyone() {
    assert_eq!(scheduled().assign(courier(), user(2)), Err(Rejection::AnotherCourier));
    let assigned = scheduled().assign(courier(), user(1)).unwrap().0;
    assert_eq!(assigned.clone().assign(courier(), user(1)), Err(Rejection::AlreadyAssigned));
    assert_eq!(assigned.clone().assign(other(), user(2)), Err(Rejection::NotTheirs));
    let (given, event) = assigned.assign(Actor::Admin(user(3)), user(2)).unwrap();
    assert_eq!((given.courier, event.courier), (Some(user(2)), user(2)));
}

#[test]
fn only_what_is_under_way_is_delivered_and_once() {
    let wrong = |status| Err(Rejection::WrongStatus { status });
    assert_eq!(scheduled().deliver(courier(), NOW), wrong(Status::Scheduled));
    let delivered = dispatched().deliver(courier(), NOW).unwrap().0;
    assert_eq!(delivered.delivered_at, Some(NOW));
    assert_eq!(delivered.clone().deliver(courier(), NOW), Err(Rejection::AlreadyDelivered));
    assert_eq!(delivered.clone().fail(courier(), reason()).unwrap_err(), wrong(Status::Delivered).unwrap_err());
    assert_eq!(delivered.dispatch(courier()), Err(Rejection::WrongStatus { status: Status::Delivered }));
}

#[test]
fn after_the_last_attempt_the_parcel_comes_back() {
    let (shipment, event) = failed(1).fail(courier(), reason()).unwrap();
    assert_eq!((shipment.status, event.attempts, event.last), (Status::Dispatched, 2, false));
    let (shipment, event) = shipment.fail(courier(), reason()).unwrap();
    assert_eq!((shipment.status, event.attempts, event.last), (Status::Returning, ATTEMPTS, true));
    assert_eq!(cancel(shipment), Err(Rejection::AlreadyDone));
}

#[test]
fn a_cancelled_shipment_stays_or_is_called_back() {
    let Ok(Cancellation::Cancelled(cancelled, _)) = cancel(scheduled()) else { panic!("it had not left") };
    assert_eq!(cancelled.dispatch(courier()), Err(Rejection::WrongStatus { status: Status::Cancelled }));
    let Ok(Cancellation::Recalled(returning, _)) = cancel(dispatched()) else { panic!("it had left") };
    assert_eq!(returning.deliver(courier(), NOW), Err(Rejection::WrongStatus { status: Status::Returning }));
}

#[test]
fn a_cancellation_that_comes_first_refuses_the_shipment() {
    let Ok(Cancellation::NotScheduled(tombstone)) = Shipment::cancel(None, order()) else {
        panic!("nothing is stored")
    };
    let stored = Some(Stored::Tombstone(tombstone));
    assert_eq!(Shipment::schedule(stored.as_ref(), &confirmed(), NOW), Err(Rejection::AlreadyDone));
    assert_eq!(Shipment::cancel(stored, order()), Err(Rejection::AlreadyDone));
}

proptest! {
    #[test]
    fn each_change_is_one_version_and_nothing_follows_the_end(
        steps in proptest::collection::vec((0usize..5, any::<bool>()), 0..20)
    ) {
        let mut shipment = scheduled();
        for (step, mine) in steps {
            let actor = if mine { courier() } else { other() };
            let before = shipment.clone();
            let after = match step {
                0 => shipment.clone().assign(actor, actor.id()).map(|(shipment, _)| shipment),
                1 => shipment.clone().dispatch(actor).map(|(shipment, _)| shipment),
                2 => shipment.clone().deliver(actor, NOW).map(|(shipment, _)| shipment),
                3 => shipment.clone().fail(actor, reason()).map(|(shipment, _)| shipment),
                _ => cancel(shipment.clone()).map(|cancellation| match cancellation {
                    Cancellation::Cancelled(shipment, _) | Cancellation::Recalled(shipment, _) => shipment,
                    Cancellation::NotScheduled(_) => unreachable!("a shipment is stored"),
                }),
            };
            if let Ok(after) = after {
                prop_assert!(!matches!(before.status, Status::Delivered | Status::Returning | Status::Cancelled));
                prop_assert!(before.courier.is_none() || after.courier == before.courier);
                shipment = after;
            }
        }
    }
}
