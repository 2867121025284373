//! Reads why a transaction was cancelled: the part of the commit that failed, and the item that it conflicts with.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
};
use jiff::Timestamp;

use crate::{
    Error, Holder, Sealer,
    item::{Item, key_of},
    requests, stamp,
};

/// The kind of a write in a commit. The order of the variants is the order in which failures are reported.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The item that records the request with this fingerprint.
    Request(String),
    ConsumedMessage,
    Claim,
    Projection,
    State,
    Amendment,
    Record,
}

/// Converts the error of a transaction. If several conditions failed, the error is that of the first part in the order
/// of [`Part`]: if the change was already made, both the request's record and the state conflict, and the record is the
/// reason.
pub(crate) fn decode<R>(
    parts: &[Part],
    error: SdkError<TransactWriteItemsError, R>,
    sealer: &Sealer,
    now: Timestamp,
) -> Error
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
        Some((part, reason)) => failure(part, reason.item(), sealer, now).unwrap_or_else(|error| error),
        None if reasons.iter().any(|reason| reason.code() == Some("TransactionConflict")) => Error::Conflict,
        None => error.into(),
    }
}

/// Converts the error of a single put. Returns `Ok` if the stored item has the stamp of this change: an earlier
/// attempt already made it.
pub(crate) fn decode_put<R>(
    part: &Part,
    error: SdkError<PutItemError, R>,
    stamp: Option<u64>,
    sealer: &Sealer,
    now: Timestamp,
) -> Result<(), Error>
where
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(failed)) => {
            let before = stamp.zip(failed.item()).is_some_and(|(stamp, item)| stamp::has(item, stamp));
            if before { Ok(()) } else { Err(failure(part, failed.item(), sealer, now)?) }
        }
        Some(PutItemError::TransactionConflictException(_)) => Err(Error::Conflict),
        _ => Err(error.into()),
    }
}

/// The error for a part whose condition failed on an item.
fn failure(part: &Part, item: Option<&Item>, sealer: &Sealer, now: Timestamp) -> Result<Error, Error> {
    let item = || item.cloned().ok_or_else(|| Error::malformed("a failed condition without its item"));
    Ok(match part {
        Part::Request(fingerprint) => Error::Repeated(requests::earlier(item()?, fingerprint, now, sealer)?),
        Part::ConsumedMessage => Error::Consumed,
        Part::Claim => {
            let mut item = item()?;
            let key = key_of(&item)?.pk;
            let holder = item.remove("holder").ok_or_else(|| Error::malformed("a claim without a holder"))?;
            Error::Taken { key, holder: Holder(holder) }
        }
        Part::Projection => Error::Stale,
        Part::Amendment => Error::Removed,
        Part::State | Part::Record => Error::Conflict,
    })
}
