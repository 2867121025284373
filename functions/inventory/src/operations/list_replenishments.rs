//! List replenishments, newest first.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Inventory, view::ReplenishmentView};

/// The page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListReplenishments {
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-replenishments", handle)
        .about(
            "A replenishment is requested from the supplier when the stock of a SKU reaches its reorder point. \
             The list includes replenishments that have arrived.",
        )
        .roles(&[Role::Merchant, Role::Support])
}

async fn handle(inventory: Inventory, call: Call<ListReplenishments>) -> Result<Page<ReplenishmentView>, Problem> {
    let ListReplenishments { limit, cursor } = call.input;
    let page = inventory.store.replenishments(&Paging { limit, cursor }).await?;
    Ok(page.map(|replenishment| ReplenishmentView::of(&replenishment)))
}
