//! Get the level of a SKU.

use contracts::Sku;
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Inventory, level::Level};

/// Which SKU.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetStock {
    #[garde(skip)]
    sku: Sku,
}

/// The level of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StockView {
    /// Which.
    pub sku: Sku,
    /// In the house.
    pub on_hand: u32,
    /// Held for orders.
    pub reserved: u32,
    /// Free to be sold.
    pub available: u32,
}

impl StockView {
    pub(crate) fn of(level: &Level) -> Self {
        Self { sku: level.sku.clone(), on_hand: level.on_hand(), reserved: level.held, available: level.available }
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("get-stock", handle)
}

async fn handle(inventory: Inventory, call: Call<GetStock>) -> Result<Found<StockView>, Problem> {
    let level = inventory.store.level(&call.input.sku).await?.ok_or_else(|| Problem::not_found("SKU"))?;
    Ok(Found::new(StockView::of(&level)).version(level.version))
}
