//! Get the stock of a SKU.

use contracts::Sku;
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Inventory, view::StockView};

/// The SKU to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetStock {
    #[garde(skip)]
    sku: Sku,
}

pub fn function() -> Function {
    Function::http("get-stock", handle)
        .about(
            "`available` is the number of units that can be ordered. A SKU without stock records is not found \
             (404).",
        )
        .versioned()
        .problems(&[NOT_FOUND])
}

async fn handle(inventory: Inventory, call: Call<GetStock>) -> Result<Found<StockView>, Problem> {
    let level = inventory.store.level(&call.input.sku).await?.ok_or_else(|| Problem::not_found("SKU"))?;
    Ok(Found::new(StockView::of(&level)).version(&level.version))
}
