//! Payments as callers see them.

use contracts::{Money, OrderId, PaymentId, Role};
use jiff::Timestamp;
use lambda::{Caller, Problem, Sealer, Time};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    ledger::{Account, Kind},
    payment::{NextAction, Payment, Status},
    stripe::NEXT_ACTION,
};

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentView {
    id: PaymentId,
    order_id: OrderId,
    status: PaymentStatus,
    /// For the customer only, while the status is `action-required`: how to approve the payment. It is absent once its
    /// time is over or the order is cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_action: Option<NextActionView>,
    /// The total of the order.
    amount: Money,
    /// The amount captured so far.
    captured: Money,
    /// The amount refunded so far. Failed refunds do not count.
    refunded: Money,
    /// All transactions, oldest first.
    transactions: Vec<TransactionView>,
}

/// The status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PaymentStatus {
    /// The provider has not decided yet.
    Pending,
    /// The customer must approve the payment: see `nextAction`.
    ActionRequired,
    /// The amount is held on the customer's payment method.
    Authorized,
    /// The provider refused the payment.
    Declined,
    /// The shop has the money. Some of it may have been refunded.
    Captured,
    /// The hold was released. The shop did not take any money.
    Voided,
    /// The captured amount was refunded in full.
    Refunded,
}

/// How the customer approves a payment with the bank that issued the card (3-D Secure).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NextActionView {
    /// `redirect_to_url`: send the customer to `url`. `use_stripe_sdk`: call the provider's script with `clientSecret`.
    #[serde(rename = "type")]
    kind: String,
    /// The secret for the provider's script. Do not store it.
    client_secret: String,
    /// The page of the bank. From there, the customer returns to the `returnUrl` of the order.
    url: Option<String>,
    /// The deadline. If the customer has not approved the payment by then, the order is cancelled.
    expires_at: Time,
}

/// A movement of money: where it was, and where it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TransactionView {
    #[serde(rename = "type")]
    kind: Kind,
    from: Account,
    to: Account,
    amount: Money,
    at: Time,
}

impl PaymentView {
    pub(crate) fn of(payment: &Payment, caller: &Caller, sealer: &Sealer, now: Timestamp) -> Result<Self, Problem> {
        let (captured, refunded) = (payment.ledger.total(Kind::Capture), payment.ledger.refunded());
        let status = match payment.status {
            Status::Pending => PaymentStatus::Pending,
            Status::ActionRequired => PaymentStatus::ActionRequired,
            Status::Authorized => PaymentStatus::Authorized,
            Status::Declined => PaymentStatus::Declined,
            Status::Captured if refunded.amount > 0 && refunded == captured => PaymentStatus::Refunded,
            Status::Captured => PaymentStatus::Captured,
            Status::Voided | Status::Refused => PaymentStatus::Voided,
        };
        let transactions = payment.ledger.transactions.iter().map(|transaction| {
            let (from, to) = transaction.kind.accounts();
            let amount = Money::new(transaction.amount, payment.ledger.currency);
            TransactionView { kind: transaction.kind, from, to, amount, at: transaction.at.into() }
        });
        let action = payment.open_action(now).filter(|_| caller.id == Some(payment.customer));
        let next_action = action.map(|(action, expires_at)| {
            let NextAction { kind, client_secret, url } = sealer.open(NEXT_ACTION, action)?;
            Ok::<_, Problem>(NextActionView { kind, client_secret, url, expires_at: expires_at.into() })
        });
        Ok(Self {
            id: payment.id(),
            order_id: payment.order,
            status,
            next_action: next_action.transpose()?,
            amount: payment.amount,
            captured,
            refunded,
            transactions: transactions.collect(),
        })
    }
}

/// Whether the caller may see the payment: its customer, or support. A refused payment is not shown.
pub(crate) fn visible(payment: &Payment, caller: &Caller) -> bool {
    let own = caller.id == Some(payment.customer);
    payment.status != Status::Refused && (own || caller.has(Role::Support))
}
