#![doc = include_str!("../README.md")]

mod category;
mod import;
mod input;
pub mod operations;
mod price;
mod problem;
mod product;
mod queue;
pub mod sheet;
mod store;
#[cfg(test)]
mod tests;

use dynamo::Table;
use lambda::{Env, Function, Service, StartError};

use crate::{queue::ImportQueue, store::Store};

/// The service's handle.
#[derive(Debug, Clone)]
pub struct Catalog {
    store: Store,
}

impl Service for Catalog {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?) })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

/// The handle of what hands out the chunks of imports: it alone carries a queue and its client.
#[derive(Debug, Clone)]
pub struct Importer {
    store: Store,
    queue: ImportQueue,
}

impl Service for Importer {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?), queue: ImportQueue::new(env)? })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    operations::archive_product::function,
    operations::catalog_relay::function,
    operations::catalog_republish::function,
    operations::create_category::function,
    operations::create_product::function,
    operations::get_import::function,
    operations::get_product::function,
    operations::import_chunk::function,
    operations::import_products::function,
    operations::list_categories::function,
    operations::list_products::function,
    operations::resume_imports::function,
    operations::set_price::function,
    operations::update_product::function,
];
