//! Applies the provider's answers to a payment: replies and webhooks, in any order.

use contracts::{
    RefundId, Sealed,
    events::payments::{
        ChargebackClosed, ChargebackOpened, PaymentActionRequired, PaymentAuthorized, PaymentCaptured, PaymentDeclined,
        PaymentVoided, RefundIssued,
    },
};
use jiff::Timestamp;

use super::{
    APPROVED_WITHIN, Answer, Dispute, NextAction, Payment, PaymentEvent, Refund, RefundStatus, Rejection, Status,
    approval::NOT_AUTHENTICATED,
};
use crate::ledger::{Account, Kind};

impl Payment {
    /// Applies answers of the provider. An answer without news is skipped; if all are skipped, this returns
    /// [`Rejection::AlreadyDone`]. `external_refund_id` becomes the id of a refund that was made in the provider's
    /// console.
    pub fn learn(
        mut self,
        answers: impl IntoIterator<Item = Answer>,
        external_refund_id: RefundId,
        now: Timestamp,
    ) -> Result<(Self, Vec<PaymentEvent>), Rejection> {
        let (mut events, mut news) = (Vec::new(), false);
        for answer in answers {
            let silent = answer == Answer::Unknown;
            let refusals = match answer {
                Answer::RefundFailed { .. } | Answer::RefundReversed { .. } => self.refusals + 1,
                Answer::Unknown | Answer::Refunded { .. } => self.refusals,
                _ => 0,
            };
            let new = match answer {
                Answer::Unknown => self.next(now).is_some(),
                Answer::ActionRequired { intent, action } => self.action_required(intent, action, now, &mut events),
                Answer::Held { intent } => self.held(intent, now, &mut events),
                Answer::Taken { intent, amount } => self.taken(intent, amount, now, &mut events),
                Answer::Cancelled { intent } => self.cancelled(intent, now, &mut events),
                Answer::Declined { intent, code } => self.declined(intent, code, &mut events),
                Answer::Refunded { refund } => self.refunded(refund, now, &mut events),
                Answer::RefundFailed { refund, code } => {
                    let pending = self.refunds.iter().any(|kept| kept.id == refund && kept.is_pending());
                    let failed = pending && self.fail_refund(refund, &code, now);
                    // A refund that the provider made in the meantime was not this one.
                    self.refunded_in_all(self.refunded_there, external_refund_id, now, &mut events) || failed
                }
                Answer::RefundedInAll { amount } => self.refunded_in_all(amount, external_refund_id, now, &mut events),
                Answer::RefundReversed { refund, code, left } => {
                    self.refund_reversed(refund, &code, left, external_refund_id, now, &mut events)
                }
                Answer::DisputeOpened { dispute, amount, reason } => {
                    self.dispute_opened(dispute, amount, reason, now, &mut events)?
                }
                Answer::DisputeClosed { dispute, amount, reason, won } => {
                    let opened = self.dispute_opened(dispute.clone(), amount, reason, now, &mut events)?;
                    self.dispute_closed(dispute, won, now, &mut events) || opened
                }
            };
            if new {
                news = true;
                self.unanswered_attempts = if silent { self.unanswered_attempts + 1 } else { 0 };
                self.refusals = refusals;
            }
        }
        if !news {
            return Err(Rejection::AlreadyDone);
        }
        if self.cancelling {
            self = self.giving_all_back();
        }
        Ok((self.waiting(now), events))
    }

    fn action_required(
        &mut self,
        intent: String,
        action: Sealed<NextAction>,
        now: Timestamp,
        events: &mut Vec<PaymentEvent>,
    ) -> bool {
        if self.status != Status::Pending {
            return false;
        }
        let expires_at = now + APPROVED_WITHIN;
        let expires_at = self.order_deadline.map_or(expires_at, |deadline| expires_at.min(deadline));
        self.set_status(Status::ActionRequired, Some(intent));
        (self.next_action, self.action_expires_at) = (Some(action), Some(expires_at));
        if !self.cancelling {
            let (payment, order) = (self.id(), self.order);
            events.push(PaymentEvent::ActionRequired(PaymentActionRequired { payment, order, expires_at }));
        }
        true
    }

    fn held(&mut self, intent: String, now: Timestamp, events: &mut Vec<PaymentEvent>) -> bool {
        match self.status {
            Status::Pending | Status::ActionRequired => events.push(PaymentEvent::Authorized(PaymentAuthorized {
                payment: self.id(),
                order: self.order,
                amount: self.amount,
            })),
            // The provider was no longer asked, or the customer paid by another card after the decline.
            Status::Declined => self.cancelling = true,
            _ => return false,
        }
        self.set_status(Status::Authorized, Some(intent));
        self.ledger.book(Kind::Authorization, self.amount.amount, now);
        true
    }

    fn taken(&mut self, intent: String, amount: i64, now: Timestamp, events: &mut Vec<PaymentEvent>) -> bool {
        if self.status != Status::Authorized && !self.held(intent.clone(), now, events) {
            return false;
        }
        self.set_status(Status::Captured, Some(intent));
        self.ledger.book(Kind::Capture, amount, now);
        self.ledger.book(Kind::Void, self.ledger.balance(Account::Held), now);
        let (payment, order) = (self.id(), self.order);
        events.push(PaymentEvent::Captured(PaymentCaptured { payment, order, amount: self.money(amount) }));
        true
    }

    fn cancelled(&mut self, intent: String, now: Timestamp, events: &mut Vec<PaymentEvent>) -> bool {
        match self.status {
            // The order waits for the result of the payment.
            Status::Pending | Status::ActionRequired if !self.cancelling => {
                self.decline(Some(intent), "canceled".to_owned(), events);
                return true;
            }
            Status::Pending | Status::ActionRequired | Status::Authorized => {}
            // The payment was declined, and now it cannot be paid any more.
            Status::Declined => return std::mem::take(&mut self.withdrawing),
            _ => return false,
        }
        self.set_status(Status::Voided, Some(intent));
        self.ledger.book(Kind::Void, self.ledger.balance(Account::Held), now);
        events.push(PaymentEvent::Voided(PaymentVoided { payment: self.id(), order: self.order }));
        true
    }

    fn declined(&mut self, intent: Option<String>, code: String, events: &mut Vec<PaymentEvent>) -> bool {
        if !matches!(self.status, Status::Pending | Status::ActionRequired) {
            return false;
        }
        let asked = self.status == Status::ActionRequired || code == NOT_AUTHENTICATED;
        self.decline(intent, code, events);
        self.withdrawing = asked && self.intent.is_some();
        true
    }

    fn decline(&mut self, intent: Option<String>, code: String, events: &mut Vec<PaymentEvent>) {
        self.set_status(Status::Declined, intent);
        events.push(PaymentEvent::Declined(PaymentDeclined { payment: self.id(), order: self.order, code }));
    }

    /// Sets the status, and removes what is not needed after the provider's decision.
    fn set_status(&mut self, status: Status, intent: Option<String>) {
        self.status = status;
        self.intent = intent;
        self.method = None;
        self.return_url = None;
        self.next_action = None;
        self.action_expires_at = None;
        self.order_deadline = None;
        self.withdrawing = false;
    }

    fn refunded(&mut self, refund: RefundId, now: Timestamp, events: &mut Vec<PaymentEvent>) -> bool {
        let pending = |kept: &&mut Refund| kept.id == refund && kept.is_pending();
        let Some(kept) = self.refunds.iter_mut().find(pending) else { return false };
        kept.status = RefundStatus::Issued;
        let amount = kept.amount;
        self.ledger.book(Kind::Refund, amount.amount, now);
        let (payment, order, customer) = (self.id(), self.order, self.customer);
        events.push(PaymentEvent::Refunded(RefundIssued { payment, order, refund, customer, amount }));
        true
    }

    /// Records a failed refund. Other refunds that the provider no longer counts have failed too, even if they were
    /// made in its console.
    fn refund_reversed(
        &mut self,
        refund: Option<RefundId>,
        code: &str,
        left: i64,
        external_refund_id: RefundId,
        now: Timestamp,
        events: &mut Vec<PaymentEvent>,
    ) -> bool {
        let mut failed = refund.is_some_and(|refund| self.fail_refund(refund, code, now));
        let issued: Vec<_> = self.refunds.iter().filter(|kept| kept.status == RefundStatus::Issued).cloned().collect();
        for kept in issued.into_iter().rev() {
            if kept.amount.amount <= self.ledger.refunded().amount - left {
                failed |= self.fail_refund(kept.id, code, now);
            }
        }
        self.refunded_there = self.refunded_there.min(left);
        self.refunded_in_all(left, external_refund_id, now, events) || failed
    }

    /// Applies the refunded total. If it covers all refunds of this service, they were all made, and the rest was
    /// made elsewhere. If it is less, it is not known which refunds were made, so the total is stored until they are
    /// known.
    fn refunded_in_all(
        &mut self,
        amount: i64,
        external_refund_id: RefundId,
        now: Timestamp,
        events: &mut Vec<PaymentEvent>,
    ) -> bool {
        let issued = self.ledger.refunded().amount;
        let ours = issued + self.pending_refunds();
        if self.status != Status::Captured || amount <= issued {
            return false;
        }
        if amount < ours {
            let more = amount > self.refunded_there;
            self.refunded_there = self.refunded_there.max(amount);
            return more;
        }
        let pending: Vec<_> = self.refunds.iter().filter(|refund| refund.is_pending()).collect();
        let mut done: Vec<_> = pending.into_iter().map(|refund| refund.id).collect();
        if amount > ours {
            let (reason, status) = ("made-at-provider".to_owned(), RefundStatus::Pending);
            self.refunds.push(Refund { id: external_refund_id, amount: self.money(amount - ours), reason, status });
            done.push(external_refund_id);
        }
        for refund in done {
            self.refunded(refund, now, events);
        }
        true
    }

    fn dispute_opened(
        &mut self,
        dispute: String,
        amount: i64,
        reason: String,
        now: Timestamp,
        events: &mut Vec<PaymentEvent>,
    ) -> Result<bool, Rejection> {
        if self.disputes.iter().any(|known| known.id == dispute) {
            return Ok(false);
        }
        if self.status != Status::Captured {
            return Err(Rejection::NotCaptured { status: self.status });
        }
        self.disputes.push(Dispute { id: dispute.clone(), amount, open: true });
        self.ledger.book(Kind::Chargeback, amount, now);
        let (payment, order, amount) = (self.id(), self.order, self.money(amount));
        events.push(PaymentEvent::Disputed(ChargebackOpened { payment, order, dispute, amount, reason }));
        Ok(true)
    }

    fn dispute_closed(&mut self, dispute: String, won: bool, now: Timestamp, events: &mut Vec<PaymentEvent>) -> bool {
        let open = |known: &&mut Dispute| known.id == dispute && known.open;
        let Some(known) = self.disputes.iter_mut().find(open) else { return false };
        known.open = false;
        let kind = if won { Kind::ChargebackWon } else { Kind::ChargebackLost };
        self.ledger.book(kind, known.amount, now);
        let (payment, order) = (self.id(), self.order);
        events.push(PaymentEvent::Decided(ChargebackClosed { payment, order, dispute, won }));
        true
    }
}
