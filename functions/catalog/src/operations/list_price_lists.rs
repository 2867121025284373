//! List all price lists, newest first.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, view::PriceListView};

/// The page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListPriceLists {
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-price-lists", handle)
        .about("Includes lists that are not valid yet or have expired, but not deleted lists.")
        .roles(&[Role::Merchant])
}

async fn handle(catalog: Catalog, call: Call<ListPriceLists>) -> Result<Page<PriceListView>, Problem> {
    let ListPriceLists { limit, cursor } = call.input;
    let page = catalog.store.price_lists(&Paging { limit, cursor }).await?;
    Ok(page.map(|list| PriceListView::of(&list)))
}
