#![doc = include_str!("../README.md")]

mod cart;
mod listing;
pub mod operations;
mod pricing;
mod problem;
mod promotion;
mod quote;
mod rates;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use operations::FUNCTIONS;

use dynamo::Table;
use lambda::{Env, Sealer, Service, StartError};

use crate::store::Store;

/// The service's handle.
#[derive(Debug, Clone)]
pub struct Checkout {
    store: Store,
    sealer: Sealer,
    stage: String,
}

impl Service for Checkout {
    fn start(env: &Env) -> Result<Self, StartError> {
        let stage = env.variable("STAGE")?.to_owned();
        Ok(Self { store: Store::new(env.table()?), sealer: env.sealer()?, stage })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}
