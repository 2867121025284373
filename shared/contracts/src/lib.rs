//! The types that services share: ids, money, the event envelope and every domain event.
//!
//! Services share nothing else. A field with `#[serde(default)]` may be added to an event. Any other change needs a
//! `.v2`, which is published in addition to the `.v1` as long as a template subscribes to v1. Each version has a
//! frozen sample in `samples/`, which must always parse.
#![deny(missing_docs)]

mod address;
mod envelope;
pub mod events;
mod id;
mod language;
mod money;
mod order;
mod payment_method;
mod quote;
mod role;
#[cfg(test)]
mod samples;
mod sealed;
mod sku;
mod tax_class;

pub use address::Address;
pub use envelope::{Envelope, Event, EventSet, Metadata};
pub use id::*;
pub use language::Language;
pub use money::{Currency, Money, MoneyError};
pub use order::{LineDiscount, LineDiscountView, OrderLine, OrderLineView, Totals, TotalsView};
pub use payment_method::{no_card_number, payment_reference};
pub use quote::{Adjustment, Quote};
pub use role::Role;
pub use sealed::{Sealed, sealed_for};
#[doc(hidden)] // for `event_set!`
pub use serde_json::{Error as JsonError, Value as Json};
pub use sku::Sku;
pub use tax_class::{InvalidTaxClass, TaxClass};
