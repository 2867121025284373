//! A replenishment: goods asked of the supplier, until they come.

use contracts::{
    ReplenishmentId, Sku,
    events::inventory::{ReplenishmentReceived, ReplenishmentRequested},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether the goods have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Status {
    /// They are asked for.
    Requested,
    /// They have come.
    Received,
}

/// Goods asked of the supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replenishment {
    pub(crate) id: ReplenishmentId,
    pub(crate) sku: Sku,
    /// How many were asked for.
    pub(crate) quantity: u32,
    /// How many came.
    pub(crate) received: Option<u32>,
    pub(crate) status: Status,
    pub(crate) requested_at: Timestamp,
    pub(crate) version: u64,
}

/// Why a replenishment cannot change so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// Its goods have come already.
    AlreadyReceived,
}

impl Replenishment {
    /// Asks the supplier for goods.
    pub(crate) fn request(
        id: ReplenishmentId,
        sku: Sku,
        quantity: u32,
        now: Timestamp,
    ) -> (Self, ReplenishmentRequested) {
        let event = ReplenishmentRequested { replenishment: id, sku: sku.clone(), quantity };
        (Self { id, sku, quantity, received: None, status: Status::Requested, requested_at: now, version: 1 }, event)
    }

    /// Takes what has come, be it more or fewer than asked for.
    pub(crate) fn receive(mut self, quantity: u32) -> Result<(Self, ReplenishmentReceived), Rejection> {
        if self.status == Status::Received {
            return Err(Rejection::AlreadyReceived);
        }
        self.status = Status::Received;
        self.received = Some(quantity);
        self.version += 1;
        let event = ReplenishmentReceived { replenishment: self.id, sku: self.sku.clone(), quantity };
        Ok((self, event))
    }
}
