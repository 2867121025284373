//! Limits attempts to sign in or register, to become a guest, and to refresh a session.

use dynamo::{Allowance, Key, Limit, Table};
use jiff::{SignedDuration, Timestamp};
use lambda::Problem;

use crate::{digests::Digests, email::Email};

/// The number of wrong passwords of an account that are allowed at once; then one a minute. A right password resets
/// it.
const PER_ACCOUNT: Limit = Limit { burst: 50, every: SignedDuration::from_mins(1) };

/// A right password resets the wrong ones only if fewer attempts than this are left, because the reset is a write.
const FEW_LEFT: u32 = 40;

/// Limits attempts per account and per network address.
#[derive(Debug, Clone)]
pub(crate) struct Throttle {
    table: Table,
    digests: Digests,
    per_address: Limit,
}

/// An attempt to sign in that was allowed.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// The item to delete if the password is right.
    pub(crate) forget: Option<Key>,
}

impl Throttle {
    pub(crate) fn new(table: Table, digests: Digests, attempts_per_minute: u32) -> Self {
        Self { table, digests, per_address: Limit::per_minute(attempts_per_minute) }
    }

    /// Counts an attempt to sign in. It does not matter whether the account exists.
    ///
    /// # Errors
    /// 429 after too many attempts.
    pub(crate) async fn sign_in(&self, email: &Email, address: &str, now: Timestamp) -> Result<Attempt, Problem> {
        let account = self.bucket("attempts of an account", email.as_str());
        let from = self.bucket("attempts from an address", address);
        let (of_account, of_address) = tokio::try_join!(
            self.table.take(&account, PER_ACCOUNT, now),
            self.table.take(&from, self.per_address, now),
        )?;
        granted(of_address, self.per_address)?;
        let left = granted(of_account, PER_ACCOUNT)?;
        Ok(Attempt { forget: (left < FEW_LEFT).then_some(account) })
    }

    /// Counts an attempt to register.
    ///
    /// # Errors
    /// 429 after too many attempts.
    pub(crate) async fn register(&self, address: &str, now: Timestamp) -> Result<(), Problem> {
        self.take("attempts from an address", address, now).await
    }

    /// Counts a new guest, in a separate bucket, so that guests and users who sign in cannot block each other.
    ///
    /// # Errors
    /// 429 after too many attempts.
    pub(crate) async fn guest(&self, address: &str, now: Timestamp) -> Result<(), Problem> {
        self.take("guests from an address", address, now).await
    }

    /// Counts a refresh of a session, also in a separate bucket.
    ///
    /// # Errors
    /// 429 after too many attempts.
    pub(crate) async fn refresh(&self, address: &str, now: Timestamp) -> Result<(), Problem> {
        self.take("refreshes from an address", address, now).await
    }

    async fn take(&self, what: &str, address: &str, now: Timestamp) -> Result<(), Problem> {
        let allowance = self.table.take(&self.bucket(what, address), self.per_address, now).await?;
        granted(allowance, self.per_address).map(drop)
    }

    fn bucket(&self, what: &str, name: &str) -> Key {
        Key::of("attempts", self.digests.name(what, name))
    }
}

fn granted(allowance: Allowance, limit: Limit) -> Result<u32, Problem> {
    match allowance {
        Allowance::Granted { left } => Ok(left),
        Allowance::Exceeded { wait } => {
            Err(Problem::too_many(limit, wait).detail("Too many attempts; try again later."))
        }
    }
}
