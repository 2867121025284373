//! A payment provider for one machine: the subset of Stripe's API that Souk uses, over HTTP, with test payment methods
//! and with webhooks that are really signed and really delivered.
//!
//! | payment method | what happens |
//! |---|---|
//! | `pm_card_visa`, any other `pm_card_…` | it works |
//! | `pm_card_refundFail` | every refund works at first, and then fails |
//! | `pm_card_chargeDeclined`, `pm_card_chargeDeclinedInsufficientFunds` | it is declined |
//! | `pm_sandbox_timeout` | the charge is made, and the answer is lost; a repeat with the same key is answered |
//! | `pm_sandbox_flaky` | the same for every call that changes something |
//! | `pm_sandbox_refusing` | the first capture, cancellation and refund are refused, and nothing is done |
//! | `pm_sandbox_unreachable` | nothing is ever answered, nor done |
//! | `pm_sandbox_3ds` | the customer must approve it: `GET {pages}/{intent}` is the bank's page, and `POST` there takes `{"decision": "approve"}` or `refuse` |
//! | `pm_sandbox_3ds_unreported` | the same, but no webhook reports the decision |
//! | `pm_sandbox_dispute` | a dispute is opened when the money is captured |
//!
//! A dispute is won by submitting the evidence `winning_evidence`, and lost by closing it, as with Stripe's test cards.
//! Whatever was answered, or done before its answer was lost, survives `kill -9` if there is a folder to keep it in; so
//! do webhooks that are still to be delivered.
#![deny(missing_docs)]

mod calls;
mod journal;
mod objects;
mod page;
mod provider;
mod server;
mod state;
#[cfg(test)]
mod tests;
mod webhooks;

use std::path::PathBuf;

pub use provider::{Asked, Provider, Said};
pub use server::serve;
pub use state::Outgoing;
pub use webhooks::signature;

/// The path of the pages where customers approve payments.
pub const PAGES: &str = "/_souk/3ds";

/// How the provider is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// The secret key that callers authenticate with.
    pub api_key: String,
    /// Where events are reported to; nowhere if there is nobody to tell.
    pub webhooks: Option<Webhooks>,
    /// The address of the pages where customers approve payments, such as `http://localhost:3000/_souk/3ds`. The
    /// provider serves them under [`PAGES`].
    pub pages: String,
    /// Where state is kept between runs; in memory if nowhere.
    pub folder: Option<PathBuf>,
}

/// Where events are reported to.
#[derive(Debug, Clone)]
pub struct Webhooks {
    /// The address, plain HTTP.
    pub url: String,
    /// What they are signed with.
    pub secret: String,
    /// The event types that the endpoint subscribes to, as Stripe's `enabled_events`. Empty for all.
    pub events: &'static [&'static str],
}
