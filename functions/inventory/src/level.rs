//! The level of a SKU: a ledger of accounts. Every change moves units from one account to another, so
//! the sums always close: received + adjusted = available + held + sold.

use contracts::{
    ReplenishmentId, Sku,
    events::inventory::{Account, Movement, StockChanged, StockLow},
};
use serde::{Deserialize, Serialize};

/// When a SKU is ordered again, and how many of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReorderPolicy {
    /// It is low at so many or fewer.
    pub(crate) reorder_point: u32,
    /// So many are ordered then.
    pub(crate) reorder_quantity: u32,
    /// One more each time that it is set: the level's version moves with the stock.
    #[serde(default)]
    revision: u64,
}

/// The level of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Level {
    pub sku: Sku,
    /// Came from suppliers.
    received: i64,
    /// Counted up, less what was counted down.
    adjusted: i64,
    /// Free to be sold.
    pub available: u32,
    /// Held for orders.
    pub held: u32,
    /// Has left with orders.
    pub sold: i64,
    #[serde(default)]
    pub(crate) policy: Option<ReorderPolicy>,
    /// What is under way from the supplier.
    #[serde(default)]
    pub(crate) replenishment: Option<ReplenishmentId>,
    /// One more with each event.
    pub version: u64,
}

/// Why a level cannot change so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// A movement of nothing.
    Nothing,
    /// The account has less than that.
    NotEnough {
        /// So many are free.
        available: u32,
    },
    /// More than can be counted.
    TooMany,
}

/// What a movement states.
pub type Moved = (StockChanged, Option<StockLow>);

impl Level {
    /// The level of a SKU that was never counted.
    pub fn new(sku: Sku) -> Self {
        Self {
            sku,
            received: 0,
            adjusted: 0,
            available: 0,
            held: 0,
            sold: 0,
            policy: None,
            replenishment: None,
            version: 0,
        }
    }

    /// In the house.
    pub fn on_hand(&self) -> u32 {
        self.available.saturating_add(self.held)
    }

    /// Counts up or down: what was `received`, or found to be more or fewer.
    pub fn adjust(self, delta: i64, reason: &str) -> Result<(Self, Moved), Rejection> {
        let quantity = u32::try_from(delta.unsigned_abs()).map_err(|_| Rejection::TooMany)?;
        let outside = if reason == "received" && delta > 0 { Account::Received } else { Account::Adjusted };
        match delta {
            0 => Err(Rejection::Nothing),
            1.. => self.transfer(outside, Account::Available, quantity, reason),
            _ => self.transfer(Account::Available, outside, quantity, reason),
        }
    }

    /// Books units that were held as sold. It states no event: the available quantity does not change.
    pub fn sold(self, quantity: u32) -> Result<Self, Rejection> {
        self.moved(Account::Held, Account::Sold, quantity, "sold").map(|(level, _)| level)
    }

    /// Moves units between two accounts.
    pub fn transfer(self, from: Account, to: Account, quantity: u32, reason: &str) -> Result<(Self, Moved), Rejection> {
        let (mut level, changed) = self.moved(from, to, quantity, reason)?;
        let low = level.low();
        if low.is_some() {
            level.version += 1;
        }
        Ok((level, (changed, low)))
    }

    /// Moves units between two accounts, and leaves it to the next movement to say that it is low.
    pub fn moved(
        mut self,
        from: Account,
        to: Account,
        quantity: u32,
        reason: &str,
    ) -> Result<(Self, StockChanged), Rejection> {
        self.book(from, -i64::from(quantity))?;
        self.book(to, i64::from(quantity))?;
        self.version += 1;
        let changed = StockChanged {
            sku: self.sku.clone(),
            movement: Movement { from, to, quantity },
            reason: reason.to_owned(),
            on_hand: self.on_hand(),
            reserved: self.held,
            available: self.available,
            location: None,
        };
        Ok((self, changed))
    }

    /// That it is at its reorder point or below, and nothing is under way.
    pub fn low(&self) -> Option<StockLow> {
        let low = |policy: &ReorderPolicy| self.available <= policy.reorder_point && self.replenishment.is_none();
        let ReorderPolicy { reorder_quantity, .. } = self.policy.filter(low)?;
        Some(StockLow { sku: self.sku.clone(), available: self.available, reorder_quantity })
    }

    /// Books on one account: outside accounts count what has come from them.
    fn book(&mut self, account: Account, units: i64) -> Result<(), Rejection> {
        let not_enough = Rejection::NotEnough { available: self.available };
        let within = |count: u32| {
            let after = i64::from(count) + units;
            if after < 0 { Err(not_enough.clone()) } else { u32::try_from(after).map_err(|_| Rejection::TooMany) }
        };
        match account {
            Account::Available => self.available = within(self.available)?,
            Account::Held => self.held = within(self.held)?,
            Account::Sold => self.sold += units,
            Account::Received | Account::Returned => self.received -= units,
            Account::Adjusted => self.adjusted -= units,
        }
        Ok(())
    }

    /// How often its policy was set.
    pub(crate) fn policy_revision(&self) -> u64 {
        self.policy.map_or(0, |policy| policy.revision)
    }

    /// Sets when it is ordered again.
    pub(crate) fn with_policy(mut self, reorder_point: u32, reorder_quantity: u32) -> Self {
        let revision = self.policy_revision() + 1;
        self.policy = Some(ReorderPolicy { reorder_point, reorder_quantity, revision });
        self.version += 1;
        self
    }

    /// Remembers what is under way from the supplier.
    pub(crate) fn replenishing(mut self, replenishment: ReplenishmentId) -> Self {
        self.replenishment = Some(replenishment);
        self.version += 1;
        self
    }

    /// Nothing is under way any more: it is saved with what came.
    pub(crate) fn replenished(self) -> Self {
        Self { replenishment: None, ..self }
    }

    /// Whether the ledger closes.
    pub fn closes(&self) -> bool {
        self.received + self.adjusted == i64::from(self.available) + i64::from(self.held) + self.sold
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lamp(available: u32) -> Level {
        let level = Level::new("LAMP".parse().unwrap());
        if available == 0 { level } else { level.adjust(i64::from(available), "received").unwrap().0 }
    }

    #[test]
    fn what_is_received_is_available() {
        let (level, (changed, low)) = lamp(0).adjust(5, "received").unwrap();
        assert_eq!((level.available, level.on_hand(), level.version), (5, 5, 1));
        assert_eq!(changed.movement, Movement { from: Account::Received, to: Account::Available, quantity: 5 });
        assert_eq!(low, None);
    }

    #[test]
    fn no_account_goes_below_zero() {
        assert_eq!(lamp(3).adjust(-4, "damaged"), Err(Rejection::NotEnough { available: 3 }));
        assert_eq!(lamp(3).transfer(Account::Held, Account::Sold, 1, "x"), Err(Rejection::NotEnough { available: 3 }));
        assert_eq!(lamp(3).adjust(0, "received"), Err(Rejection::Nothing));
        assert_eq!(lamp(3).adjust(i64::from(u32::MAX), "received"), Err(Rejection::TooMany));
    }

    #[test]
    fn it_is_low_from_its_reorder_point_down_until_something_is_under_way() {
        let (level, (_, low)) = lamp(3).with_policy(2, 10).adjust(-1, "damaged").unwrap();
        assert_eq!(low, Some(StockLow { sku: level.sku.clone(), available: 2, reorder_quantity: 10 }));
        let (level, (_, again)) = level.adjust(-1, "damaged").unwrap();
        assert_eq!(again.map(|low| low.available), Some(1));
        let under_way = level.replenishing(uuid::Uuid::nil().into());
        assert_eq!(under_way.adjust(-1, "damaged").unwrap().1.1, None);
    }

    proptest! {
        #[test]
        fn the_ledger_closes_whatever_moves(moves in proptest::collection::vec((0usize..5, 0usize..5, 1u32..20), 0..40)) {
            const ACCOUNTS: [Account; 5] = [Account::Received, Account::Adjusted, Account::Available, Account::Held, Account::Sold];
            let level = moves.into_iter().fold(lamp(10), |level, (from, to, quantity)| {
                level.clone().transfer(ACCOUNTS[from], ACCOUNTS[to], quantity, "test").map_or(level, |(level, _)| level)
            });
            prop_assert!(level.closes());
        }
    }
}
