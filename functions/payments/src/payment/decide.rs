//! What each operation decides about a payment: what is saved, and what the provider is asked then.

use contracts::{
    Currency, Money, RefundId,
    events::orders::{OrderCancelled, OrderReserved},
};
use jiff::Timestamp;

use super::{Answer, Command, Payment, PaymentEvent, Rejection, Status};

/// What an operation decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The payment after it.
    pub payment: Payment,
    /// What happened to it.
    pub events: Vec<PaymentEvent>,
    /// When this is saved.
    pub save: Save,
    /// What the provider is asked next; `None` if it is asked nothing now. [`Payment::answered`] takes its answer.
    pub command: Option<Command>,
}

/// When a decision is saved, and what another delivery of the message that led to it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Save {
    /// Now, and nothing is left to another delivery. What is left to ask is asked when the payment is overdue, if it is not
    /// asked now.
    Now,
    /// Now, but another delivery goes on until the provider has answered.
    BeforeAsking,
    /// With the provider's first answer. Until then another delivery decides the same.
    WithAnswer,
}

impl Payment {
    /// Requests the payment of a reserved order. What is wanted is saved before the provider is asked. A payment that was
    /// requested before, and for which the provider may not have been asked yet, goes on.
    pub fn authorize(stored: Option<Self>, reserved: &OrderReserved, now: Timestamp) -> Result<Decision, Rejection> {
        match stored {
            None => {
                let OrderReserved { order, customer, total, payment_method, .. } = reserved.clone();
                let payment = Self::new(order, customer, total, Status::Pending, now);
                let payment = Self { method: Some(payment_method), ..payment }.waiting(now);
                Ok(Decision { save: Save::BeforeAsking, ..payment.ask(now) })
            }
            // After an attempt without an answer, the overdue scan goes on.
            Some(payment) if payment.status == Status::Pending && payment.unanswered_attempts == 0 => {
                Ok(payment.ask(now))
            }
            Some(_) => Err(Rejection::AlreadyDone),
        }
    }

    /// The goods have left: takes the money, now or as soon as it is held.
    pub fn capture(stored: Option<Self>, now: Timestamp) -> Result<Decision, Rejection> {
        let payment = stored.ok_or(Rejection::NotPaid { status: Status::Pending })?;
        match payment.status {
            Status::Pending | Status::Authorized if !payment.capturing && !payment.cancelling => {
                Ok(Self { capturing: true, ..payment }.ask(now))
            }
            // The provider let the hold lapse: the goods leave for nothing, and people must look at it.
            Status::Voided if !payment.cancelling => Err(Rejection::NotPaid { status: payment.status }),
            // The parcel of a cancelled order was called back.
            Status::Pending | Status::Authorized | Status::Captured | Status::Voided => Err(Rejection::AlreadyDone),
            Status::Declined | Status::Refused => Err(Rejection::NotPaid { status: payment.status }),
        }
    }

    /// The order is cancelled: gives up or gives back what there is, now, as soon as it is known, or when a bank lets go
    /// of it. A hold to be given up is saved with the provider's answer. A refund is saved before the provider is asked, so
    /// that one which fails is known here, whatever tells of it first. A cancellation that comes before the payment leaves
    /// a tombstone, which refuses a later [`Payment::authorize`].
    pub fn cancel(stored: Option<Self>, cancelled: &OrderCancelled, now: Timestamp) -> Result<Decision, Rejection> {
        let Some(payment) = stored else {
            // No client sees it, so its currency does not matter.
            let nothing = Money::zero(Currency::Eur);
            let tombstone = Self::new(cancelled.order, cancelled.customer, nothing, Status::Refused, now);
            return Ok(tombstone.saved(Vec::new(), now));
        };
        if payment.cancelling || matches!(payment.status, Status::Declined | Status::Refused) {
            return Err(Rejection::AlreadyDone);
        }
        let payment = Self { cancelling: true, refusals: 0, ..payment }.giving_all_back();
        match payment.status {
            Status::Pending | Status::Authorized => Ok(payment.ask(now)),
            _ => Ok(Self { version: payment.version + 1, ..payment }.waiting(now).saved(Vec::new(), now)),
        }
    }

    /// Takes what a webhook says: see [`crate::webhook::About::answers`]. What is left to ask, such as to void a hold that
    /// came too late, is asked at once. `external_refund_id` is as in [`Payment::learn`].
    pub fn apply_webhook(
        stored: Option<Self>,
        answers: impl IntoIterator<Item = Answer>,
        external_refund_id: RefundId,
        now: Timestamp,
    ) -> Result<Decision, Rejection> {
        let answers = answers.into_iter().filter(|answer| *answer != Answer::Unknown);
        let payment = stored.ok_or(Rejection::AlreadyDone)?;
        let (payment, events) = payment.learn(answers, external_refund_id, now)?;
        Ok(payment.saved(events, now))
    }

    /// Asks the provider for what the payment waits for.
    pub fn ask(self, now: Timestamp) -> Decision {
        Decision { save: Save::WithAnswer, ..self.saved(Vec::new(), now) }
    }

    /// Takes the provider's answers to a command. An answer that leaves the command to be asked again, such as that a hold
    /// to be captured is still a hold, counts as no answer: the wish is kept. After no answer, and after a refusal, the
    /// provider is not asked again now, but when the payment is overdue. `external_refund_id` is as in [`Payment::learn`].
    pub fn answered(
        self,
        command: &Command,
        answers: Vec<Answer>,
        external_refund_id: RefundId,
        now: Timestamp,
    ) -> Result<Decision, Rejection> {
        let refused = answers.iter().any(|answer| matches!(answer, Answer::RefundFailed { .. }));
        let learned = match self.clone().learn(answers, external_refund_id, now) {
            Err(Rejection::AlreadyDone) => self.learn([Answer::Unknown], external_refund_id, now),
            learned => learned,
        };
        let (payment, events) = learned?;
        let decision = payment.saved(events, now);
        let command = decision.command.filter(|next| next != command && !refused);
        Ok(Decision { command, ..decision })
    }

    /// Saved now, with what is to be asked then.
    pub(super) fn saved(self, events: Vec<PaymentEvent>, now: Timestamp) -> Decision {
        Decision { command: self.next(now), payment: self, events, save: Save::Now }
    }
}
