//! What `orders` states. Orders are event-sourced: these events are the order.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Address, CartId, Money, OrderId, OrderLine, QuoteId, Sealed, ShipmentId, Totals, UserId};

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CancelReason {
    /// Something was not in stock.
    OutOfStock,
    /// The payment was declined.
    PaymentDeclined,
    /// The provider gave the hold on the money up before the parcel left.
    PaymentVoided,
    /// The customer, or support for them, asked for it.
    Requested,
    /// The parcel could not be delivered, after all attempts.
    DeliveryFailed,
    /// It waited for something past its deadline.
    TimedOut,
}

/// A customer placed an order from a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPlaced {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: UserId,
    /// The quote that it was placed from.
    pub quote: QuoteId,
    /// The cart behind the quote.
    pub cart: CartId,
    /// What was bought: 1 to 40 lines.
    pub lines: Vec<OrderLine>,
    /// The sums.
    pub totals: Totals,
    /// The id of the shipping option.
    pub shipping_option: String,
    /// Where it goes.
    pub ship_to: Sealed<Address>,
    /// The provider's reference of the payment method.
    pub payment_method: Sealed<String>,
    /// By when stock must be reserved.
    pub deadline: Timestamp,
}

/// Stock is held for the order: it can be paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderReserved {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: UserId,
    /// What is to be authorised.
    pub total: Money,
    /// The provider's reference of the payment method.
    pub payment_method: Sealed<String>,
    /// By when the payment must be authorised.
    pub deadline: Timestamp,
}

/// Stock is held and the payment authorised: it can be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderConfirmed {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: UserId,
    /// What is to be shipped.
    pub lines: Vec<OrderLine>,
    /// The id of the shipping option.
    pub shipping_option: String,
    /// Where it goes.
    pub ship_to: Sealed<Address>,
    /// By when it must be dispatched.
    pub deadline: Timestamp,
}

/// The order will not be fulfilled: stock is to be released, money to be given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCancelled {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: UserId,
    /// Why.
    pub reason: CancelReason,
    /// What whoever asked for it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Sealed<String>>,
}

/// The parcel is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderShipped {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: UserId,
    /// In which shipment.
    pub shipment: ShipmentId,
    /// By when it must be delivered.
    pub deadline: Timestamp,
}

/// The customer has the parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderDelivered {
    /// Which.
    pub order: OrderId,
    /// Whose.
    pub customer: UserId,
    /// What was bought.
    pub lines: Vec<OrderLine>,
}

super::events! { "souk.orders":
    OrderPlaced = "OrderPlaced.v1",
    OrderReserved = "OrderReserved.v1",
    OrderConfirmed = "OrderConfirmed.v1",
    OrderCancelled = "OrderCancelled.v1",
    OrderShipped = "OrderShipped.v1",
    OrderDelivered = "OrderDelivered.v1",
}
