//! Payments as callers see them.

use contracts::{Money, OrderId, PaymentId, Role};
use jiff::Timestamp;
use lambda::Caller;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    ledger::{Account, Kind},
    payment::{Payment, Status},
};

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PaymentView {
    id: PaymentId,
    order_id: OrderId,
    status: PaymentStatus,
    /// The total of the order.
    amount: Money,
    /// The amount captured so far.
    captured: Money,
    /// The amount refunded, without refunds that failed.
    refunded: Money,
    /// All transactions, oldest first.
    transactions: Vec<TransactionView>,
}

/// The status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum PaymentStatus {
    /// The provider has not decided yet.
    Pending,
    /// The amount is held.
    Authorized,
    /// The provider refused the payment.
    Declined,
    /// The money was captured. Some of it may have been refunded.
    Captured,
    /// The authorisation was released.
    Voided,
    /// The captured amount was refunded in full.
    Refunded,
}

/// A movement of money from one account to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TransactionView {
    #[serde(rename = "type")]
    kind: Kind,
    from: Account,
    to: Account,
    amount: Money,
    at: Timestamp,
}

impl PaymentView {
    pub(crate) fn of(payment: &Payment) -> Self {
        let (captured, refunded) = (payment.ledger.total(Kind::Capture), payment.ledger.refunded());
        let status = match payment.status {
            Status::Pending => PaymentStatus::Pending,
            Status::Authorized => PaymentStatus::Authorized,
            Status::Declined => PaymentStatus::Declined,
            Status::Captured if refunded.amount > 0 && refunded == captured => PaymentStatus::Refunded,
            Status::Captured => PaymentStatus::Captured,
            Status::Voided | Status::Refused => PaymentStatus::Voided,
        };
        let transactions = payment.ledger.transactions.iter().map(|transaction| {
            let (from, to) = transaction.kind.accounts();
            let amount = Money::new(transaction.amount, payment.ledger.currency);
            TransactionView { kind: transaction.kind, from, to, amount, at: transaction.at }
        });
        let (id, order_id, amount) = (payment.id(), payment.order, payment.amount);
        Self { id, order_id, status, amount, captured, refunded, transactions: transactions.collect() }
    }
}

/// Whether the caller may see the payment: its customer, or support. A refused payment is not shown.
pub(crate) fn visible(payment: &Payment, caller: &Caller) -> bool {
    let own = caller.id == Some(payment.customer);
    payment.status != Status::Refused && (own || caller.has(Role::Support))
}
