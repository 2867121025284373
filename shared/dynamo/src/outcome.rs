//! What a cancelled transaction means: which part of the commit it failed on, and against whom.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::CancellationReason,
};
use serde::{Deserialize, Serialize};

use contracts::Sealed;

use crate::{Error, Sealer, table::read};

/// What a write of a commit is, in the order in which failures are told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    IdempotencyKey { fingerprint: String },
    Inbox,
    Claim,
    Projection,
    State,
    Record,
}

/// The record of a request with an idempotency key. Its reply is sealed, because it can contain personal data.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IdempotencyRecord {
    pub(crate) fingerprint: String,
    pub(crate) answer: Sealed<String>,
    pub(crate) expires: i64,
}

/// What answers are sealed for.
const ANSWER: &str = "answer";

impl IdempotencyRecord {
    pub(crate) fn new(fingerprint: &str, answer: &str, expires: i64, sealer: &Sealer) -> Result<Self, Error> {
        let answer = sealer.seal(ANSWER, &answer.to_owned()).map_err(Error::malformed)?;
        Ok(Self { fingerprint: fingerprint.to_owned(), answer, expires })
    }

    /// The answer, as JSON, if the record is of this request.
    pub(crate) fn answer_of(&self, fingerprint: &str, sealer: &Sealer) -> Result<String, Error> {
        if self.fingerprint != fingerprint {
            return Err(Error::KeyReused);
        }
        sealer.open(ANSWER, &self.answer).map_err(Error::malformed)
    }
}

#[derive(Deserialize)]
struct Claimed {
    pk: String,
    holder: String,
}

/// Tells what came of a transaction that was not done. The first part that failed its condition, in
/// the order of [`Part`], says it: a retry of a change that had been applied fails on its own record
/// (then it is done), not on the state that it left behind.
pub(crate) fn decode<R>(parts: &[Part], error: SdkError<TransactWriteItemsError, R>, sealer: &Sealer) -> Error
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionInProgressException(_)) => Error::Conflict,
            _ => error.into(),
        };
    };
    let reasons = cancelled.cancellation_reasons();
    let failed = parts.iter().zip(reasons).filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"));
    match failed.min_by_key(|(part, _)| *part) {
        Some((part, reason)) => told(part, reason, sealer).unwrap_or_else(|error| error),
        None if reasons.iter().any(|reason| reason.code() == Some("TransactionConflict")) => Error::Conflict,
        None => error.into(),
    }
}

/// Tells what came of the put of a read model's row, which was not done.
pub(crate) fn decode_put<R>(error: SdkError<PutItemError, R>) -> Error
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(_)) => Error::Stale,
        Some(PutItemError::TransactionConflictException(_)) => Error::Conflict,
        _ => error.into(),
    }
}

fn told(part: &Part, reason: &CancellationReason, sealer: &Sealer) -> Result<Error, Error> {
    let item = || reason.item.clone().ok_or_else(|| Error::malformed("a failed condition without its item"));
    Ok(match part {
        Part::IdempotencyKey { fingerprint } => {
            let record: IdempotencyRecord = read(item()?)?;
            Error::Answered(record.answer_of(fingerprint, sealer)?)
        }
        Part::Inbox => Error::Consumed,
        Part::Claim => {
            let Claimed { pk: key, holder } = read(item()?)?;
            Error::Taken { key, holder }
        }
        Part::Projection => Error::Stale,
        Part::State | Part::Record => Error::Conflict,
    })
}
