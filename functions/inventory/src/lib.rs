#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod level;
pub mod operations;
mod problem;
mod replenishment;
pub mod reservation;
mod store;
#[cfg(test)]
mod tests;

use dynamo::Table;
use lambda::{Env, Function, Service, StartError};

use crate::store::Store;

/// The service's handle.
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

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    operations::adjust_stock::function,
    operations::commit_stock::function,
    operations::expire_reservations::function,
    operations::get_stock::function,
    operations::inventory_relay::function,
    operations::inventory_republish::function,
    operations::list_replenishments::function,
    operations::list_stock::function,
    operations::receive_replenishment::function,
    operations::release_stock::function,
    operations::request_replenishment::function,
    operations::reserve_stock::function,
    operations::set_reorder_policy::function,
];
