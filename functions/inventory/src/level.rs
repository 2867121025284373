//! The stock level of a SKU: a ledger of accounts. Every change moves units from one account to another, so the
//! accounts always balance: received + adjusted = available + held + sold.

use contracts::{
    ReplenishmentId, Sku,
    events::inventory::{Account, Movement, StockChanged, StockLow},
};
use dynamo::Version;
use serde::{Deserialize, Serialize};

/// The reorder policy of a SKU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReorderPolicy {
    /// Reorder when available stock is at or below this level.
    pub(crate) reorder_point: u32,
    /// Units to reorder.
    pub(crate) reorder_quantity: u32,
    /// The version of the policy. It is separate from the version of the level, which changes with the stock.
    #[serde(default)]
    revision: u64,
}

/// The stock level of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Level {
    pub sku: Sku,
    /// Units received from suppliers.
    received: i64,
    /// Units added by hand, less units removed by hand.
    adjusted: i64,
    /// Units that can be sold.
    pub available: u32,
    /// Units that are reserved for orders.
    pub held: u32,
    /// Units that were dispatched.
    pub sold: i64,
    #[serde(default)]
    pub(crate) policy: Option<ReorderPolicy>,
    /// The open replenishment.
    #[serde(default)]
    pub(crate) replenishment: Option<ReplenishmentId>,
    /// The version. Each event raises it by one.
    pub version: Version,
}

/// The reason why a level cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The movement has no units.
    Nothing,
    /// The account has fewer units.
    NotEnough {
        /// The number of available units.
        available: u32,
    },
    /// The number of units overflows.
    TooMany,
}

contracts::event_set! {
    /// An event of a level.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum StockEvent {
        /// Units moved.
        Changed(StockChanged),
        /// The stock is at or below the reorder point.
        Low(StockLow),
    }
}

impl Level {
    /// The level of a SKU without stock records.
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
            version: Version::default(),
        }
    }

    /// The units in the warehouse.
    pub fn on_hand(&self) -> u32 {
        self.available.saturating_add(self.held)
    }

    /// Adds or removes units: those that were `received`, or that were counted.
    pub fn adjust(
        self,
        delta: i64,
        reason: &str,
        location: Option<String>,
    ) -> Result<(Self, Vec<StockEvent>), Rejection> {
        let quantity = u32::try_from(delta.unsigned_abs()).map_err(|_| Rejection::TooMany)?;
        let outside = if reason == "received" && delta > 0 { Account::Received } else { Account::Adjusted };
        let (level, changed) = match delta {
            0 => return Err(Rejection::Nothing),
            1.. => self.moved(outside, Account::Available, quantity, reason)?,
            _ => self.moved(Account::Available, outside, quantity, reason)?,
        };
        Ok(level.stating(StockChanged { location, ..changed }))
    }

    /// Books held units as sold. This publishes no event, because the available quantity does not change.
    pub fn sold(self, quantity: u32) -> Result<Self, Rejection> {
        self.moved(Account::Held, Account::Sold, quantity, "sold").map(|(level, _)| level)
    }

    /// Moves units between two accounts.
    pub fn transfer(
        self,
        from: Account,
        to: Account,
        quantity: u32,
        reason: &str,
    ) -> Result<(Self, Vec<StockEvent>), Rejection> {
        let (level, changed) = self.moved(from, to, quantity, reason)?;
        Ok(level.stating(changed))
    }

    /// Returns the events of a change, including `StockLow` if the level is low.
    fn stating(self, changed: StockChanged) -> (Self, Vec<StockEvent>) {
        let low = self.low().map(StockEvent::Low);
        (self, [StockEvent::Changed(changed)].into_iter().chain(low).collect())
    }

    /// Moves units between two accounts without a `StockLow` event. The next movement publishes it.
    pub fn moved(
        mut self,
        from: Account,
        to: Account,
        quantity: u32,
        reason: &str,
    ) -> Result<(Self, StockChanged), Rejection> {
        self.book(from, -i64::from(quantity))?;
        self.book(to, i64::from(quantity))?;
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

    /// Returns the event `StockLow` if the stock is at or below the reorder point and no replenishment is open.
    pub fn low(&self) -> Option<StockLow> {
        let low = |policy: &ReorderPolicy| self.available <= policy.reorder_point && self.replenishment.is_none();
        let ReorderPolicy { reorder_quantity, .. } = self.policy.filter(low)?;
        Some(StockLow { sku: self.sku.clone(), available: self.available, reorder_quantity })
    }

    /// Books units on one account. Outside accounts count the units that came from them.
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

    /// The version of the policy: the number of times that it was set.
    pub(crate) fn policy_revision(&self) -> u64 {
        self.policy.map_or(0, |policy| policy.revision)
    }

    /// Sets the reorder policy.
    pub(crate) fn with_policy(mut self, reorder_point: u32, reorder_quantity: u32) -> Self {
        let revision = self.policy_revision() + 1;
        self.policy = Some(ReorderPolicy { reorder_point, reorder_quantity, revision });
        self
    }

    /// Stores the open replenishment.
    pub(crate) fn replenishing(mut self, replenishment: ReplenishmentId) -> Self {
        self.replenishment = Some(replenishment);
        self
    }

    /// Removes the open replenishment. It is saved together with the received units.
    pub(crate) fn replenished(self) -> Self {
        Self { replenishment: None, ..self }
    }

    /// Whether the ledger balances.
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
        if available == 0 { level } else { level.adjust(i64::from(available), "received", None).unwrap().0 }
    }

    #[test]
    fn what_is_received_is_available() {
        let (level, events) = lamp(0).adjust(5, "received", Some("A-1".to_owned())).unwrap();
        assert_eq!((level.available, level.on_hand()), (5, 5));
        let [StockEvent::Changed(changed)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(changed.movement, Movement { from: Account::Received, to: Account::Available, quantity: 5 });
        assert_eq!(changed.location.as_deref(), Some("A-1"));
    }

    #[test]
    fn no_account_goes_below_zero() {
        assert_eq!(lamp(3).adjust(-4, "damaged", None), Err(Rejection::NotEnough { available: 3 }));
        assert_eq!(lamp(3).transfer(Account::Held, Account::Sold, 1, "x"), Err(Rejection::NotEnough { available: 3 }));
        assert_eq!(lamp(3).adjust(0, "received", None), Err(Rejection::Nothing));
        assert_eq!(lamp(3).adjust(i64::from(u32::MAX), "received", None), Err(Rejection::TooMany));
    }

    #[test]
    fn it_is_low_from_its_reorder_point_down_until_something_is_under_way() {
        let damaged = |level: Level| level.adjust(-1, "damaged", None).unwrap();
        let low = |level: &Level, available| {
            StockEvent::Low(StockLow { sku: level.sku.clone(), available, reorder_quantity: 10 })
        };
        let (level, events) = damaged(lamp(3).with_policy(2, 10));
        assert_eq!(events[1..], [low(&level, 2)]);
        let (level, events) = damaged(level);
        assert_eq!(events[1..], [low(&level, 1)]);
        let under_way = level.replenishing(uuid::Uuid::nil().into());
        assert_eq!(damaged(under_way).1[1..], []);
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
