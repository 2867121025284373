//! List the prices of a price list, by SKU.

use contracts::{PriceListId, Role};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, view::ListedSkuView};

/// The price list, and the page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetListPrices {
    #[garde(skip)]
    price_list_id: PriceListId,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("get-list-prices", handle)
        .about("Each item is a SKU with all its prices in the list, in minor units of the list's currency.")
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND])
}

async fn handle(catalog: Catalog, call: Call<GetListPrices>) -> Result<Page<ListedSkuView>, Problem> {
    let GetListPrices { price_list_id, limit, cursor } = call.input;
    let list = catalog.store.price_list(price_list_id).await?;
    let list = list.ok_or_else(|| Problem::not_found("price list"))?;
    let page = catalog.store.list_prices(list.id, &Paging { limit, cursor }).await?;
    Ok(page.map(ListedSkuView::from))
}
