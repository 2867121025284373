//! The ledger of a payment: double entry. Each transaction takes from one account what it gives another,
//! so the balances of all accounts sum to zero at every step.

use contracts::{Currency, Money};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where the money of a payment can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Account {
    /// The customer's means of payment: what was taken from it is negative.
    Customer,
    /// Held on the customer's means of payment, and not yet taken.
    Held,
    /// Taken, and the shop's.
    Cash,
    /// Taken back by the customer's bank until a chargeback is decided.
    Disputed,
}

/// What a transaction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// An amount is held.
    Authorization,
    /// A hold is given up, or what is left of it after a capture.
    Void,
    /// What is held is taken.
    Capture,
    /// Money is given back.
    Refund,
    /// Money that was given back did not get through, and is the shop's again.
    RefundReversed,
    /// The customer's bank takes money back.
    Chargeback,
    /// The bank gives it back to the shop.
    ChargebackWon,
    /// The bank gives it to the customer.
    ChargebackLost,
}

impl Kind {
    /// From which account to which.
    pub const fn accounts(self) -> (Account, Account) {
        match self {
            Self::Authorization => (Account::Customer, Account::Held),
            Self::Void => (Account::Held, Account::Customer),
            Self::Capture => (Account::Held, Account::Cash),
            Self::Refund => (Account::Cash, Account::Customer),
            Self::RefundReversed => (Account::Customer, Account::Cash),
            Self::Chargeback => (Account::Cash, Account::Disputed),
            Self::ChargebackWon => (Account::Disputed, Account::Cash),
            Self::ChargebackLost => (Account::Disputed, Account::Customer),
        }
    }
}

/// One movement of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// What it does.
    pub kind: Kind,
    /// Minor units, more than 0.
    pub amount: i64,
    pub at: Timestamp,
}

/// Every movement of a payment's money, in order and in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ledger {
    pub(crate) currency: Currency,
    /// In order.
    pub transactions: Vec<Transaction>,
}

impl Ledger {
    /// A ledger without movements.
    pub fn new(currency: Currency) -> Self {
        Self { currency, transactions: Vec::new() }
    }

    /// Moves money; nothing is no movement.
    pub fn book(&mut self, kind: Kind, amount: i64, at: Timestamp) {
        if amount > 0 {
            self.transactions.push(Transaction { kind, amount, at });
        }
    }

    /// What is in an account, in minor units. Only the customer's may be negative, and the shop's cash, when a
    /// bank takes back what had been refunded.
    pub fn balance(&self, account: Account) -> i64 {
        let sums = self.transactions.iter().map(|transaction| match transaction.kind.accounts() {
            (from, _) if from == account => -transaction.amount,
            (_, to) if to == account => transaction.amount,
            _ => 0,
        });
        sums.sum()
    }

    /// All movements of one kind together.
    pub fn total(&self, kind: Kind) -> Money {
        let amounts = self.transactions.iter().filter(|transaction| transaction.kind == kind);
        Money::new(amounts.map(|transaction| transaction.amount).sum(), self.currency)
    }

    /// What was given back and got through.
    pub fn refunded(&self) -> Money {
        let [given, reversed] = [Kind::Refund, Kind::RefundReversed].map(|kind| self.total(kind).amount);
        Money::new(given - reversed, self.currency)
    }

    /// Whether all that was taken from one account is in another.
    pub fn closes(&self) -> bool {
        use Account::{Cash, Customer, Disputed, Held};
        [Customer, Held, Cash, Disputed].into_iter().map(|account| self.balance(account)).sum::<i64>() == 0
    }
}
