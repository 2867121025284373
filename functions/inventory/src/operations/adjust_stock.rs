//! Adjust the stock of a SKU, with a reason.

use contracts::{Role, Sku};
use garde::Validate;
use lambda::{Call, Committed, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Inventory, level::Level, store::save_level, view::StockView};

/// A change of a SKU's stock.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdjustStock {
    #[garde(skip)]
    sku: Sku,
    /// The number of units to add, or to remove if negative.
    #[garde(range(min = -1_000_000, max = 1_000_000))]
    delta: i64,
    /// The reason. `received` is for a delivery without a replenishment; that of a replenishment is recorded with its
    /// receipt. Any other reason corrects the count.
    #[garde(length(chars, min = 1, max = 100))]
    reason: String,
    /// The location in the warehouse.
    #[garde(length(chars, min = 1, max = 100))]
    location: Option<String>,
}

pub fn function() -> Function {
    Function::http("adjust-stock", handle)
        .about(
            "The first adjustment creates the stock records of a SKU. Units that are reserved for orders cannot \
             be removed (409 `not-enough-stock`).",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[(409, "not-enough-stock")])
}

async fn handle(inventory: Inventory, call: Call<AdjustStock>) -> Result<Committed<Created<StockView>>, Problem> {
    let AdjustStock { sku, delta, reason, location } = &call.input;
    let level = inventory.store.level(sku).await?.unwrap_or_else(|| Level::new(sku.clone()));
    let (level, events) = level.adjust(*delta, reason, location.clone())?;
    let commit = save_level(inventory.store.table().commit(&call.context), &level, &events);
    let reply = Created::at(format!("/v1/stock/{sku}"), StockView::of(&level)).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
