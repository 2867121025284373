#![doc = include_str!("../README.md")]

pub mod ledger;
pub mod operations;
pub mod payment;
mod problem;
mod processor;
mod store;
mod stripe;
#[cfg(test)]
mod tests;
mod view;
pub mod webhook;

pub use operations::FUNCTIONS;

use dynamo::Table;
use lambda::{Env, Sealer, Service, StartError};

use crate::store::Store;
pub use crate::{processor::PaymentProcessor, stripe::Intent};

/// The handle of the service, for operations that only read.
#[derive(Debug, Clone)]
pub struct Payments {
    store: Store,
    sealer: Sealer,
}

impl Service for Payments {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?), sealer: env.sealer()? })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}
