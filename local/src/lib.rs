//! Souk on one machine: starts the whole system from the templates.
//!
//! [`Stack::start`] reads the templates ([`template`]), makes what they declare in the emulators, starts the services'
//! functions, and provides the services of AWS: API Gateway, event source mappings, schedules, secrets. Functions are
//! invoked with the events that Lambda would send. Calls that their roles do not allow are refused.

// They panic into a closed pipe. The commands write with `cli::output`, everything else logs.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod aws;
pub mod browser;
pub mod budgets;
pub mod cli;
mod cloud;
mod console;
pub mod demo;
mod gateway;
pub mod handlers;
mod http;
mod iam;
mod invoker;
mod ledger;
pub mod load;
mod openapi;
mod origin;
mod pollers;
mod provider;
mod provision;
mod quiet;
mod quotes;
pub mod scenarios;
mod secrets;
mod serve;
pub mod services;
pub mod shopper;
mod shutdown;
mod stack;
pub mod template;
#[cfg(test)]
mod tests;
mod visits;
mod watch;

/// A purchase makes about a hundred thousand allocations, and the system's allocator took a fifth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub use http::{Answer, Client};
pub use iam::{Permission, Role};
pub use invoker::Functions;
pub use ledger::{Invocation, Ledger, Usage};
pub use openapi::{document as openapi, examples, pretty};
pub use origin::Origin;
pub use pollers::{Filter, failed_items, is_too_old, message_record};
pub use provision::provision;
pub use secrets::Secrets;
pub use stack::{Options, Stack, read_templates};

/// The published contract, from the templates and the functions' types alone.
pub fn contract(template: Option<&std::path::Path>) -> anyhow::Result<serde_json::Value> {
    let deployment = stack::read_templates(template, &[])?;
    Ok(openapi(&deployment, services::ALL))
}
