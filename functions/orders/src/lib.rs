#![doc = include_str!("../README.md")]

pub mod event;
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

use contracts::OrderId;
use dynamo::{RequestContext, Table};
use jiff::Timestamp;
use lambda::{Env, Problem, Sealer, Service, StartError};

use crate::{
    order::{Decision, Order},
    quotes::Quotes,
    store::Store,
};

/// The handle of the service.
#[derive(Debug, Clone)]
pub struct Orders {
    store: Store,
    quotes: Quotes,
    sealer: Sealer,
}

impl Service for Orders {
    fn start(env: &Env) -> Result<Self, StartError> {
        let table = env.table()?.creating::<OrderId>("order", env.derived_ids()?);
        let quotes = Quotes::new(table.clone(), env.variable("STAGE")?);
        Ok(Self { quotes, store: Store::new(table), sealer: env.sealer()? })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

impl Orders {
    /// Makes a decision with the stored order and saves it.
    pub(crate) async fn commit_decision(
        &self,
        order: Order,
        context: &RequestContext,
        decide: impl FnOnce(Order, Timestamp) -> Decision + Send,
    ) -> Result<(), Problem> {
        let (order, events) = decide(order, context.now)?;
        self.store.commit(&order, &events, context).run().await?;
        Ok(())
    }
}
