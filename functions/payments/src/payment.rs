//! A payment: its wishes, the provider's answers, and the next command to the provider.
//!
//! Wishes (authorise, capture, cancel, refund) and answers (of a call or a webhook) can arrive in any order, late and
//! more than once. Wishes are stored. [`Payment::next`] returns the next command for them, and [`Payment::learn`]
//! applies an answer. The result of each operation is a [`Decision`].

mod approval;
mod decide;
mod learn;
mod refund;
mod status;
#[cfg(test)]
mod tests;

use contracts::{
    Currency, Money, OrderId, PaymentId, RefundId, Sealed, UserId,
    events::payments::{
        ChargebackClosed, ChargebackOpened, PaymentActionRequired, PaymentAuthorized, PaymentCaptured, PaymentDeclined,
        PaymentVoided, RefundIssued,
    },
};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ledger::Ledger;
pub use approval::{APPROVED_WITHIN, NextAction};
pub use decide::{Decision, Save};
pub use refund::{Refund, RefundStatus};
pub use status::Status;

/// The time for which a charge is requested again. The provider keeps idempotency keys for 24 hours; after that, the
/// same request would make a new charge.
pub const KEY_LIVES: SignedDuration = SignedDuration::from_hours(23);
/// The delay after which the provider is asked again if there is no outcome. It doubles each time.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// The payment of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// The order.
    pub order: OrderId,
    pub(crate) customer: UserId,
    /// The total of the order.
    pub amount: Money,
    /// The provider's reference of the payment method, until the provider has decided.
    method: Option<Sealed<String>>,
    /// The page that the customer returns to after an approval, until the provider has decided.
    #[serde(default)]
    return_url: Option<Sealed<String>>,
    /// How the customer approves the payment, until the provider has decided.
    #[serde(default)]
    next_action: Option<Sealed<NextAction>>,
    /// The end of the time in which the customer can approve the payment.
    #[serde(default)]
    action_expires_at: Option<Timestamp>,
    /// The time until which the order waits for the payment, until the provider has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_deadline: Option<Timestamp>,
    /// The customer was asked to approve the payment before it was declined. The provider's intent can still be paid, so
    /// it must be cancelled.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    withdrawing: bool,
    /// The status.
    pub status: Status,
    /// The provider's id of the intent, once it is known.
    intent: Option<String>,
    /// The order was dispatched.
    capturing: bool,
    /// The order was cancelled.
    cancelling: bool,
    /// The refunds, oldest first.
    pub refunds: Vec<Refund>,
    /// The total that the provider has refunded, as last reported.
    #[serde(default)]
    refunded_there: i64,
    disputes: Vec<Dispute>,
    /// All transactions.
    pub ledger: Ledger,
    requested_at: Timestamp,
    /// The number of consecutive requests that the provider did not answer or did not carry out.
    #[serde(rename = "silences")]
    unanswered_attempts: u32,
    /// The number of consecutive failed refunds, since any other change.
    #[serde(default)]
    refusals: u32,
    /// The time at which the provider is asked again, if the current function ends before it saves the answer.
    #[serde(rename = "due")]
    pub next_attempt_at: Option<Timestamp>,
    /// The version. Each event, or each change without events, raises it by one.
    pub version: Version,
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dispute {
    id: String,
    amount: i64,
    open: bool,
}

/// A command to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Authorise the amount. The key is the same each time, so the amount is held only once.
    Authorize {
        /// The idempotency key.
        key: String,
        /// The order.
        order: OrderId,
        /// The amount.
        amount: Money,
        /// The payment method.
        method: Sealed<String>,
        /// The page that the customer returns to after an approval.
        return_url: Option<Sealed<String>>,
    },
    /// Read the intent, because the customer may have approved it.
    Retrieve {
        /// The provider's id of the intent.
        intent: String,
    },
    /// Capture the held amount.
    Capture {
        /// The provider's id of the intent.
        intent: String,
    },
    /// Release the hold.
    Void {
        /// The provider's id of the intent.
        intent: String,
    },
    /// Refund an amount.
    Refund {
        /// The provider's id of the intent.
        intent: String,
        /// Our id of the refund, which is also the idempotency key.
        refund: RefundId,
        /// The amount.
        amount: Money,
    },
    /// Look for the intent of an order. The provider no longer keeps the idempotency key, so the request for it would be a
    /// new charge.
    Find {
        /// The order.
        order: OrderId,
    },
}

/// An answer of the provider, from a reply or a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// There is no answer, or it does not decide anything.
    Unknown,
    /// The customer must approve the payment.
    ActionRequired {
        /// The provider's id of the intent.
        intent: String,
        /// How the customer approves it.
        action: Sealed<NextAction>,
    },
    /// The amount is held.
    Held {
        /// The provider's id of the intent.
        intent: String,
    },
    /// The money was captured.
    Taken {
        /// The provider's id of the intent.
        intent: String,
        /// The amount in minor units.
        amount: i64,
    },
    /// The hold was released.
    Cancelled {
        /// The provider's id of the intent.
        intent: String,
    },
    /// The payment was declined.
    Declined {
        /// The provider's id of the intent, if it made one.
        intent: Option<String>,
        /// The provider's code or reason.
        code: String,
    },
    /// A refund was made.
    Refunded {
        /// Our id of the refund.
        refund: RefundId,
    },
    /// A refund was refused.
    RefundFailed {
        /// Our id of the refund.
        refund: RefundId,
        /// The provider's code or reason.
        code: String,
    },
    /// The total that was refunded, by this service or in the provider's console.
    RefundedInAll {
        /// The amount.
        amount: i64,
    },
    /// A refund failed after it was made.
    RefundReversed {
        /// Our id of the refund, if this service made it.
        refund: Option<RefundId>,
        /// The provider's code or reason.
        code: String,
        /// The total that is refunded now, in minor units.
        left: i64,
    },
    /// The customer's bank took money back and opened a dispute.
    DisputeOpened {
        /// The provider's id of the dispute.
        dispute: String,
        /// The amount.
        amount: i64,
        /// The provider's code or reason.
        reason: String,
    },
    /// A dispute was closed. The webhook that it was opened can arrive later, or never.
    DisputeClosed {
        /// The provider's id of the dispute.
        dispute: String,
        /// The amount.
        amount: i64,
        /// The provider's code or reason.
        reason: String,
        /// Whether the shop won the dispute and gets the money back.
        won: bool,
    },
}

impl Answer {
    /// The answer if the provider has no intent for the order.
    pub fn not_found() -> Self {
        Self::Declined { intent: None, code: "provider-unreachable".to_owned() }
    }
}

contracts::event_set! {
    /// An event of a payment.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum PaymentEvent {
        /// The customer must approve the payment.
        ActionRequired(PaymentActionRequired),
        /// The amount is held.
        Authorized(PaymentAuthorized),
        /// The payment was declined.
        Declined(PaymentDeclined),
        /// The money was captured.
        Captured(PaymentCaptured),
        /// The hold was released.
        Voided(PaymentVoided),
        /// A refund was made.
        Refunded(RefundIssued),
        /// The customer's bank took money back and opened a dispute.
        Disputed(ChargebackOpened),
        /// A dispute was closed.
        Decided(ChargebackClosed),
    }
}

/// The reason why a payment cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Nothing would change, or the payment has already ended in another way.
    AlreadyDone,
    /// The order was dispatched, but no money is held for it.
    NotPaid {
        /// The status.
        status: Status,
    },
    /// Only a captured payment can be refunded or disputed.
    NotCaptured {
        /// The status.
        status: Status,
    },
    /// The order was paid in another currency.
    WrongCurrency {
        /// The currency of the payment.
        currency: Currency,
    },
    /// The amount is more than can be refunded.
    TooMuch {
        /// The maximum amount that can be refunded.
        refundable: Money,
    },
    /// The payment has the maximum number of refunds.
    TooManyRefunds,
}

impl Payment {
    fn new(order: OrderId, customer: UserId, amount: Money, status: Status, now: Timestamp) -> Self {
        Self {
            order,
            customer,
            amount,
            method: None,
            return_url: None,
            next_action: None,
            action_expires_at: None,
            order_deadline: None,
            withdrawing: false,
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
            version: Version::default(),
        }
    }

    /// The id of an order's payment. It has the UUID of the order, so each order has one payment.
    pub fn id(&self) -> PaymentId {
        self.order.uuid().into()
    }

    /// The next command to the provider, if there is one.
    pub fn next(&self, now: Timestamp) -> Option<Command> {
        let intent = || self.intent.clone().unwrap_or_default();
        match (self.status, &self.method) {
            (Status::Pending, Some(method)) if now < self.requested_at + KEY_LIVES => Some(Command::Authorize {
                key: format!("{}-1", self.order),
                order: self.order,
                amount: self.amount,
                method: method.clone(),
                return_url: self.return_url.clone(),
            }),
            (Status::Pending, _) => Some(Command::Find { order: self.order }),
            (Status::ActionRequired | Status::Authorized, _) if self.cancelling => {
                Some(Command::Void { intent: intent() })
            }
            (Status::Declined, _) if self.withdrawing => Some(Command::Void { intent: intent() }),
            // Until then, the customer's browser or a webhook reports the outcome.
            (Status::ActionRequired, _) if self.action_expires_at.is_none_or(|at| at <= now) => {
                Some(Command::Retrieve { intent: intent() })
            }
            (Status::Authorized, _) if self.capturing => Some(Command::Capture { intent: intent() }),
            (Status::Captured, _) => self.refund_to_ask(intent()),
            _ => None,
        }
    }

    /// Sets the time at which the provider is asked again.
    fn waiting(mut self, now: Timestamp) -> Self {
        let pause = FIRST_PAUSE.as_secs().saturating_mul(1 << (self.unanswered_attempts + self.refusals).min(16));
        let pause = SignedDuration::from_secs(pause).min(LONGEST_PAUSE);
        self.next_attempt_at = match self.next(now) {
            Some(_) => Some(now + pause),
            None => self.action_expires_at,
        };
        self
    }
}
