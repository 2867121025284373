#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod ledger;
pub mod operations;
pub mod payment;
mod problem;
mod store;
mod stripe;
#[cfg(test)]
mod tests;
mod till;
mod webhook;

use dynamo::Table;
use lambda::{Env, Function, Service, StartError};

use crate::store::Store;
pub use crate::till::Till;

/// The service's handle, for operations that only read.
#[derive(Debug, Clone)]
pub struct Payments {
    store: Store,
}

impl Service for Payments {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?) })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    operations::apply_webhook::function,
    operations::authorize_payment::function,
    operations::capture_payment::function,
    operations::get_payment::function,
    operations::list_payments::function,
    operations::payments_relay::function,
    operations::payments_republish::function,
    operations::receive_webhook::function,
    operations::refund_payment::function,
    operations::resolve_unknown::function,
    operations::void_or_refund::function,
];
