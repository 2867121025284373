//! What can come of a store call.

use std::error::Error as StdError;

/// What can come of a store call, other than success.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another writer was first, or the store is too busy to read what was asked for: load and decide again.
    #[error("the item was changed meanwhile")]
    Conflict,
    /// The message that is being consumed took effect before.
    #[error("the message was consumed before")]
    Consumed,
    /// The request took effect before; this was the answer, as JSON.
    #[error("the request was answered before")]
    Answered(String),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Something that must be unique is taken.
    #[error("{key} is taken by {holder}")]
    Taken {
        /// The key that was claimed, `email#…`.
        key: String,
        /// Who holds it.
        holder: String,
    },
    /// What is stored is as new or newer.
    #[error("what is stored is newer")]
    Stale,
    /// A cursor that this service did not make for this list.
    #[error("the cursor is not one of this list")]
    InvalidCursor,
    /// A stored item or a value to be stored does not have the form that is expected.
    #[error("{0}")]
    Malformed(String),
    /// The store did not do it, or may have done it and did not say so.
    #[error("the store failed")]
    Failed(#[source] Box<dyn StdError + Send + Sync>),
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
