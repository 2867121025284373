#![doc = include_str!("../README.md")]

mod address;
mod aisle;
mod assets;
mod card;
mod cart;
mod checkout;
mod crumb;
mod desk;
mod device;
mod entered;
mod entry;
mod facet;
mod filter;
mod found;
mod goods;
mod import;
mod item;
mod ledger;
mod level;
mod link;
mod live;
mod method;
mod money;
mod next;
mod offer;
pub mod operations;
mod order;
mod parcel;
mod pictures;
mod poll;
mod problem_page;
mod product;
mod progress;
mod promotion;
mod saved_address;
mod session;
mod shell;
mod shop_order;
mod signed;
mod stock_view;
mod store;
mod structured;
#[cfg(test)]
mod tests;
mod text_page;
mod texts;
mod variant;
mod when;

pub use operations::FUNCTIONS;

use dynamo::Table;
use lambda::{Env, Sealer, Service, ServiceApi, ShownProblem, Site, StartError, Visitor};

use crate::store::Store;

/// The handle of the service.
#[derive(Debug, Clone)]
pub struct Storefront {
    store: Store,
    /// Seals tokens, and makes the secrets of forms.
    sealer: Sealer,
    env: Env,
    catalog: ServiceApi,
    checkout: ServiceApi,
    delivery: ServiceApi,
    inventory: ServiceApi,
    orders: ServiceApi,
    payments: ServiceApi,
    users: ServiceApi,
    /// The provider's test methods that can be chosen. None where payments are real.
    test_methods: Vec<String>,
}

impl Storefront {
    /// 256 random bits, for the value of a cookie or the idempotency key of a form.
    fn random_text(&self) -> String {
        format!("{:032x}{:032x}", self.env.random(), self.env.random())
    }
}

impl Service for Storefront {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self {
            store: Store::new(env.table()?),
            sealer: env.sealer()?,
            env: env.clone(),
            catalog: ServiceApi::start(env, "CATALOG_API")?,
            checkout: ServiceApi::start(env, "CHECKOUT_API")?,
            delivery: ServiceApi::start(env, "DELIVERY_API")?,
            inventory: ServiceApi::start(env, "INVENTORY_API")?,
            orders: ServiceApi::start(env, "ORDERS_API")?,
            payments: ServiceApi::start(env, "PAYMENTS_API")?,
            users: ServiceApi::start(env, "USERS_API")?,
            test_methods: test_methods(env.find("PAYMENT_TEST_METHODS").unwrap_or_default()),
        })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

/// The methods in a text that separates them by commas.
fn test_methods(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|method| !method.is_empty()).map(str::to_owned).collect()
}

impl Site for Storefront {
    const SESSION_COOKIE: &'static str = session::COOKIE;

    async fn problem_page(self, visitor: Visitor, problem: ShownProblem) -> String {
        problem_page::of(&self, &visitor, problem).await
    }
}
