//! The decisions of the operations: what is saved, and the command to the provider that follows.

use contracts::{
    Currency, Money, RefundId,
    events::orders::{OrderCancelled, OrderReserved},
};
use jiff::Timestamp;

use super::{Answer, Command, Payment, PaymentEvent, Rejection, Status};

/// The decision of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The payment after the decision.
    pub payment: Payment,
    /// The new events.
    pub events: Vec<PaymentEvent>,
    /// The time at which the decision is saved.
    pub save: Save,
    /// The next command to the provider. `None` if there is none now. [`Payment::answered`] applies the answer.
    pub command: Option<Command>,
}

/// When a decision is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Save {
    /// At once. If the next command is not sent now, it is sent when the payment is overdue.
    Now,
    /// Together with the provider's first answer. Until then, a redelivery makes the same decision.
    WithAnswer,
}

impl Payment {
    /// Requests the payment of a reserved order. The payment is saved before the provider is called. If the payment
    /// was already requested and the provider may not have been called yet, it is called now.
    pub fn authorize(stored: Option<Self>, reserved: &OrderReserved, now: Timestamp) -> Result<Decision, Rejection> {
        match stored {
            None => {
                let OrderReserved { order, customer, total, payment_method, return_url, deadline } = reserved.clone();
                let payment = Self::new(order, customer, total, Status::Pending, now);
                let (method, order_deadline) = (Some(payment_method), Some(deadline));
                let payment = Self { method, return_url, order_deadline, ..payment }.waiting(now);
                Ok(payment.saved(Vec::new(), now))
            }
            // After an attempt without an answer, the overdue scan continues.
            Some(payment) if payment.status == Status::Pending && payment.unanswered_attempts == 0 => {
                Ok(payment.ask(now))
            }
            Some(_) => Err(Rejection::AlreadyDone),
        }
    }

    /// Captures the money of a dispatched order, now or as soon as it is held. If the provider is not called now, this is
    /// saved at once.
    pub fn capture(stored: Option<Self>, now: Timestamp) -> Result<Decision, Rejection> {
        let payment = stored.ok_or(Rejection::NotPaid { status: Status::Pending })?;
        match payment.status {
            Status::Pending | Status::ActionRequired | Status::Authorized
                if !payment.capturing && !payment.cancelling =>
            {
                let decision = Self { capturing: true, ..payment }.ask(now);
                let save = if decision.command.is_some() { Save::WithAnswer } else { Save::Now };
                Ok(Decision { save, ..decision })
            }
            // The provider released the hold, so the order is dispatched without payment. An operator must handle
            // this.
            Status::Voided if !payment.cancelling => Err(Rejection::NotPaid { status: payment.status }),
            // The parcel of a cancelled order is recalled.
            Status::Pending | Status::ActionRequired | Status::Authorized | Status::Captured | Status::Voided => {
                Err(Rejection::AlreadyDone)
            }
            Status::Declined | Status::Refused => Err(Rejection::NotPaid { status: payment.status }),
        }
    }

    /// Voids or refunds the payment of a cancelled order: now, when the outcome is known, or when a dispute is
    /// closed. A void is saved together with the provider's answer. A refund is saved before the provider is called,
    /// so that its failure can be matched, even if a webhook reports it first. If the cancellation arrives before the
    /// payment, a tombstone is stored, which refuses a later [`Payment::authorize`].
    pub fn cancel(stored: Option<Self>, cancelled: &OrderCancelled, now: Timestamp) -> Result<Decision, Rejection> {
        let Some(payment) = stored else {
            // No client sees this payment, so its currency does not matter.
            let nothing = Money::zero(Currency::Eur);
            let tombstone = Self::new(cancelled.order, cancelled.customer, nothing, Status::Refused, now);
            return Ok(tombstone.saved(Vec::new(), now));
        };
        if payment.cancelling || matches!(payment.status, Status::Declined | Status::Refused) {
            return Err(Rejection::AlreadyDone);
        }
        let payment = Self { cancelling: true, refusals: 0, ..payment }.giving_all_back();
        match payment.status {
            Status::Pending | Status::ActionRequired | Status::Authorized => Ok(payment.ask(now)),
            _ => Ok(payment.waiting(now).saved(Vec::new(), now)),
        }
    }

    /// Asks the provider whether the customer has approved the payment. `None` if it does not wait for the customer. If the
    /// order is cancelled, it does not: the payment is being voided, and another question would put that off.
    pub fn confirm(&self) -> Option<Command> {
        let waits = self.status == Status::ActionRequired && !self.cancelling;
        let intent = self.intent.clone().filter(|_| waits)?;
        Some(Command::Retrieve { intent })
    }

    /// Applies a webhook: see [`crate::webhook::About::answers`]. The next command, such as to void a hold that came
    /// too late, is sent at once. `external_refund_id` is as in [`Payment::learn`].
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

    /// Returns the decision to send the next command, which is saved together with the first answer.
    pub fn ask(self, now: Timestamp) -> Decision {
        Decision { save: Save::WithAnswer, ..self.saved(Vec::new(), now) }
    }

    /// Applies the provider's answers to a command. If the same command is still needed after an answer, for example
    /// because an amount to capture is still held, this counts as no answer. After no answer, and after a refusal,
    /// the provider is not asked again now, but when the payment is overdue. `external_refund_id` is as in
    /// [`Payment::learn`].
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

    /// A decision that is saved at once, with the next command.
    pub(super) fn saved(self, events: Vec<PaymentEvent>, now: Timestamp) -> Decision {
        Decision { command: self.next(now), payment: self, events, save: Save::Now }
    }
}
