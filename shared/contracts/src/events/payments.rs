//! The events of `payments`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Money, OrderId, PaymentId, RefundId, UserId};

/// The amount is held on the customer's payment method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentAuthorized {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// The amount.
    pub amount: Money,
}

/// The customer must approve the payment with the bank that issued the card (3-D Secure).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentActionRequired {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// The deadline for the approval.
    pub expires_at: Timestamp,
}

/// The payment was declined. This is final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentDeclined {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// The provider's code, such as `card_declined`.
    pub code: String,
}

/// The amount was captured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentCaptured {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// The amount.
    pub amount: Money,
}

/// The authorisation was released before a capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentVoided {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
}

/// A refund was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundIssued {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// The refund.
    pub refund: RefundId,
    /// The customer.
    pub customer: UserId,
    /// The amount.
    pub amount: Money,
}

/// The customer's bank took the money back and opened a dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargebackOpened {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// The provider's id of the dispute.
    pub dispute: String,
    /// The amount.
    pub amount: Money,
    /// The provider's reason, such as `fraudulent`.
    pub reason: String,
}

/// A dispute was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargebackClosed {
    /// The payment.
    pub payment: PaymentId,
    /// The order.
    pub order: OrderId,
    /// The provider's id of the dispute.
    pub dispute: String,
    /// Whether the shop won the dispute and got the money back.
    pub won: bool,
}

super::events! { "souk.payments":
    PaymentAuthorized = "PaymentAuthorized.v1",
    PaymentActionRequired = "PaymentActionRequired.v1",
    PaymentDeclined = "PaymentDeclined.v1",
    PaymentCaptured = "PaymentCaptured.v1",
    PaymentVoided = "PaymentVoided.v1",
    RefundIssued = "RefundIssued.v1",
    ChargebackOpened = "ChargebackOpened.v1",
    ChargebackClosed = "ChargebackClosed.v1",
}
