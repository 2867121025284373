//! The events of `inventory`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{OrderId, ReplenishmentId, Sku};

/// A quantity of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quantity {
    /// The SKU.
    pub sku: Sku,
    /// The number of units.
    pub quantity: u32,
}

/// A SKU that could not be reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shortage {
    /// The SKU.
    pub sku: Sku,
    /// The number of units that the order needs.
    pub requested: u32,
    /// The number of units that were available.
    pub available: u32,
}

/// An account of the stock ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Account {
    /// Units from outside, such as the supplier.
    Received,
    /// Units that were added or removed by hand, such as lost or damaged units.
    Adjusted,
    /// Units that can be sold.
    Available,
    /// Units that are reserved for an order.
    Held,
    /// Units that were dispatched.
    Sold,
    /// Units that a customer returned.
    Returned,
}

/// A movement of units between two accounts of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    /// The account from which the units are taken.
    pub from: Account,
    /// The account to which the units are added.
    pub to: Account,
    /// The number of units, at least 1.
    pub quantity: u32,
}

/// The stock of a SKU changed. The event contains the movement and the level after it. The sale of held units does
/// not publish this event, only [`StockCommitted`]: until the next movement, `on_hand` and `reserved` are as they
/// were before that sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockChanged {
    /// The SKU.
    pub sku: Sku,
    /// The movement.
    pub movement: Movement,
    /// The reason: `received`, `damaged`, or the id of an order or a replenishment.
    pub reason: String,
    /// Units in the warehouse: available and reserved.
    pub on_hand: u32,
    /// Units that are reserved for orders.
    pub reserved: u32,
    /// Units that can be sold.
    pub available: u32,
    /// The location in the warehouse, if it was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// All lines of an order are reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockReserved {
    /// The order.
    pub order: OrderId,
    /// The reserved units, summed per SKU.
    pub lines: Vec<Quantity>,
    /// The time at which the reservation expires if the order has not been dispatched.
    pub expires_at: Timestamp,
}

/// The stock for an order is not available, and nothing was reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockRejected {
    /// The order.
    pub order: OrderId,
    /// The SKUs that are short.
    pub shortages: Vec<Shortage>,
}

/// The units of an order were released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockReleased {
    /// The order.
    pub order: OrderId,
    /// The released units.
    pub lines: Vec<Quantity>,
    /// The reason: `cancelled` or `expired`.
    pub reason: String,
}

/// The reserved units of an order were dispatched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockCommitted {
    /// The order.
    pub order: OrderId,
    /// The dispatched units.
    pub lines: Vec<Quantity>,
}

/// The available stock of a SKU is at or below its reorder point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockLow {
    /// The SKU.
    pub sku: Sku,
    /// The number of available units.
    pub available: u32,
    /// The number of units to reorder.
    pub reorder_quantity: u32,
}

/// A replenishment was requested from the supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplenishmentRequested {
    /// The replenishment.
    pub replenishment: ReplenishmentId,
    /// The SKU.
    pub sku: Sku,
    /// The number of units.
    pub quantity: u32,
}

/// A replenishment was received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplenishmentReceived {
    /// The replenishment.
    pub replenishment: ReplenishmentId,
    /// The SKU.
    pub sku: Sku,
    /// The number of units that were received.
    pub quantity: u32,
}

super::events! { "souk.inventory":
    StockChanged = "StockChanged.v1",
    StockReserved = "StockReserved.v1",
    StockRejected = "StockRejected.v1",
    StockReleased = "StockReleased.v1",
    StockCommitted = "StockCommitted.v1",
    StockLow = "StockLow.v1",
    ReplenishmentRequested = "ReplenishmentRequested.v1",
    ReplenishmentReceived = "ReplenishmentReceived.v1",
}
