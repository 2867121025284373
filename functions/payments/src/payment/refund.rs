//! Refunds: in parts, and never more than was captured.

use contracts::{Money, RefundId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Command, Decision, Payment, Rejection, Status};
use crate::ledger::{Account, Kind};

/// Most refunds of one payment: they are stored with it.
const MOST: usize = 50;
/// How often in a row a cancelled order's money is refused until people look at it: some six hours.
const MOST_REFUSALS: u32 = 12;

/// Whether money was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RefundStatus {
    /// The provider is asked, or was and did not answer.
    Pending,
    /// The money is on its way.
    Issued,
    /// The provider refused, or the money did not get through.
    Failed,
}

/// Money given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refund {
    pub id: RefundId,
    /// How much.
    pub amount: Money,
    /// Why, in a few words.
    pub reason: String,
    /// Whether it is given back.
    pub status: RefundStatus,
}

impl Refund {
    pub(super) fn is_pending(&self) -> bool {
        self.status == RefundStatus::Pending
    }

    /// Whether the money was not given back, or came back.
    pub fn has_failed(&self) -> bool {
        self.status == RefundStatus::Failed
    }
}

impl Payment {
    /// Gives some of the money back. The refund is saved before the provider is asked.
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
        self.version += 1;
        Ok((self.waiting(now).saved(Vec::new(), now), refund))
    }

    /// What can still be given back, in minor units: refunds under way are gone already, and so is what a bank disputes.
    pub(super) fn refundable(&self) -> i64 {
        self.ledger.balance(Account::Cash) - self.pending_refunds()
    }

    pub(super) fn pending_refunds(&self) -> i64 {
        let pending = self.refunds.iter().filter(|refund| refund.is_pending());
        pending.map(|refund| refund.amount.amount).sum()
    }

    /// Gives back whatever is left of a cancelled order's money. What failed was not given, so it is asked for again: under
    /// an id of its own, because the provider repeats its first answer to an old one; and not before the failure is
    /// known, because until then it is under way. After many refusals in a row people look at it.
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
    /// say which they are in place of that one's version and first random bits. No other UUID is of their version, 8.
    fn unused_refund_id(&self) -> RefundId {
        let (uuid, mut id) = (self.order.uuid().as_u128(), RefundId::from(self.order.uuid()));
        let mut number: u128 = 1;
        while self.refunds.iter().any(|refund| refund.id == id) {
            number += 1;
            id = Uuid::from_u128((uuid & !(0xffff << 64)) | (0x8 << 76) | (number << 64)).into();
        }
        id
    }

    /// Fails a refund that was given or asked for, and is not given after all; whether there was one.
    pub(super) fn fail_refund(&mut self, id: RefundId, code: &str, now: Timestamp) -> bool {
        let open = |kept: &&mut Refund| kept.id == id && kept.status != RefundStatus::Failed;
        let Some(kept) = self.refunds.iter_mut().find(open) else { return false };
        let was = std::mem::replace(&mut kept.status, RefundStatus::Failed);
        if was == RefundStatus::Issued {
            self.ledger.book(Kind::RefundReversed, kept.amount.amount, now);
        }
        // An alarm counts these words.
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
