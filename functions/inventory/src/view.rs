//! Stock and replenishments as callers see them.

use contracts::{ReplenishmentId, Sku};
use lambda::Time;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    level::Level,
    replenishment::{Replenishment, Status},
};

/// The stock of a SKU, in units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StockView {
    /// The SKU.
    pub(crate) sku: Sku,
    /// Units in the warehouse.
    pub(crate) on_hand: u32,
    /// Units reserved for orders.
    pub(crate) reserved: u32,
    /// Units that can be sold.
    pub(crate) available: u32,
}

impl StockView {
    pub(crate) fn of(level: &Level) -> Self {
        Self { sku: level.sku.clone(), on_hand: level.on_hand(), reserved: level.held, available: level.available }
    }
}

/// Units ordered from the supplier.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReplenishmentView {
    id: ReplenishmentId,
    sku: Sku,
    quantity: u32,
    received: Option<u32>,
    status: Status,
    requested_at: Time,
}

impl ReplenishmentView {
    pub(crate) fn of(replenishment: &Replenishment) -> Self {
        let Replenishment { id, sku, quantity, received, status, requested_at, .. } = replenishment.clone();
        Self { id, sku, quantity, received, status, requested_at: requested_at.into() }
    }
}
