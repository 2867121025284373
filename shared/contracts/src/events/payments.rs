//! What `payments` states.

use serde::{Deserialize, Serialize};

use crate::{Money, OrderId, PaymentId, RefundId, UserId};

/// The amount is held on the customer's means of payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentAuthorized {
    /// Which.
    pub payment: PaymentId,
    /// For which order.
    pub order: OrderId,
    /// How much.
    pub amount: Money,
}

/// The provider refused, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentDeclined {
    /// Which.
    pub payment: PaymentId,
    /// For which order.
    pub order: OrderId,
    /// The provider's code, such as `card_declined`.
    pub code: String,
}

/// The money was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentCaptured {
    /// Which.
    pub payment: PaymentId,
    /// For which order.
    pub order: OrderId,
    /// How much.
    pub amount: Money,
}

/// The hold was given up before any money was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentVoided {
    /// Which.
    pub payment: PaymentId,
    /// For which order.
    pub order: OrderId,
}

/// Money was given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefundIssued {
    /// Of which payment.
    pub payment: PaymentId,
    /// For which order.
    pub order: OrderId,
    /// Which refund.
    pub refund: RefundId,
    /// Whose money.
    pub customer: UserId,
    /// How much.
    pub amount: Money,
}

/// The customer's bank took the money back; the case is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargebackOpened {
    /// Of which payment.
    pub payment: PaymentId,
    /// For which order.
    pub order: OrderId,
    /// The provider's id of the dispute.
    pub dispute: String,
    /// How much.
    pub amount: Money,
    /// The provider's reason, such as `fraudulent`.
    pub reason: String,
}

/// A chargeback was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChargebackClosed {
    /// Of which payment.
    pub payment: PaymentId,
    /// For which order.
    pub order: OrderId,
    /// The provider's id of the dispute.
    pub dispute: String,
    /// Whether the money came back to the shop.
    pub won: bool,
}

super::events! { "souk.payments":
    PaymentAuthorized = "PaymentAuthorized.v1",
    PaymentDeclined = "PaymentDeclined.v1",
    PaymentCaptured = "PaymentCaptured.v1",
    PaymentVoided = "PaymentVoided.v1",
    RefundIssued = "RefundIssued.v1",
    ChargebackOpened = "ChargebackOpened.v1",
    ChargebackClosed = "ChargebackClosed.v1",
}
