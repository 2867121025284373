#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod access;
pub mod operations;
mod problem;
pub mod shipment;
mod store;
#[cfg(test)]
mod tests;

use dynamo::Table;
use lambda::{Env, Function, Sealer, Service, StartError};

use crate::store::Store;

/// The service's handle.
#[derive(Debug, Clone)]
pub struct Delivery {
    store: Store,
    /// Opens addresses.
    sealer: Sealer,
}

impl Service for Delivery {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?), sealer: env.sealer()? })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    operations::assign_courier::function,
    operations::cancel_shipment::function,
    operations::deliver_shipment::function,
    operations::delivery_relay::function,
    operations::delivery_republish::function,
    operations::dispatch_shipment::function,
    operations::fail_delivery::function,
    operations::get_shipment::function,
    operations::list_shipments::function,
    operations::schedule_shipment::function,
];
