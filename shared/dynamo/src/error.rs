//! Errors of store calls.

use std::error::Error as StdError;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;

/// An error of a store call.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another writer was first, or the store was too busy to read all items. Load and decide again.
    #[error("the item was changed meanwhile")]
    Conflict,
    /// The message was already consumed.
    #[error("the message was consumed before")]
    Consumed,
    /// The request took effect before.
    #[error("the request took effect before")]
    Repeated(Earlier),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The idempotency key created an entity more than a day ago.
    #[error("the idempotency key is more than a day old")]
    KeyExpired,
    /// Something that must be unique is taken.
    #[error("{key} is taken")]
    Taken {
        /// The key that was claimed, `email#…`.
        key: String,
        /// The holder of the claim.
        holder: Holder,
    },
    /// The stored row has the same or a later version.
    #[error("what is stored is newer")]
    Stale,
    /// The event, or the private part that was to be replaced, is not there.
    #[error("there is nothing to amend")]
    Removed,
    /// The cursor was not made by this service for this list.
    #[error("the cursor is not one of this list")]
    InvalidCursor,
    /// A stored item, or a value to store, does not have the expected form.
    #[error("{0}")]
    Malformed(String),
    /// The call failed. It may have taken effect.
    #[error("the store failed")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
}

/// The holder of a claim, as it was stored with [`crate::Commit::claim`].
#[derive(Debug, Clone, PartialEq)]
pub struct Holder(pub(crate) AttributeValue);

impl Holder {
    /// Reads the holder.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it does not have the form of `T`.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_dynamo::from_attribute_value(self.0.clone()).map_err(Error::malformed)
    }
}

/// An earlier request with the same idempotency key, which took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// The request got this reply, as JSON.
    Answered(String),
    /// The request created the entity whose id is derived from the key.
    Created,
}

impl Error {
    pub(crate) fn malformed(error: impl std::fmt::Display) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl<E, R> From<aws_sdk_dynamodb::error::SdkError<E, R>> for Error
where
    E: StdError + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: aws_sdk_dynamodb::error::SdkError<E, R>) -> Self {
        Self::Failed(Box::new(error))
    }
}
