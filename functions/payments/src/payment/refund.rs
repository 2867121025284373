//! Full and partial refunds, never more than was captured.

use contracts::{Money, RefundId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Command, Decision, Payment, Rejection, Status};
use crate::ledger::{Account, Kind};

/// The maximum number of refunds of a payment. They are stored with the payment.
const MOST: usize = 50;
/// The maximum number of consecutive refused refunds of a cancelled order: about six hours. After that, an operator
/// must handle it.
const MOST_REFUSALS: u32 = 12;

/// The status of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RefundStatus {
    /// The request was not sent yet, or it was not answered.
    Pending,
    /// The provider made the refund.
    Issued,
    /// The provider refused the refund, or it failed after it was made.
    Failed,
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    pub id: RefundId,
    /// The amount.
    pub amount: Money,
    /// The reason.
    pub reason: String,
    /// The status.
    pub status: RefundStatus,
}

impl Refund {
    pub(super) fn is_pending(&self) -> bool {
        self.status == RefundStatus::Pending
    }

    /// Whether the refund was refused, or failed after it was made.
    pub fn has_failed(&self) -> bool {
        self.status == RefundStatus::Failed
    }
}

impl Payment {
    /// Refunds an amount. The refund is saved before the provider is called.
    pub fn refund(
        mut self,
        id: RefundId,
        amount: Money,
        reason: &str,
        now: Timestamp,
    ) -> Result<(Decision, Refund), Rejection> {
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
        Ok((self.waiting(now).saved(Vec::new(), now), refund))
    }

    /// The refundable amount, in minor units. Pending refunds and disputed amounts are already subtracted.
    pub(super) fn refundable(&self) -> i64 {
        self.ledger.balance(Account::Cash) - self.pending_refunds()
    }

    pub(super) fn pending_refunds(&self) -> i64 {
        let pending = self.refunds.iter().filter(|refund| refund.is_pending());
        pending.map(|refund| refund.amount.amount).sum()
    }

    /// Refunds the rest of a cancelled order's money. A failed refund is requested again with a new id, because the
    /// provider repeats its first reply to an old id. This happens only when the failure is known; until then the
    /// refund is pending. After too many consecutive refusals, an operator must handle it.
    pub(super) fn giving_all_back(mut self) -> Self {
        let left = self.refundable();
        if self.status != Status::Captured || left <= 0 {
            return self;
        }
        if self.refusals >= MOST_REFUSALS || self.refunds.len() >= MOST {
            tracing::error!(payment = %self.id(), left, "a cancelled order's money is not given back: it is refused");
            return self;
        }
        let (id, reason) = (self.unused_refund_id(), "order-cancelled".to_owned());
        self.refunds.push(Refund { id, amount: self.money(left), reason, status: RefundStatus::Pending });
        self
    }

    /// The next id of a cancelled order's refund, the same each time. The first is over the order's UUID; the others
    /// have their number in place of that one's version and the bits after it. Their version is 15, which no UUID has.
    fn unused_refund_id(&self) -> RefundId {
        let (uuid, mut id) = (self.order.uuid().as_u128(), RefundId::from(self.order.uuid()));
        let mut number: u128 = 1;
        while self.refunds.iter().any(|refund| refund.id == id) {
            number += 1;
            id = Uuid::from_u128((uuid & !(0xffff << 64)) | (0xf << 76) | (number << 64)).into();
        }
        id
    }

    /// Marks a pending or made refund as failed. Returns whether there was one.
    pub(super) fn fail_refund(&mut self, id: RefundId, code: &str, now: Timestamp) -> bool {
        let open = |kept: &&mut Refund| kept.id == id && kept.status != RefundStatus::Failed;
        let Some(kept) = self.refunds.iter_mut().find(open) else { return false };
        let was = std::mem::replace(&mut kept.status, RefundStatus::Failed);
        if was == RefundStatus::Issued {
            self.ledger.book(Kind::RefundReversed, kept.amount.amount, now);
        }
        // An alarm counts log lines with these words.
        tracing::error!(payment = %self.id(), refund = %id, code, "a refund failed");
        true
    }

    pub(super) fn refund_to_ask(&self, intent: String) -> Option<Command> {
        let refund = self.refunds.iter().find(|refund| refund.is_pending())?;
        Some(Command::Refund { intent, refund: refund.id, amount: refund.amount })
    }

    pub(super) fn money(&self, amount: i64) -> Money {
        Money::new(amount, self.amount.currency)
    }
}
