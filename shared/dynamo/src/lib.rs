//! The storage kit: one table per service, one transaction per change.
//!
//! An [`Entity`] is stored under its [`Key`] with its version. A [`Commit`] writes, in one
//! `TransactWriteItems`, the new state under its version condition, the domain events (which the
//! table's stream carries to the bus: the outbox), the consumed-message record (the inbox), the
//! idempotency record and any claim to uniqueness. So no event is lost, each effect happens once,
//! and a crash at any point is harmless.
#![deny(missing_docs)]

mod cause;
mod commit;
mod due;
mod entity;
mod error;
mod event;
mod limit;
mod outcome;
mod query;
mod rows;
mod seal;
mod table;
#[cfg(test)]
mod tests;

pub use cause::{Cause, IdempotencyKey, Ids, Inbox};
pub use commit::{Commit, INBOX_KEPT};
pub use due::Due;
pub use entity::{Entity, Key};
pub use error::Error;
pub use event::EventRecord;
pub use limit::{Limit, Taken};
pub use query::{Page, Paging, Query};
pub use rows::Rows;
pub use seal::{SealError, Sealer};
pub use table::Table;
