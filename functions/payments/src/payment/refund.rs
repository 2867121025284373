//! Refunds: in parts, and never more than was captured.

use contracts::{Money, RefundId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Command, Payment, Rejection, Status};
use crate::ledger::Account;

/// Most refunds of one payment: they are stored with it.
const MOST: usize = 50;

/// Whether money was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RefundStatus {
    /// The provider is asked, or was and did not answer.
    Pending,
    /// The money is on its way.
    Issued,
    /// The provider refused.
    Failed,
}

/// Money given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    /// Which.
    pub id: RefundId,
    /// How much.
    pub amount: Money,
    /// Why, in a few words.
    pub reason: String,
    /// Whether it is given back.
    pub status: RefundStatus,
}

impl Payment {
    /// Gives some of the money back. What is wanted is saved before the provider is asked.
    pub fn refund(
        mut self,
        id: RefundId,
        amount: Money,
        reason: &str,
        now: Timestamp,
    ) -> Result<(Self, Refund), Rejection> {
        if self.status != Status::Captured {
            return Err(Rejection::NotCaptured { status: self.status });
        }
        if amount.currency != self.amount.currency {
            return Err(Rejection::WrongCurrency { currency: self.amount.currency });
        }
        if amount.amount > self.refundable() {
            return Err(Rejection::TooMuch { refundable: self.money(self.refundable()) });
        }
        if self.refunds.len() >= MOST {
            return Err(Rejection::TooManyRefunds);
        }
        let refund = Refund { id, amount, reason: reason.to_owned(), status: RefundStatus::Pending };
        self.refunds.push(refund.clone());
        self.version += 1;
        Ok((self.waiting(now), refund))
    }

    /// What can still be given back, in minor units: refunds under way are gone already, and so is what a bank disputes.
    pub(super) fn refundable(&self) -> i64 {
        self.ledger.balance(Account::Cash) - self.pending_refunds()
    }

    pub(super) fn pending_refunds(&self) -> i64 {
        let pending = self.refunds.iter().filter(|refund| refund.status == RefundStatus::Pending);
        pending.map(|refund| refund.amount.amount).sum()
    }

    /// Gives back whatever is left. There is one such refund of a payment, over the same UUID.
    pub(super) fn giving_all_back(mut self) -> Self {
        let (id, left) = (RefundId::from(self.order.uuid()), self.refundable());
        if left > 0 && self.refunds.iter().all(|refund| refund.id != id) {
            let reason = "order-cancelled".to_owned();
            self.refunds.push(Refund { id, amount: self.money(left), reason, status: RefundStatus::Pending });
        }
        self
    }

    pub(super) fn refund_to_ask(&self, intent: String) -> Option<Command> {
        let refund = self.refunds.iter().find(|refund| refund.status == RefundStatus::Pending)?;
        Some(Command::Refund { intent, refund: refund.id, amount: refund.amount })
    }

    pub(super) fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.amount.currency)
    }
}
