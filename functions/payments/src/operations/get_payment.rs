//! Get a payment with every movement of its money.

use contracts::{Money, OrderId, PaymentId, Role};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Caller, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Payments,
    ledger::{Account, Kind},
    payment::{Payment, Status},
};

/// Which payment.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetPayment {
    #[garde(skip)]
    payment_id: PaymentId,
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentView {
    id: PaymentId,
    order_id: OrderId,
    status: PaymentStatus,
    /// What the order costs.
    amount: Money,
    /// What was taken.
    captured: Money,
    /// What was given back, less what did not get through.
    refunded: Money,
    /// Every movement, in order.
    transactions: Vec<TransactionView>,
}

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum PaymentStatus {
    /// The provider has not decided.
    Pending,
    /// The amount is held.
    Authorized,
    /// The provider refused.
    Declined,
    /// The money was taken; some of it may be given back.
    Captured,
    /// The hold was given up.
    Voided,
    /// Everything was given back.
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

/// Whether it is the caller's, or the caller sees everybody's. What will never be paid is no payment.
pub(crate) fn visible(payment: &Payment, caller: &Caller) -> bool {
    let own = caller.id == Some(payment.customer);
    payment.status != Status::Refused && (own || caller.has(Role::Support))
}

/// This function.
pub fn function() -> Function {
    Function::http("get-payment", handle)
}

async fn handle(payments: Payments, call: Call<GetPayment>) -> Result<Found<PaymentView>, Problem> {
    let payment = payments.store.payment(call.input.payment_id).await?;
    let payment = payment.filter(|payment| visible(payment, &call.caller));
    let payment = payment.ok_or_else(|| Problem::not_found("payment"))?;
    Ok(Found::new(PaymentView::of(&payment)).version(payment.version))
}
