//! What `inventory` states.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{OrderId, ReplenishmentId, Sku};

/// So many of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quantity {
    /// Which.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
}

/// A SKU that could not be reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Shortage {
    /// Which.
    pub sku: Sku,
    /// How many were asked for.
    pub requested: u32,
    /// How many there were.
    pub available: u32,
}

/// An account of the stock ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Account {
    /// Outside: where goods come from.
    Received,
    /// Counted up or down by hand, lost or damaged.
    Adjusted,
    /// Free to be sold.
    Available,
    /// Held for an order.
    Held,
    /// Left with a shipment.
    Sold,
    /// Came back from a customer.
    Returned,
}

/// A movement between two accounts of one SKU's ledger: the double entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Movement {
    /// The account that it leaves.
    pub from: Account,
    /// The account that it enters.
    pub to: Account,
    /// How many, at least 1.
    pub quantity: u32,
}

/// The level of one SKU changed: the movement, and the level after it. The sale of held units is not stated here, but by
/// [`StockCommitted`] alone: until the next movement, `on_hand` and `reserved` are as they were before that sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockChanged {
    /// Of which SKU.
    pub sku: Sku,
    /// What moved.
    pub movement: Movement,
    /// Why: `received`, `damaged`, or the order or replenishment that it belongs to.
    pub reason: String,
    /// In the house: available and held.
    pub on_hand: u32,
    /// Held for orders.
    pub reserved: u32,
    /// Free to be sold.
    pub available: u32,
    /// Where it moved, when it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// All lines of an order are held for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockReserved {
    /// For which order.
    pub order: OrderId,
    /// What is held, summed per SKU.
    pub lines: Vec<Quantity>,
    /// When the hold lapses unless the goods have left.
    pub expires_at: Timestamp,
}

/// An order could not be served, and nothing is held for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockRejected {
    /// Which order.
    pub order: OrderId,
    /// What was short.
    pub shortages: Vec<Shortage>,
}

/// What was held for an order is free again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockReleased {
    /// Which order.
    pub order: OrderId,
    /// What was freed.
    pub lines: Vec<Quantity>,
    /// Why: `cancelled` or `expired`.
    pub reason: String,
}

/// What was held for an order has left the house.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockCommitted {
    /// Which order.
    pub order: OrderId,
    /// What left.
    pub lines: Vec<Quantity>,
}

/// A SKU fell to its reorder point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StockLow {
    /// Which.
    pub sku: Sku,
    /// How many are free.
    pub available: u32,
    /// How many its policy wants to order.
    pub reorder_quantity: u32,
}

/// Goods were asked of the supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplenishmentRequested {
    /// Which replenishment.
    pub replenishment: ReplenishmentId,
    /// What.
    pub sku: Sku,
    /// How many.
    pub quantity: u32,
}

/// Goods that were asked for have come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplenishmentReceived {
    /// Which replenishment.
    pub replenishment: ReplenishmentId,
    /// What.
    pub sku: Sku,
    /// How many came.
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
