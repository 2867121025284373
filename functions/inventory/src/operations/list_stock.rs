//! List the stock of up to 100 SKUs.

use std::collections::BTreeSet;

use contracts::Sku;
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Inventory, level::Level, view::StockView};

/// The SKUs to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListStock {
    /// 1 to 100 SKUs, separated by commas. SKUs without stock records are left out.
    #[garde(length(min = 1, max = 100))]
    skus: Vec<Sku>,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-stock", handle).about("SKUs without stock records are left out. The list is sorted by SKU.")
}

async fn handle(inventory: Inventory, call: Call<ListStock>) -> Result<Page<StockView>, Problem> {
    let ListStock { skus, limit, cursor } = call.input;
    let skus: BTreeSet<_> = skus.iter().collect();
    let levels = inventory.store.levels(skus.iter().copied()).await?;
    let (list, key) = (format!("stock {skus:?}"), |level: &Level| level.sku.to_string());
    let page = inventory.store.table().slice(&list, levels, key, &Paging { limit, cursor })?;
    Ok(page.map(|level| StockView::of(&level)))
}
