//! The events of `orders`. Orders are event-sourced: the state of an order is derived from these events.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Address, CartId, Money, OrderId, OrderLine, PaymentId, PromotionId, Quote, QuoteId, Sealed, ShipmentId, Totals,
    UserId,
};

/// Why an order was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CancelReason {
    /// Stock was not available.
    OutOfStock,
    /// The payment was declined.
    PaymentDeclined,
    /// The provider released the authorisation before dispatch.
    PaymentVoided,
    /// The customer or support requested it.
    Requested,
    /// All delivery attempts failed.
    DeliveryFailed,
    /// A step did not happen by its deadline.
    TimedOut,
}

/// A customer placed an order from a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderPlaced {
    /// The order.
    pub order: OrderId,
    /// The customer.
    pub customer: UserId,
    /// The quote that it was placed from.
    pub quote: QuoteId,
    /// The cart of the quote.
    pub cart: CartId,
    /// The generation of the cart.
    #[serde(default)]
    pub generation: u64,
    /// The lines of the order, 1 to 40.
    pub lines: Vec<OrderLine>,
    /// The totals.
    pub totals: Totals,
    /// The promotions with a limited number of uses that the order used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redemptions: Vec<PromotionId>,
    /// The id of the shipping option.
    pub shipping_option: String,
    /// The shipping address.
    pub ship_to: Sealed<Address>,
    /// The provider's reference of the payment method.
    pub payment_method: Sealed<String>,
    /// The page that the customer returns to after authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<Sealed<String>>,
    /// The deadline for the reservation of stock.
    pub deadline: Timestamp,
}

impl OrderPlaced {
    /// The placement of an order from a quote, without a page to return to.
    pub fn of(
        order: OrderId,
        quote: Quote,
        ship_to: Sealed<Address>,
        payment_method: Sealed<String>,
        deadline: Timestamp,
    ) -> Self {
        Self {
            order,
            customer: quote.sub,
            quote: quote.jti,
            cart: quote.cart,
            generation: quote.generation,
            lines: quote.lines,
            totals: quote.totals,
            redemptions: quote.redemptions,
            shipping_option: quote.shipping_option,
            ship_to,
            payment_method,
            return_url: None,
            deadline,
        }
    }
}

/// Stock is reserved. The payment can be authorised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderReserved {
    /// The order.
    pub order: OrderId,
    /// The customer.
    pub customer: UserId,
    /// The amount to authorise.
    pub total: Money,
    /// The provider's reference of the payment method.
    pub payment_method: Sealed<String>,
    /// The page that the customer returns to after authentication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<Sealed<String>>,
    /// The deadline for the authorisation of the payment.
    pub deadline: Timestamp,
}

/// The customer must approve the payment with the bank that issued the card (3-D Secure).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderActionRequired {
    /// The order.
    pub order: OrderId,
    /// The customer.
    pub customer: UserId,
    /// The payment to approve.
    pub payment: PaymentId,
    /// The deadline for the approval.
    pub deadline: Timestamp,
}

/// Stock is reserved and the payment is authorised. The order can be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderConfirmed {
    /// The order.
    pub order: OrderId,
    /// The customer.
    pub customer: UserId,
    /// The lines to ship.
    pub lines: Vec<OrderLine>,
    /// The id of the shipping option.
    pub shipping_option: String,
    /// The shipping address.
    pub ship_to: Sealed<Address>,
    /// The deadline for dispatch.
    pub deadline: Timestamp,
}

/// The order was cancelled. Its stock is then released, and its payment voided or refunded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderCancelled {
    /// The order.
    pub order: OrderId,
    /// The customer.
    pub customer: UserId,
    /// The cart that it was placed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cart: Option<CartId>,
    /// The generation of the cart.
    #[serde(default)]
    pub generation: u64,
    /// The reason.
    pub reason: CancelReason,
    /// The payment provider's code, if the payment was declined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decline_code: Option<String>,
    /// Whether the parcel was dispatched before. Otherwise the lines return to the cart.
    #[serde(default)]
    pub dispatched: bool,
    /// The note of the caller who requested the cancellation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Sealed<String>>,
}

impl OrderCancelled {
    /// The cancellation of an order that was not dispatched, without cart, decline code and note.
    pub const fn of(order: OrderId, customer: UserId, reason: CancelReason) -> Self {
        Self { order, customer, cart: None, generation: 0, reason, decline_code: None, dispatched: false, note: None }
    }
}

/// The parcel was dispatched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderShipped {
    /// The order.
    pub order: OrderId,
    /// The customer.
    pub customer: UserId,
    /// The shipment.
    pub shipment: ShipmentId,
    /// The deadline for delivery.
    pub deadline: Timestamp,
}

/// The parcel was delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderDelivered {
    /// The order.
    pub order: OrderId,
    /// The customer.
    pub customer: UserId,
    /// The lines of the order.
    pub lines: Vec<OrderLine>,
}

super::events! { "souk.orders":
    OrderPlaced = "OrderPlaced.v1",
    OrderReserved = "OrderReserved.v1",
    OrderActionRequired = "OrderActionRequired.v1",
    OrderConfirmed = "OrderConfirmed.v1",
    OrderCancelled = "OrderCancelled.v1",
    OrderShipped = "OrderShipped.v1",
    OrderDelivered = "OrderDelivered.v1",
}
