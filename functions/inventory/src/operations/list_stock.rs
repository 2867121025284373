//! List the stock of up to 100 SKUs.

use contracts::Sku;
use garde::Validate;
use lambda::{Call, Function, Page, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Inventory, view::StockView};

/// The SKUs to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListStock {
    /// 1 to 100 SKUs, separated by commas. SKUs without stock records are left out.
    #[garde(length(min = 1, max = 100))]
    skus: Vec<Sku>,
}

pub fn function() -> Function {
    Function::http("list-stock", handle)
}

async fn handle(inventory: Inventory, mut call: Call<ListStock>) -> Result<Page<StockView>, Problem> {
    call.input.skus.sort();
    call.input.skus.dedup();
    let levels = inventory.store.levels(&call.input.skus).await?;
    Ok(Page { items: levels.iter().map(StockView::of).collect(), next: None })
}
