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

use dynamo::Table;
use lambda::{Env, Function, Sealer, Service, StartError};

use crate::{quotes::Quotes, store::Store};

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
        Ok(Self { quotes: Quotes::new(table.clone()), store: Store::new(table), sealer: env.sealer()? })
    }

    fn table(&self) -> &Table {
        self.store.table()
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
