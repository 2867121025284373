//! A shipment: the parcel of one order, until the customer has it or it comes back.

use std::fmt;

use contracts::{
    Address, OrderId, Sealed, ShipmentId, UserId,
    events::{
        delivery::{
            CourierAssigned, DeliveryFailed, ShipmentCancelled, ShipmentDelivered, ShipmentDispatched,
            ShipmentRecalled, ShipmentScheduled,
        },
        inventory::Quantity,
        orders::OrderConfirmed,
    },
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// After so many failed attempts the parcel comes back.
pub const ATTEMPTS: u32 = 3;

/// Where a shipment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// It waits for a courier.
    Scheduled,
    /// It waits for its courier to leave with it.
    Assigned,
    /// It is under way.
    Dispatched,
    /// The customer has it.
    Delivered,
    /// It comes back: called back, or not delivered in all attempts.
    Returning,
    /// It was called off before it left.
    Cancelled,
}

impl Status {
    /// The status on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Assigned => "assigned",
            Self::Dispatched => "dispatched",
            Self::Delivered => "delivered",
            Self::Returning => "returning",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The parcel of one order. It shares the order's UUID, so an order has one shipment, ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipment {
    /// Which.
    pub id: ShipmentId,
    /// Of which order.
    pub order: OrderId,
    pub(crate) customer: UserId,
    /// Where it stands.
    pub status: Status,
    /// Who carries it, once it is known.
    pub(crate) courier: Option<UserId>,
    /// How many attempts to deliver it have failed.
    pub(crate) attempts: u32,
    /// What is in it.
    pub(crate) lines: Vec<Quantity>,
    pub(crate) shipping_option: String,
    pub(crate) ship_to: Sealed<Address>,
    pub(crate) scheduled_at: Timestamp,
    /// When the order gives up waiting for it to leave.
    pub(crate) dispatch_by: Timestamp,
    pub(crate) delivered_at: Option<Timestamp>,
    /// One more with each change.
    pub version: u64,
}

/// Stands in the place of a shipment whose order was cancelled before anything was scheduled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tombstone {
    pub(crate) cancelled_order: OrderId,
}

/// Who handles a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Handles what is theirs, and what is nobody's.
    Courier(UserId),
    /// Handles everyone's.
    Admin(UserId),
}

impl Actor {
    /// Who it is.
    pub fn id(self) -> UserId {
        match self {
            Self::Courier(id) | Self::Admin(id) => id,
        }
    }
}

/// Why a shipment cannot change so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// It is already as wanted, or its end was decided otherwise before.
    AlreadyDone,
    /// That courier has it already.
    AlreadyAssigned,
    /// It has left already.
    AlreadyDispatched,
    /// The customer has it already.
    AlreadyDelivered,
    /// Its status does not allow this.
    WrongStatus {
        /// Where it stands.
        status: Status,
    },
    /// Another courier has it.
    NotTheirs,
    /// A courier cannot assign another.
    AnotherCourier,
}

/// What came of a shipment that was called off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalledOff {
    /// It never leaves.
    Cancelled(Shipment, ShipmentCancelled),
    /// It had left, and comes back.
    Recalled(Shipment, ShipmentRecalled),
}

impl Shipment {
    /// The id of an order's shipment.
    pub fn id_of(order: OrderId) -> ShipmentId {
        order.uuid().into()
    }

    /// Schedules the shipment of a confirmed order.
    pub fn schedule(confirmed: OrderConfirmed, now: Timestamp) -> (Self, ShipmentScheduled) {
        let OrderConfirmed { order, customer, lines, shipping_option, ship_to, deadline } = confirmed;
        let id = Self::id_of(order);
        let lines = lines.into_iter().map(|line| Quantity { sku: line.sku, quantity: line.quantity }).collect();
        let shipment = Self {
            id,
            order,
            customer,
            status: Status::Scheduled,
            courier: None,
            attempts: 0,
            lines,
            shipping_option,
            ship_to,
            scheduled_at: now,
            dispatch_by: deadline,
            delivered_at: None,
            version: 1,
        };
        (shipment, ShipmentScheduled { shipment: id, order, customer })
    }

    /// Names its courier. A courier takes what is nobody's; an administrator gives it to anyone.
    pub fn assign(mut self, actor: Actor, courier: UserId) -> Result<(Self, CourierAssigned), Rejection> {
        if matches!(actor, Actor::Courier(id) if id != courier) {
            return Err(Rejection::AnotherCourier);
        }
        self.handled_by(actor)?;
        match self.status {
            Status::Assigned if self.courier == Some(courier) => return Err(Rejection::AlreadyAssigned),
            Status::Scheduled | Status::Assigned => {}
            status => return Err(Rejection::WrongStatus { status }),
        }
        self.courier = Some(courier);
        let event = CourierAssigned { shipment: self.id, order: self.order, courier };
        Ok((self.with(Status::Assigned), event))
    }

    /// It leaves with its courier: with whoever sends it off, when it has none.
    pub fn dispatch(mut self, actor: Actor) -> Result<(Self, ShipmentDispatched), Rejection> {
        self.handled_by(actor)?;
        match self.status {
            Status::Scheduled | Status::Assigned => {}
            Status::Dispatched => return Err(Rejection::AlreadyDispatched),
            status => return Err(Rejection::WrongStatus { status }),
        }
        let courier = *self.courier.get_or_insert(actor.id());
        let event = ShipmentDispatched { shipment: self.id, order: self.order, courier };
        Ok((self.with(Status::Dispatched), event))
    }

    /// The customer has it.
    pub fn deliver(mut self, actor: Actor, now: Timestamp) -> Result<(Self, ShipmentDelivered), Rejection> {
        self.handled_by(actor)?;
        match self.status {
            Status::Dispatched => {}
            Status::Delivered => return Err(Rejection::AlreadyDelivered),
            status => return Err(Rejection::WrongStatus { status }),
        }
        self.delivered_at = Some(now);
        let event = ShipmentDelivered { shipment: self.id, order: self.order, at: now };
        Ok((self.with(Status::Delivered), event))
    }

    /// An attempt to deliver failed. After the last one the parcel comes back.
    pub fn fail(mut self, actor: Actor, reason: Sealed<String>) -> Result<(Self, DeliveryFailed), Rejection> {
        self.handled_by(actor)?;
        if self.status != Status::Dispatched {
            return Err(Rejection::WrongStatus { status: self.status });
        }
        self.attempts += 1;
        let last = self.attempts >= ATTEMPTS;
        let event = DeliveryFailed { shipment: self.id, order: self.order, reason, attempts: self.attempts, last };
        Ok((self.with(if last { Status::Returning } else { Status::Dispatched }), event))
    }

    /// Its order was cancelled: it stays here, or is called back. What the customer has stays theirs.
    pub fn call_off(self) -> Result<CalledOff, Rejection> {
        let (shipment, order) = (self.id, self.order);
        match self.status {
            Status::Scheduled | Status::Assigned => {
                Ok(CalledOff::Cancelled(self.with(Status::Cancelled), ShipmentCancelled { shipment, order }))
            }
            Status::Dispatched => {
                Ok(CalledOff::Recalled(self.with(Status::Returning), ShipmentRecalled { shipment, order }))
            }
            Status::Delivered | Status::Returning | Status::Cancelled => Err(Rejection::AlreadyDone),
        }
    }

    /// A courier leaves another's parcels alone.
    fn handled_by(&self, actor: Actor) -> Result<(), Rejection> {
        match (actor, self.courier) {
            (Actor::Courier(id), Some(courier)) if courier != id => Err(Rejection::NotTheirs),
            _ => Ok(()),
        }
    }

    fn with(mut self, status: Status) -> Self {
        self.status = status;
        self.version += 1;
        self
    }
}

#[cfg(test)]
mod tests {
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

    fn scheduled() -> Shipment {
        let confirmed = OrderConfirmed {
            order: Uuid::from_u128(7).into(),
            customer: user(9),
            lines: Vec::new(),
            shipping_option: "standard".to_owned(),
            ship_to: Sealed::from_ciphertext(String::new()),
            deadline: NOW,
        };
        Shipment::schedule(confirmed, NOW).0
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
        assert_eq!((shipment.id.uuid(), shipment.version), (shipment.order.uuid(), 1));
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
        assert_eq!((given.courier, event.courier, given.version), (Some(user(2)), user(2), 3));
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
        assert_eq!(shipment.call_off(), Err(Rejection::AlreadyDone));
    }

    #[test]
    fn what_is_called_off_stays_or_is_called_back() {
        let CalledOff::Cancelled(cancelled, _) = scheduled().call_off().unwrap() else { panic!("it had not left") };
        assert_eq!(cancelled.dispatch(courier()), Err(Rejection::WrongStatus { status: Status::Cancelled }));
        let CalledOff::Recalled(returning, _) = dispatched().call_off().unwrap() else { panic!("it had left") };
        assert_eq!(returning.deliver(courier(), NOW), Err(Rejection::WrongStatus { status: Status::Returning }));
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
                    _ => shipment.clone().call_off().map(|called_off| match called_off {
                        CalledOff::Cancelled(shipment, _) | CalledOff::Recalled(shipment, _) => shipment,
                    }),
                };
                if let Ok(after) = after {
                    prop_assert_eq!(after.version, before.version + 1);
                    prop_assert!(!matches!(before.status, Status::Delivered | Status::Returning | Status::Cancelled));
                    prop_assert!(before.courier.is_none() || after.courier == before.courier);
                    shipment = after;
                }
            }
        }
    }
}
