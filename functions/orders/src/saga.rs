//! The saga: handles the events of other services.

use contracts::{
    OrderId,
    events::{
        delivery::{DeliveryFailed, ShipmentDelivered, ShipmentDispatched},
        inventory::{StockRejected, StockReserved},
        orders::CancelReason,
        payments::{PaymentActionRequired, PaymentAuthorized, PaymentDeclined, PaymentVoided},
    },
};
use jiff::Timestamp;

use crate::order::{Decision, Order, Rejection};

contracts::event_set! {
    /// An event that the saga handles.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum SagaEvent {
        /// All lines are reserved.
        StockReserved(StockReserved),
        /// Stock was not available, and nothing is reserved.
        StockRejected(StockRejected),
        /// The customer must approve the payment.
        PaymentActionRequired(PaymentActionRequired),
        /// The money is held.
        PaymentAuthorized(PaymentAuthorized),
        /// The payment was declined.
        PaymentDeclined(PaymentDeclined),
        /// The money is no longer held.
        PaymentVoided(PaymentVoided),
        /// The parcel was dispatched.
        ShipmentDispatched(ShipmentDispatched),
        /// The parcel was delivered.
        ShipmentDelivered(ShipmentDelivered),
        /// A delivery attempt failed.
        DeliveryFailed(DeliveryFailed),
    }
}

impl SagaEvent {
    /// The order of the event.
    pub fn order(&self) -> OrderId {
        match self {
            Self::StockReserved(event) => event.order,
            Self::StockRejected(event) => event.order,
            Self::PaymentActionRequired(event) => event.order,
            Self::PaymentAuthorized(event) => event.order,
            Self::PaymentDeclined(event) => event.order,
            Self::PaymentVoided(event) => event.order,
            Self::ShipmentDispatched(event) => event.order,
            Self::ShipmentDelivered(event) => event.order,
            Self::DeliveryFailed(event) => event.order,
        }
    }
}

impl Order {
    /// Returns the decision of the order on an event of another service.
    pub fn advance(self, event: &SagaEvent, now: Timestamp) -> Decision {
        match event {
            SagaEvent::StockReserved(_) => self.reserved(now),
            SagaEvent::StockRejected(_) => self.fail(CancelReason::OutOfStock, now),
            SagaEvent::PaymentActionRequired(event) => self.action_required(event.payment, event.expires_at, now),
            SagaEvent::PaymentAuthorized(_) => self.paid(now),
            SagaEvent::PaymentDeclined(event) => self.declined(&event.code, now),
            SagaEvent::PaymentVoided(_) => self.fail(CancelReason::PaymentVoided, now),
            SagaEvent::ShipmentDispatched(event) => self.dispatched(event.shipment, now),
            SagaEvent::ShipmentDelivered(event) => self.delivered(event.shipment, now),
            SagaEvent::DeliveryFailed(event) if event.last => self.fail(CancelReason::DeliveryFailed, now),
            // The courier will try again.
            SagaEvent::DeliveryFailed(_) => Err(Rejection::AlreadyDone),
        }
    }
}
