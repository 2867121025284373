//! A payment: what is wanted, what the provider said, and what it is to be asked next.
//!
//! Wishes (authorise, capture, cancel, refund) and answers (of a call, of a webhook) come in any order, late and
//! more than once. A wish is remembered; [`Payment::next`] says what to ask for it; [`Payment::learn`] takes any answer.
//! What each operation decides is a [`Decision`].

mod decide;
mod learn;
mod refund;
#[cfg(test)]
mod tests;

use contracts::{
    Currency, Money, OrderId, PaymentId, RefundId, Sealed, UserId,
    events::payments::{
        ChargebackClosed, ChargebackOpened, PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentVoided,
        RefundIssued,
    },
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;
pub use decide::{Decision, Save};
pub use refund::{Refund, RefundStatus};

/// How long the provider is asked whether it made a charge: its keys live 24 hours, and after that the same question
/// would be a new charge.
pub const KEY_LIVES: SignedDuration = SignedDuration::from_hours(23);
/// After this long without an outcome the provider is asked again; each time twice as long.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// The provider is asked, or was and did not answer.
    Pending,
    /// The amount is held.
    Authorized,
    /// The provider refused, or could not be asked in time.
    Declined,
    /// The money was taken.
    Captured,
    /// The hold was given up.
    Voided,
    /// The order was cancelled before it was to be paid: it never will be.
    Refused,
}

/// The payment of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// Of which order.
    pub order: OrderId,
    pub(crate) customer: UserId,
    /// What the order costs.
    pub amount: Money,
    /// The provider's reference of the payment method, for as long as it is needed.
    method: Option<Sealed<String>>,
    /// How far it is.
    pub status: Status,
    /// The provider's id, once it is known.
    intent: Option<String>,
    /// The goods have left.
    capturing: bool,
    /// The order is cancelled.
    cancelling: bool,
    /// What is given back, in order.
    pub refunds: Vec<Refund>,
    /// What the provider has given back in all, as far as it said so.
    #[serde(default)]
    refunded_there: i64,
    disputes: Vec<Dispute>,
    /// Every movement of its money.
    pub ledger: Ledger,
    requested_at: Timestamp,
    /// How often in a row the provider did not answer, or left what it was asked for undone.
    #[serde(rename = "silences")]
    unanswered_attempts: u32,
    /// How often money was not given back since anything else was learned.
    #[serde(default)]
    refusals: u32,
    /// When the provider is asked again, if the function that asks it now ends before its answer is saved.
    #[serde(rename = "due")]
    pub next_attempt_at: Option<Timestamp>,
    /// One more with each event, or each change without one.
    pub version: u64,
}

/// A chargeback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dispute {
    id: String,
    amount: i64,
    open: bool,
}

/// What the provider is to be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Hold the amount. The key is the same each time, so it is held once.
    Authorize {
        /// The idempotency key.
        key: String,
        /// For which order.
        order: OrderId,
        /// How much.
        amount: Money,
        /// On which means of payment.
        method: Sealed<String>,
    },
    /// Take what is held.
    Capture {
        /// The provider's id.
        intent: String,
    },
    /// Give the hold up.
    Void {
        /// The provider's id.
        intent: String,
    },
    /// Give money back.
    Refund {
        /// The provider's id of the payment.
        intent: String,
        /// Our id, which is the idempotency key.
        refund: RefundId,
        /// How much.
        amount: Money,
    },
    /// Nothing any more: its keys are forgotten.
    GiveUp,
}

/// What the provider said, in an answer or by a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing, or nothing that decides anything.
    Unknown,
    /// The amount is held.
    Held {
        /// The provider's id.
        intent: String,
    },
    /// The money was taken.
    Taken {
        /// The provider's id.
        intent: String,
        /// Minor units.
        amount: i64,
    },
    /// The hold was given up.
    Cancelled {
        /// The provider's id.
        intent: String,
    },
    /// It was refused.
    Declined {
        /// The provider's id, if it made one.
        intent: Option<String>,
        /// Why, in the provider's words.
        code: String,
    },
    /// Money is on its way back.
    Refunded {
        /// Our id.
        refund: RefundId,
    },
    /// Money is not given back.
    RefundFailed {
        /// Our id.
        refund: RefundId,
        /// Why, in the provider's words.
        code: String,
    },
    /// How much was given back in all, by this service or in the provider's console.
    RefundedInAll {
        /// How much.
        amount: i64,
    },
    /// Money that was on its way back did not get through.
    RefundReversed {
        /// Our id, if it is one of ours.
        refund: Option<RefundId>,
        /// Why, in the provider's words.
        code: String,
        /// Minor units that are given back in all now.
        left: i64,
    },
    /// The customer's bank took money back.
    DisputeOpened {
        /// The provider's id of it.
        dispute: String,
        /// How much.
        amount: i64,
        /// Why, in the provider's words.
        reason: String,
    },
    /// The bank has decided. Word that it took the money may come later, or never.
    DisputeClosed {
        /// The provider's id of it.
        dispute: String,
        /// How much.
        amount: i64,
        /// Why, in the provider's words.
        reason: String,
        /// Whether the shop gets the money back.
        won: bool,
    },
}

/// What happened to a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentEvent {
    /// The amount is held.
    Authorized(PaymentAuthorized),
    /// It was refused.
    Declined(PaymentDeclined),
    /// The money was taken.
    Captured(PaymentCaptured),
    /// The hold was given up.
    Voided(PaymentVoided),
    /// Money was given back.
    Refunded(RefundIssued),
    /// The customer's bank took money back.
    Disputed(ChargebackOpened),
    /// The bank has decided.
    Decided(ChargebackClosed),
}

/// Why a payment cannot change so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// It is already so, or its end was decided otherwise before.
    AlreadyDone,
    /// The goods leave, but nothing was ever held for them.
    NotPaid {
        /// How far it is.
        status: Status,
    },
    /// Only what was captured can be given back or charged back.
    NotCaptured {
        /// How far it is.
        status: Status,
    },
    /// It was paid in another currency.
    WrongCurrency {
        /// In this one.
        currency: Currency,
    },
    /// Less than that can be given back.
    TooMuch {
        /// The most that can be given back.
        refundable: Money,
    },
    /// It was given back in too many parts.
    TooManyRefunds,
}

impl Payment {
    fn new(order: OrderId, customer: UserId, amount: Money, status: Status, now: Timestamp) -> Self {
        Self {
            order,
            customer,
            amount,
            method: None,
            status,
            intent: None,
            capturing: false,
            cancelling: false,
            refunds: Vec::new(),
            refunded_there: 0,
            disputes: Vec::new(),
            ledger: Ledger::new(amount.currency),
            requested_at: now,
            unanswered_attempts: 0,
            refusals: 0,
            next_attempt_at: None,
            version: 1,
        }
    }

    /// There is one payment for an order, over the same UUID.
    pub fn id(&self) -> PaymentId {
        self.order.uuid().into()
    }

    /// What the provider is to be asked now, if anything.
    pub fn next(&self, now: Timestamp) -> Option<Command> {
        let intent = || self.intent.clone().unwrap_or_default();
        match (self.status, &self.method) {
            (Status::Pending, Some(method)) if now < self.requested_at + KEY_LIVES => Some(Command::Authorize {
                key: format!("{}-1", self.order),
                order: self.order,
                amount: self.amount,
                method: method.clone(),
            }),
            (Status::Pending, _) => Some(Command::GiveUp),
            (Status::Authorized, _) if self.cancelling => Some(Command::Void { intent: intent() }),
            (Status::Authorized, _) if self.capturing => Some(Command::Capture { intent: intent() }),
            (Status::Captured, _) => self.refund_to_ask(intent()),
            _ => None,
        }
    }

    /// Sets when the provider is asked again.
    fn waiting(mut self, now: Timestamp) -> Self {
        let pause = FIRST_PAUSE.as_secs().saturating_mul(1 << (self.unanswered_attempts + self.refusals).min(16));
        let pause = SignedDuration::from_secs(pause).min(LONGEST_PAUSE);
        self.next_attempt_at = self.next(now).map(|_| now + pause);
        self
    }
}
