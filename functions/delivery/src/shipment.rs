//! A shipment: the parcel of an order, until it is delivered or returned.

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
use dynamo::Version;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The number of failed attempts after which the parcel returns.
pub const ATTEMPTS: u32 = 3;

/// The status of a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShipmentStatus")]
pub enum Status {
    /// The shipment has no courier yet.
    Scheduled,
    /// The shipment has a courier and has not been dispatched yet.
    Assigned,
    /// The courier has the parcel.
    Dispatched,
    /// The parcel was delivered.
    Delivered,
    /// The parcel is returning, because the order was cancelled at the time of the dispatch or later timed out, or all delivery attempts failed.
    Returning,
    /// The shipment was cancelled before dispatch.
    Cancelled,
}

impl Status {
    /// The name of the status in JSON.
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

/// The parcel of an order. It shares the order's UUID, so an order can have only one shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "camelCase")]
pub struct Shipment {
    pub id: ShipmentId,
    /// The order.
    pub order: OrderId,
    pub(crate) customer: UserId,
    /// Its status.
    pub status: Status,
    /// The courier, once assigned.
    pub(crate) courier: Option<UserId>,
    /// The number of failed delivery attempts.
    pub(crate) attempts: u32,
    /// The contents.
    pub(crate) lines: Vec<Quantity>,
    pub(crate) shipping_option: String,
    pub(crate) ship_to: Sealed<Address>,
    pub(crate) scheduled_at: Timestamp,
    /// The deadline of the order for its dispatch.
    pub(crate) dispatch_by: Timestamp,
    pub(crate) delivered_at: Option<Timestamp>,
    /// The version. Each change raises it by one.
    pub version: Version,
}

/// A tombstone. It is stored in place of the shipment of an order that was cancelled before the shipment was
/// scheduled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "camelCase")]
pub struct Tombstone {
    pub(crate) cancelled_order: OrderId,
}

/// The stored item of an order: its shipment, or the tombstone that refuses a later shipment. They have the same key, so
/// the attribute `row` tells them apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "row")]
pub enum Stored {
    /// The shipment.
    Shipment(Box<Shipment>),
    /// The tombstone: the order was cancelled first.
    Tombstone(Tombstone),
}

/// The caller that changes a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A courier. May change shipments that are assigned to them or to no courier.
    Courier(UserId),
    /// An administrator. May change every shipment.
    Admin(UserId),
}

impl Actor {
    /// The user's id.
    pub fn id(self) -> UserId {
        match self {
            Self::Courier(id) | Self::Admin(id) => id,
        }
    }
}

/// The reason why a shipment cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing would change, or the shipment has already ended in another way.
    AlreadyDone,
    /// The shipment is already assigned to this courier.
    AlreadyAssigned,
    /// The shipment was already dispatched.
    AlreadyDispatched,
    /// The shipment was already delivered.
    AlreadyDelivered,
    /// Its status does not allow this.
    WrongStatus {
        /// Its status.
        status: Status,
    },
    /// The shipment is assigned to another courier.
    NotTheirs,
    /// A courier cannot assign another courier.
    AnotherCourier,
}

/// The change that the cancellation of an order makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cancellation {
    /// The shipment was not scheduled yet. A tombstone is stored.
    NotScheduled(Tombstone),
    /// The shipment is cancelled.
    Cancelled(Shipment, ShipmentCancelled),
    /// The shipment was already dispatched and is recalled.
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
            version: Version::default(),
        };
        Ok((shipment, ShipmentScheduled { shipment: id, order, customer }))
    }

    /// Assigns a courier. A courier may take a shipment that has none; an administrator may assign any courier.
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

    /// Dispatches the shipment. If it has no courier, the actor becomes its courier.
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

    /// Records the delivery of the parcel.
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

    /// Records a failed delivery attempt. After the last one, the parcel returns.
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

    /// Cancels the shipment of a cancelled order, or recalls it after dispatch. A delivered shipment does not change.
    /// If there is no shipment yet, a tombstone is stored, which refuses a later [`Shipment::schedule`].
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

    /// Checks that a courier does not change the shipment of another courier.
    fn handled_by(&self, actor: Actor) -> Result<(), Rejection> {
        match (actor, self.courier) {
            (Actor::Courier(id), Some(courier)) if courier != id => Err(Rejection::NotTheirs),
            _ => Ok(()),
        }
    }

    fn with(mut self, status: Status) -> Self {
        self.status = status;
        self
    }
}
