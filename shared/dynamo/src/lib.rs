//! The storage kit: one table per service, one atomic write per change.
//!
//! An [`Entity`] is stored under its [`Key`] with its version. A [`Commit`] writes, in one
//! `TransactWriteItems`, the new state on the condition of its version, the domain events (which the
//! table's stream sends to the bus: the outbox), the consumed-message record (deduplication) and the
//! idempotency record where they are kept, and any claim to a unique value. A change of one item is a
//! conditional `PutItem`. So no event is lost, each effect happens once, and a crash at any point is
//! harmless.
#![deny(missing_docs)]

mod commit;
mod context;
mod derived;
mod due;
mod entity;
mod error;
mod event;
mod item;
mod limit;
mod outcome;
mod query;
mod requests;
mod rows;
mod seal;
mod slice;
mod stamp;
mod table;
#[cfg(test)]
mod tests;
mod version;

pub use commit::{Commit, Committed, INBOX_KEPT};
pub use context::{ConsumedMessage, IdempotencyKey, Ids, RequestContext};
pub use derived::DerivedIds;
pub use due::OverdueScan;
pub use entity::{Entity, Key};
pub use error::{Earlier, Error, Holder};
pub use event::EventRecord;
pub use limit::{Allowance, Limit};
pub use query::{DEFAULT_LIMIT, Page, Paging, Query, age, by_age};
pub use requests::KEY_LIVES;
pub use rows::Rows;
pub use seal::{SealError, Sealer};
pub use table::Table;
pub use version::Version;
