#![doc = include_str!("../README.md")]

pub mod fact;
pub mod operations;
pub mod order;
mod problem;
mod quotes;
pub mod saga;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use operations::FUNCTIONS;

use dynamo::{Cause, Table};
use jiff::Timestamp;
use lambda::{Env, Problem, Sealer, Service, StartError};

use crate::{
    order::{Decision, Order},
    quotes::Quotes,
    store::Store,
};

/// The service's handle.
#[derive(Debug, Clone)]
pub struct Orders {
    store: Store,
    quotes: Quotes,
    sealer: Sealer,
}

impl Service for Orders {
    fn start(env: &Env) -> Result<Self, StartError> {
        let table = env.table()?;
        let quotes = Quotes::new(table.clone(), env.variable("STAGE")?);
        Ok(Self { quotes, store: Store::new(table), sealer: env.sealer()? })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

impl Orders {
    /// Lets an order, as it was read, decide at the time of the cause, and saves what it decided.
    pub(crate) async fn commit_decision(
        &self,
        order: Order,
        cause: &Cause,
        decide: impl FnOnce(Order, Timestamp) -> Decision + Send,
    ) -> Result<(), Problem> {
        let (order, facts) = decide(order, cause.now)?;
        self.store.commit(&order, &facts, cause).run().await?;
        Ok(())
    }
}
