//! The published language of Souk: ids, money, the event envelope and every domain event.
//!
//! Services share nothing else. An event may gain a field that has a `#[serde(default)]`; anything
//! else is a `.v2` beside the `.v1`, for as long as a template subscribes to v1. Each version has a
//! frozen sample in `samples/` that must parse for ever.
#![deny(missing_docs)]

mod address;
mod envelope;
pub mod events;
mod id;
mod money;
mod order;
mod payment_method;
mod quote;
mod role;
#[cfg(test)]
mod samples;
mod sealed;
mod sku;

pub use address::Address;
pub use envelope::{Envelope, Event, Metadata};
pub use id::*;
pub use money::{Currency, Money, MoneyError};
pub use order::{OrderLine, Totals};
pub use payment_method::{no_card_number, payment_reference};
pub use quote::{Adjustment, Quote};
pub use role::Role;
pub use sealed::{Sealed, sealed_for};
pub use sku::Sku;
