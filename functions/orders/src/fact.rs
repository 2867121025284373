//! The facts of an order: its events, as one type. They are the truth; the order is what they add up to.

use contracts::{
    Event,
    events::orders::{OrderCancelled, OrderConfirmed, OrderDelivered, OrderPlaced, OrderReserved, OrderShipped},
};
use dynamo::{Commit, Error, EventRecord};
use jiff::Timestamp;
use serde::Serialize;

/// What happened to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// From a quote.
    Placed(OrderPlaced),
    /// Stock is held.
    Reserved(OrderReserved),
    /// It is paid for.
    Confirmed(OrderConfirmed),
    /// It is off.
    Cancelled(OrderCancelled),
    /// The parcel left.
    Shipped(OrderShipped),
    /// The parcel arrived.
    Delivered(OrderDelivered),
}

/// A fact, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// What happened.
    pub fact: Fact,
    /// The order's version after it.
    pub version: u64,
    pub time: Timestamp,
}

impl Fact {
    /// Reads a stored event.
    pub fn read(record: &EventRecord) -> Result<Dated, Error> {
        fn read<E: Event>(record: &EventRecord, fact: fn(E) -> Fact) -> Result<Dated, Error> {
            let envelope = record.envelope::<E>()?;
            Ok(Dated { fact: fact(envelope.data), version: envelope.metadata.version, time: envelope.metadata.time })
        }
        match record.name.as_str() {
            OrderPlaced::NAME => read(record, Self::Placed),
            OrderReserved::NAME => read(record, Self::Reserved),
            OrderConfirmed::NAME => read(record, Self::Confirmed),
            OrderCancelled::NAME => read(record, Self::Cancelled),
            OrderShipped::NAME => read(record, Self::Shipped),
            OrderDelivered::NAME => read(record, Self::Delivered),
            name => Err(Error::Malformed(format!("{name} is no event of an order"))),
        }
    }

    /// Adds it to a commit, behind the order that it belongs to.
    pub fn record<'a>(&self, commit: Commit<'a>) -> Commit<'a> {
        match self {
            Self::Placed(event) => commit.event(event),
            Self::Reserved(event) => commit.event(event),
            Self::Confirmed(event) => commit.event(event),
            Self::Cancelled(event) => commit.event(event),
            Self::Shipped(event) => commit.event(event),
            Self::Delivered(event) => commit.event(event),
        }
    }

    /// Its name on the wire, without the version of its form.
    pub fn name(&self) -> &'static str {
        let name = match self {
            Self::Placed(_) => OrderPlaced::NAME,
            Self::Reserved(_) => OrderReserved::NAME,
            Self::Confirmed(_) => OrderConfirmed::NAME,
            Self::Cancelled(_) => OrderCancelled::NAME,
            Self::Shipped(_) => OrderShipped::NAME,
            Self::Delivered(_) => OrderDelivered::NAME,
        };
        name.split_once('.').map_or(name, |(name, _)| name)
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Waits for stock.
    Placed,
    /// Stock is held; waits for the payment.
    Reserved,
    /// Waits to be dispatched.
    Confirmed,
    /// The parcel is under way.
    Shipped,
    /// The customer has it.
    Delivered,
    /// It will not be fulfilled.
    Cancelled,
}

impl Status {
    /// The status on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Reserved => "reserved",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }
}
