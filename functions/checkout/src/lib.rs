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

use dynamo::Table;
use lambda::{Env, Function, Sealer, Service, StartError};

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

/// Every function of this service.
pub const FUNCTIONS: &[fn() -> Function] = &[
    operations::abandon_carts::function,
    operations::apply_promotion::function,
    operations::checkout_relay::function,
    operations::checkout_republish::function,
    operations::close_cart::function,
    operations::create_cart::function,
    operations::create_promotion::function,
    operations::create_quote::function,
    operations::end_promotion::function,
    operations::get_cart::function,
    operations::get_quote_keys::function,
    operations::list_promotions::function,
    operations::list_shipping_options::function,
    operations::merge_cart::function,
    operations::project_product::function,
    operations::project_stock::function,
    operations::put_item::function,
    operations::remove_item::function,
    operations::remove_promotion::function,
    operations::rotate_quote_key::function,
    operations::set_shipping::function,
    operations::set_shipping_rates::function,
    operations::set_tax_rates::function,
];
