//! A shipment: the parcel of one order, until the customer has it or it comes back.

#[cfg(test)]
mod tests;

use std::fmt;

use contracts::{
    Address, OrderId, OrderLine, Sealed, ShipmentId, UserId,
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

/// The status of a shipment.
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
    pub id: ShipmentId,
    /// Of which order.
    pub order: OrderId,
    pub(crate) customer: UserId,
    /// Its status.
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

/// Stored in place of the shipment of an order that was cancelled before anything was scheduled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tombstone {
    pub(crate) cancelled_order: OrderId,
}

/// What is stored for an order: its shipment, or the tombstone that refuses a later one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Stored {
    /// The shipment.
    Shipment(Box<Shipment>),
    /// The order was cancelled first.
    Tombstone(Tombstone),
}

/// Who handles a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Handles shipments of their own, and those without a courier.
    Courier(UserId),
    /// Handles every shipment.
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
        /// Its status.
        status: Status,
    },
    /// Another courier has it.
    NotTheirs,
    /// A courier cannot assign another.
    AnotherCourier,
}

/// What the cancellation of an order changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancellation {
    /// Nothing was scheduled yet, and nothing will be.
    NotScheduled(Tombstone),
    /// The shipment never leaves.
    Cancelled(Shipment, ShipmentCancelled),
    /// The shipment had left, and comes back.
    Recalled(Shipment, ShipmentRecalled),
}

impl Shipment {
    /// The id of an order's shipment.
    pub fn id_of(order: OrderId) -> ShipmentId {
        order.uuid().into()
    }

    /// Schedules the shipment of a confirmed order, unless it was scheduled or cancelled before.
    pub fn schedule(
        stored: Option<&Stored>,
        confirmed: &OrderConfirmed,
        now: Timestamp,
    ) -> Result<(Self, ShipmentScheduled), Rejection> {
        if stored.is_some() {
            return Err(Rejection::AlreadyDone);
        }
        let OrderConfirmed { order, customer, deadline, .. } = *confirmed;
        let id = Self::id_of(order);
        let line = |line: &OrderLine| Quantity { sku: line.sku.clone(), quantity: line.quantity };
        let shipment = Self {
            id,
            order,
            customer,
            status: Status::Scheduled,
            courier: None,
            attempts: 0,
            lines: confirmed.lines.iter().map(line).collect(),
            shipping_option: confirmed.shipping_option.clone(),
            ship_to: confirmed.ship_to.clone(),
            scheduled_at: now,
            dispatch_by: deadline,
            delivered_at: None,
            version: 1,
        };
        Ok((shipment, ShipmentScheduled { shipment: id, order, customer }))
    }

    /// Names its courier. A courier takes a shipment that has none; an administrator assigns it to anyone.
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

    /// It leaves with its courier; if it has none, the actor becomes its courier.
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

    /// Cancels the shipment of a cancelled order: it stays here, or is called back. What the customer has stays theirs. A
    /// cancellation that comes before the shipment leaves a tombstone, which refuses a later [`Shipment::schedule`].
    pub fn cancel(stored: Option<Stored>, order: OrderId) -> Result<Cancellation, Rejection> {
        let kept = match stored {
            None => return Ok(Cancellation::NotScheduled(Tombstone { cancelled_order: order })),
            Some(Stored::Tombstone(_)) => return Err(Rejection::AlreadyDone),
            Some(Stored::Shipment(kept)) => *kept,
        };
        let shipment = kept.id;
        match kept.status {
            Status::Scheduled | Status::Assigned => {
                Ok(Cancellation::Cancelled(kept.with(Status::Cancelled), ShipmentCancelled { shipment, order }))
            }
            Status::Dispatched => {
                Ok(Cancellation::Recalled(kept.with(Status::Returning), ShipmentRecalled { shipment, order }))
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
