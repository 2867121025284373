#![doc = include_str!("../README.md")]

#[cfg(feature = "bench")]
pub mod bench;
mod cart;
mod input;
mod kept;
mod listing;
pub mod operations;
mod price_list;
mod pricing;
mod problem;
mod promotion;
mod quote;
mod rates;
mod store;
#[cfg(test)]
mod tests;
mod verification;
mod view;

pub use operations::FUNCTIONS;
pub use verification::{VerifiedQuotes, verify_quotes};

use contracts::CartId;
use dynamo::Table;
use lambda::{Env, Sealer, Service, StartError};

use crate::store::Store;

/// The purpose of claims.
const CLAIM: &str = "cart-claim";

/// The handle of the service.
#[derive(Debug, Clone)]
pub struct Checkout {
    store: Store,
    sealer: Sealer,
    stage: String,
}

impl Service for Checkout {
    fn start(env: &Env) -> Result<Self, StartError> {
        let stage = env.variable("STAGE")?.to_owned();
        let table = env.table()?.creating::<CartId>("cart", env.derived_ids()?);
        Ok(Self { store: Store::new(table), sealer: env.sealer()?, stage })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}

impl Checkout {
    /// The claim of a cart: only its owner is given it.
    pub(crate) fn claim(&self, cart: CartId) -> String {
        self.sealer.fingerprint(CLAIM, cart.to_string().as_bytes())
    }

    pub(crate) fn is_claim(&self, text: &str, cart: CartId) -> bool {
        self.sealer.is_fingerprint(text, CLAIM, cart.to_string().as_bytes())
    }
}
