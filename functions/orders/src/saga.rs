//! The saga: what an order does on each event of another service.

use contracts::{
    Event, OrderId,
    events::{
        delivery::{DeliveryFailed, ShipmentDelivered, ShipmentDispatched},
        inventory::{StockRejected, StockReserved},
        orders::CancelReason,
        payments::{PaymentAuthorized, PaymentDeclined, PaymentVoided},
    },
};
use jiff::Timestamp;

use crate::order::{Decision, Order, Rejection};

/// An event that the saga listens to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SagaEvent {
    /// All lines are held.
    StockReserved(StockReserved),
    /// A line was short, and nothing is held.
    StockRejected(StockRejected),
    /// The money is held.
    PaymentAuthorized(PaymentAuthorized),
    /// The payment was declined.
    PaymentDeclined(PaymentDeclined),
    /// The money is no longer held.
    PaymentVoided(PaymentVoided),
    /// The parcel left.
    ShipmentDispatched(ShipmentDispatched),
    /// The parcel arrived.
    ShipmentDelivered(ShipmentDelivered),
    /// An attempt to deliver failed.
    DeliveryFailed(DeliveryFailed),
}

impl SagaEvent {
    /// The order that it is about.
    pub fn order(&self) -> OrderId {
        self.order_and_name().0
    }

    /// Its name: `StockReserved.v1`.
    pub fn name(&self) -> &'static str {
        self.order_and_name().1
    }

    fn order_and_name(&self) -> (OrderId, &'static str) {
        match self {
            Self::StockReserved(event) => (event.order, StockReserved::NAME),
            Self::StockRejected(event) => (event.order, StockRejected::NAME),
            Self::PaymentAuthorized(event) => (event.order, PaymentAuthorized::NAME),
            Self::PaymentDeclined(event) => (event.order, PaymentDeclined::NAME),
            Self::PaymentVoided(event) => (event.order, PaymentVoided::NAME),
            Self::ShipmentDispatched(event) => (event.order, ShipmentDispatched::NAME),
            Self::ShipmentDelivered(event) => (event.order, ShipmentDelivered::NAME),
            Self::DeliveryFailed(event) => (event.order, DeliveryFailed::NAME),
        }
    }
}

impl Order {
    /// Decides what follows from an event of another service.
    pub fn advance(self, event: &SagaEvent, now: Timestamp) -> Decision {
        match event {
            SagaEvent::StockReserved(_) => self.reserved(now),
            SagaEvent::StockRejected(_) => self.fail(CancelReason::OutOfStock, now),
            SagaEvent::PaymentAuthorized(_) => self.paid(now),
            SagaEvent::PaymentDeclined(_) => self.fail(CancelReason::PaymentDeclined, now),
            SagaEvent::PaymentVoided(_) => self.fail(CancelReason::PaymentVoided, now),
            SagaEvent::ShipmentDispatched(event) => self.dispatched(event.shipment, now),
            SagaEvent::ShipmentDelivered(event) => self.delivered(event.shipment, now),
            SagaEvent::DeliveryFailed(event) if event.last => self.fail(CancelReason::DeliveryFailed, now),
            // The courier tries again.
            SagaEvent::DeliveryFailed(_) => Err(Rejection::AlreadyDone),
        }
    }
}
