//! The events of an order. They are the source of truth; the order is derived from them.

use contracts::events::orders::{
    OrderActionRequired, OrderCancelled, OrderConfirmed, OrderDelivered, OrderPlaced, OrderReserved, OrderShipped,
};
use serde::Serialize;

contracts::event_set! {
    /// An event of an order.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum OrderEvent {
        /// The order was placed with a quote.
        Placed(OrderPlaced),
        /// Stock is reserved.
        Reserved(OrderReserved),
        /// The customer must approve the payment.
        ActionRequired(OrderActionRequired),
        /// The payment is authorised.
        Confirmed(OrderConfirmed),
        /// The order was cancelled.
        Cancelled(OrderCancelled),
        /// The parcel was dispatched.
        Shipped(OrderShipped),
        /// The parcel was delivered.
        Delivered(OrderDelivered),
    }
}

/// A recorded event of an order.
pub type RecordedEvent = contracts::Envelope<OrderEvent>;

/// The status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "OrderStatus")]
pub enum Status {
    /// Stock is being reserved.
    Placed,
    /// Stock is reserved, and the payment is being authorised.
    Reserved,
    /// The payment is authorised, and the order has not been dispatched yet.
    Confirmed,
    /// The parcel was dispatched.
    Shipped,
    /// The parcel was delivered.
    Delivered,
    /// The order was cancelled.
    Cancelled,
}

impl Status {
    /// The name of the status in JSON.
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
