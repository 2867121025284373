#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod fact;
pub mod operations;
pub mod order;
mod problem;
mod quotes;
mod store;
#[cfg(test)]
mod tests;
mod view;

use contracts::OrderId;
use dynamo::{Cause, Table};
use jiff::Timestamp;
use lambda::{Env, Function, Problem, Sealer, Service, StartError};

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
    /// News of an order, with what the order decides on it: load, decide, commit.
    pub(crate) async fn hear(
        &self,
        order: OrderId,
        cause: &Cause,
        decide: impl FnOnce(Order, Timestamp) -> Decision + Send,
    ) -> Result<(), Problem> {
        let order = self.store.order(order).await?.ok_or_else(|| Problem::not_found("order"))?;
        self.settle(order, cause, decide).await
    }

    /// What an order as it was read decides on, at the time of the cause.
    pub(crate) async fn settle(
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

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    operations::cancel_order::function,
    operations::get_order::function,
    operations::get_order_history::function,
    operations::list_orders::function,
    operations::on_payment_authorized::function,
    operations::on_payment_declined::function,
    operations::on_payment_voided::function,
    operations::on_shipment_delivered::function,
    operations::on_shipment_dispatched::function,
    operations::on_shipment_failed::function,
    operations::on_stock_rejected::function,
    operations::on_stock_reserved::function,
    operations::orders_relay::function,
    operations::orders_republish::function,
    operations::place_order::function,
    operations::project_quote_key::function,
    operations::sweep_deadlines::function,
];
