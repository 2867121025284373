#![doc = include_str!("../README.md")]

mod adjustment;
mod category;
mod category_queue;
mod entry;
mod import;
mod index_store;
pub mod input;
mod known;
mod list_prices;
mod loading;
pub mod operations;
mod price;
mod price_list;
mod problem;
mod product;
mod queue;
mod rows;
mod search_input;
mod search_view;
mod searching;
pub mod sheet;
mod shelf;
mod snapshot;
mod snapshot_store;
mod store;
mod synonyms;
#[cfg(test)]
mod tests;
mod upsert;
mod view;

pub use operations::FUNCTIONS;

use dynamo::Table;
use lambda::{Env, Service, StartError};

use crate::{queue::ImportQueue, store::Store};

/// The handle of the service.
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

/// The handle of the functions that send the chunks of imports to the queue. Only this one has an SQS client.
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
