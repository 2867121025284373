//! Limits attempts to sign in or register, to become a guest, and to refresh a session.

use dynamo::{Allowance, Key, Limit, Table};
use jiff::{SignedDuration, Timestamp};
use lambda::Problem;

use crate::{digests::Digests, email::Email};

/// The number of wrong passwords for an account from one network address that are allowed at once; then one a minute.
const PER_PAIR: Limit = Limit { burst: 20, every: SignedDuration::from_mins(1) };

/// The number of wrong passwords for an account from all addresses after which attempts at it are slow.
const PER_ACCOUNT: Limit = Limit { burst: 50, every: SignedDuration::from_mins(1) };

/// Attempts at an account that is slow, from one address. The owner waits between attempts, but is not locked out:
/// the attempts of others, from other addresses, are counted by themselves.
const SLOW: Limit = Limit { burst: 1, every: SignedDuration::from_mins(1) };

/// A right password resets the wrong ones only if at least this many attempts were made, because the reset is a write.
const MANY: u32 = 10;

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
    /// The items to delete if the password is right.
    pub(crate) forget: Vec<Key>,
}

impl Throttle {
    pub(crate) fn new(table: Table, digests: Digests, attempts_per_minute: u32) -> Self {
        Self { table, digests, per_address: Limit::per_minute(attempts_per_minute) }
    }

    /// Counts an attempt to sign in: from the address at all accounts, from the address at the account, and at the
    /// account from all addresses. The last makes attempts slow, so that guesses from elsewhere do not lock the owner
    /// out. It does not matter whether the account exists.
    ///
    /// # Errors
    /// 429 after too many attempts.
    pub(crate) async fn sign_in(&self, email: &Email, address: &str, now: Timestamp) -> Result<Attempt, Problem> {
        let from = self.bucket("attempts from an address", address);
        let pair_name = format!("{address} {}", email.as_str());
        let pair = self.bucket("attempts at an account from an address", &pair_name);
        let account = self.bucket("attempts of an account", email.as_str());
        let (of_address, of_pair) =
            tokio::try_join!(self.table.take(&from, self.per_address, now), self.table.take(&pair, PER_PAIR, now),)?;
        granted(of_address, self.per_address)?;
        let left = granted(of_pair, PER_PAIR)?;
        // An attempt that is refused above does not slow others down.
        let mut forget = Vec::new();
        if PER_PAIR.burst - left >= MANY {
            forget.push(pair);
        }
        match self.table.take(&account, PER_ACCOUNT, now).await? {
            Allowance::Granted { left } if PER_ACCOUNT.burst - left < MANY => {}
            Allowance::Granted { .. } => forget.push(account),
            Allowance::Exceeded { .. } => {
                let slow = self.bucket("slow attempts at an account from an address", &pair_name);
                granted(self.table.take(&slow, SLOW, now).await?, SLOW)?;
                forget.extend([account, slow]);
            }
        }
        Ok(Attempt { forget })
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
            let seconds = wait.as_secs() + 1;
            Err(Problem::too_many(limit, wait)
                .detail(format_args!("Too many attempts. Try again in {seconds} seconds.")))
        }
    }
}
