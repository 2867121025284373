//! The double-entry ledger of a payment. Each transaction moves an amount from one account to another, so the
//! balances of all accounts sum to zero at every step.

use contracts::{Currency, Money};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where money is before or after a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "LedgerAccount")]
pub enum Account {
    // Its balance in the ledger is negative if money was taken from it.
    /// On the customer's payment method.
    Customer,
    /// Held on the customer's payment method, and not yet captured.
    Held,
    /// Captured: the shop has the money.
    Cash,
    /// Taken back by the customer's bank until the dispute is closed.
    Disputed,
}

/// The kind of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TransactionType")]
pub enum Kind {
    /// An amount is held on the customer's payment method.
    Authorization,
    /// The release of the hold, or of the part that was not captured.
    Void,
    /// The shop takes money that is held.
    Capture,
    /// Captured money is returned to the customer.
    Refund,
    /// A refund failed after it was made, and the shop has the money again.
    RefundReversed,
    /// The customer's bank takes money back for a dispute.
    Chargeback,
    /// The bank returns the disputed money to the shop.
    ChargebackWon,
    /// The bank gives the disputed money to the customer.
    ChargebackLost,
}

impl Kind {
    /// The account that the money leaves, and the account that it enters.
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

/// A movement of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transaction {
    /// The kind.
    pub kind: Kind,
    /// The amount in minor units, more than 0.
    pub amount: i64,
    pub at: Timestamp,
}

/// All transactions of a payment, in order and in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ledger {
    pub(crate) currency: Currency,
    /// The transactions, oldest first.
    pub transactions: Vec<Transaction>,
}

impl Ledger {
    /// A ledger without movements.
    pub fn new(currency: Currency) -> Self {
        Self { currency, transactions: Vec::new() }
    }

    /// Books a transaction. An amount of 0 is not booked.
    pub fn book(&mut self, kind: Kind, amount: i64, at: Timestamp) {
        if amount > 0 {
            self.transactions.push(Transaction { kind, amount, at });
        }
    }

    /// The balance of an account, in minor units. It can be negative only for the customer, and for the shop's cash
    /// if a bank takes back money that was already refunded.
    pub fn balance(&self, account: Account) -> i64 {
        let sums = self.transactions.iter().map(|transaction| match transaction.kind.accounts() {
            (from, _) if from == account => -transaction.amount,
            (_, to) if to == account => transaction.amount,
            _ => 0,
        });
        sums.sum()
    }

    /// The sum of all transactions of a kind.
    pub fn total(&self, kind: Kind) -> Money {
        let amounts = self.transactions.iter().filter(|transaction| transaction.kind == kind);
        Money::new(amounts.map(|transaction| transaction.amount).sum(), self.currency)
    }

    /// The refunded amount, without refunds that failed.
    pub fn refunded(&self) -> Money {
        let [given, reversed] = [Kind::Refund, Kind::RefundReversed].map(|kind| self.total(kind).amount);
        Money::new(given - reversed, self.currency)
    }

    /// Whether the balances of all accounts sum to zero.
    pub fn closes(&self) -> bool {
        use Account::{Cash, Customer, Disputed, Held};
        [Customer, Held, Cash, Disputed].into_iter().map(|account| self.balance(account)).sum::<i64>() == 0
    }
}
