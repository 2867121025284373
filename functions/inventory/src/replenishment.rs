//! A replenishment: units that are requested from the supplier.

use contracts::{
    ReplenishmentId, Sku,
    events::inventory::{ReplenishmentReceived, ReplenishmentRequested},
};
use dynamo::Version;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The status of a replenishment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ReplenishmentStatus")]
pub(crate) enum Status {
    /// The units were requested from the supplier, and have not arrived yet.
    Requested,
    /// The units have arrived.
    Received,
}

/// A replenishment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Replenishment {
    pub(crate) id: ReplenishmentId,
    pub(crate) sku: Sku,
    /// The number of units that were requested.
    pub(crate) quantity: u32,
    /// The number of units that were received.
    pub(crate) received: Option<u32>,
    pub(crate) status: Status,
    pub(crate) requested_at: Timestamp,
    pub(crate) version: Version,
}

/// The reason why a replenishment cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The replenishment was already received.
    AlreadyReceived,
}

impl Replenishment {
    /// Requests units from the supplier.
    pub(crate) fn request(
        id: ReplenishmentId,
        sku: Sku,
        quantity: u32,
        now: Timestamp,
    ) -> (Self, ReplenishmentRequested) {
        let event = ReplenishmentRequested { replenishment: id, sku: sku.clone(), quantity };
        (
            Self {
                id,
                sku,
                quantity,
                received: None,
                status: Status::Requested,
                requested_at: now,
                version: Version::default(),
            },
            event,
        )
    }

    /// Records the received units, which may be more or fewer than requested.
    pub(crate) fn receive(mut self, quantity: u32) -> Result<(Self, ReplenishmentReceived), Rejection> {
        if self.status == Status::Received {
            return Err(Rejection::AlreadyReceived);
        }
        self.status = Status::Received;
        self.received = Some(quantity);
        let event = ReplenishmentReceived { replenishment: self.id, sku: self.sku.clone(), quantity };
        Ok((self, event))
    }
}
