//! Rate limits: a token bucket for each key, in the service's table.
//!
//! A bucket is stored as one number: the time at which it will be full again (the generic cell rate algorithm, ITU-T
//! I.371). A full bucket needs no item, so its item expires. A token is taken before the work starts, so concurrent
//! requests cannot exceed the limit.

use aws_sdk_dynamodb::{
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::{
    Error, Key, Table,
    item::{Item, primary},
    table::read,
};

/// The maximum number of attempts. The state of a bucket (full, partly full or empty) can change between two calls,
/// but rarely does so twice.
const ATTEMPTS: usize = 4;

/// The size of a bucket and the rate at which it fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The number of tokens in a full bucket, at least 1.
    pub burst: u32,
    /// The time in which one token is added, at least a millisecond.
    pub every: SignedDuration,
}

/// The result of taking a token from a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowance {
    /// A token was taken.
    Granted {
        /// The minimum number of tokens that are left.
        left: u32,
    },
    /// The bucket is empty.
    Exceeded {
        /// The time until the next token is added.
        wait: SignedDuration,
    },
}

#[derive(Deserialize)]
struct Bucket {
    /// Milliseconds since the epoch.
    full_at: i64,
}

impl Limit {
    /// A limit of `count` tokens per minute, all of which can be taken at once.
    pub fn per_minute(count: u32) -> Self {
        let count = count.clamp(1, 60_000);
        Self { burst: count, every: SignedDuration::from_millis(60_000 / i64::from(count)) }
    }

    fn every_millis(&self) -> i64 {
        i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX).max(1)
    }

    /// A bucket is empty if it will be full again later than this.
    fn latest(&self, now: i64) -> i64 {
        now.saturating_add(self.every_millis().saturating_mul(i64::from(self.burst.max(1) - 1)))
    }

    fn granted(&self, full_at: i64, now: i64) -> Allowance {
        let every = self.every_millis();
        let taken = (full_at - now).max(0).saturating_add(every - 1) / every;
        Allowance::Granted { left: self.burst.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX)) }
    }
}

impl Table {
    /// Takes a token from the bucket of a key. This takes one call if the bucket was full or is empty, otherwise two.
    /// Deleting the key fills the bucket.
    ///
    /// # Errors
    /// [`Error::Conflict`] if concurrent callers change the bucket on every attempt.
    pub async fn take(&self, key: &Key, limit: Limit, now: Timestamp) -> Result<Allowance, Error> {
        let (now, every) = (now.as_millisecond(), limit.every_millis());
        let latest = limit.latest(now);
        let mut was_full = true;
        for _ in 0..ATTEMPTS {
            let call = self.client().update_item().expression_attribute_values(":now", number(now));
            let call = if was_full {
                call.update_expression("SET full_at = :next, expires = :expires")
                    .condition_expression("attribute_not_exists(full_at) OR full_at <= :now")
                    .expression_attribute_values(":next", number(now + every))
            } else {
                call.update_expression("SET full_at = full_at + :every, expires = :expires")
                    .condition_expression("full_at > :now AND full_at <= :latest")
                    .expression_attribute_values(":every", number(every))
                    .expression_attribute_values(":latest", number(latest))
            };
            let call = call.expression_attribute_values(":expires", number(latest.saturating_add(every) / 1000 + 1));
            match self.update(key, call).await? {
                Ok(Bucket { full_at }) => return Ok(limit.granted(full_at, now)),
                Err(Bucket { full_at }) if full_at > latest => {
                    return Ok(Allowance::Exceeded { wait: SignedDuration::from_millis(full_at - latest) });
                }
                Err(Bucket { full_at }) => was_full = full_at <= now,
            }
        }
        Err(Error::Conflict)
    }

    /// The bucket after the update, or `Err` with the stored bucket if the condition of the update failed.
    async fn update(&self, key: &Key, call: UpdateItemFluentBuilder) -> Result<Result<Bucket, Bucket>, Error> {
        let call = call
            .table_name(self.name())
            .set_key(Some(primary(key)))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let bucket = |item: Option<Item>| read(item.ok_or_else(|| Error::malformed("an update without its item"))?);
        match call.send().await {
            Ok(updated) => Ok(Ok(bucket(updated.attributes)?)),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    // The condition required an item and there is none: the bucket was filled in the meantime.
                    let full = Bucket { full_at: i64::MIN };
                    Ok(Err(failed.item.clone().map_or(Ok(full), |item| bucket(Some(item)))?))
                }
                Some(UpdateItemError::TransactionConflictException(_)) => Err(Error::Conflict),
                _ => Err(error.into()),
            },
        }
    }
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { burst: 3, every: SignedDuration::from_secs(10) };

    #[test]
    fn a_bucket_that_will_be_full_later_has_less_left() {
        assert_eq!(LIMIT.granted(0, 0), Allowance::Granted { left: 3 });
        assert_eq!(LIMIT.granted(10_000, 0), Allowance::Granted { left: 2 });
        assert_eq!(LIMIT.granted(10_001, 0), Allowance::Granted { left: 1 });
        assert_eq!(LIMIT.granted(30_000, 0), Allowance::Granted { left: 0 });
    }

    #[test]
    fn a_rate_per_minute_lets_as_many_through_at_once() {
        assert_eq!(Limit::per_minute(60), Limit { burst: 60, every: SignedDuration::from_secs(1) });
        assert_eq!(Limit::per_minute(0), Limit { burst: 1, every: SignedDuration::from_secs(60) });
    }
}
