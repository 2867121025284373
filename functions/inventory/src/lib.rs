#![doc = include_str!("../README.md")]

pub mod level;
pub mod operations;
mod problem;
mod replenishment;
pub mod reservation;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use operations::FUNCTIONS;

use dynamo::Table;
use lambda::{Env, Service, StartError};

use crate::store::Store;

/// The handle of the service.
#[derive(Debug, Clone)]
pub struct Inventory {
    store: Store,
}

impl Service for Inventory {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?) })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}
