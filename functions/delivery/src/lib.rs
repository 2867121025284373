#![doc = include_str!("../README.md")]

mod access;
pub mod operations;
mod problem;
pub mod shipment;
mod store;
#[cfg(test)]
mod tests;
mod view;

pub use operations::FUNCTIONS;

use contracts::ShipmentId;
use dynamo::Table;
use lambda::{Env, Sealer, Service, StartError};

use crate::store::Store;

/// The handle of the service.
#[derive(Debug, Clone)]
pub struct Delivery {
    store: Store,
    /// Opens addresses and derives PINs.
    sealer: Sealer,
}

impl Delivery {
    /// The PIN of a parcel: six digits, derived from the platform's secret, so they cannot be guessed without it.
    pub(crate) fn pin(&self, shipment: ShipmentId) -> String {
        let digest = self.sealer.fingerprint("delivery-pin", shipment.uuid().as_bytes());
        let number = digest.bytes().fold(0, |number, byte| (number * 257 + u32::from(byte)) % 1_000_000);
        format!("{number:06}")
    }
}

impl Service for Delivery {
    fn start(env: &Env) -> Result<Self, StartError> {
        Ok(Self { store: Store::new(env.table()?), sealer: env.sealer()? })
    }

    fn table(&self) -> &Table {
        self.store.table()
    }
}
