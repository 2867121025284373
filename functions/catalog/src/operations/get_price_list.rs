//! Get a price list, without its prices.

use contracts::{PriceListId, Role};
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, view::PriceListView};

/// The price list to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetPriceList {
    #[garde(skip)]
    price_list_id: PriceListId,
}

pub fn function() -> Function {
    Function::http("get-price-list", handle)
        .about(
            "To get the prices of the list, call `GET /v1/price-lists/{priceListId}/prices`. A deleted list is not \
             found (404).",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[NOT_FOUND])
}

async fn handle(catalog: Catalog, call: Call<GetPriceList>) -> Result<Found<PriceListView>, Problem> {
    let list = catalog.store.price_list(call.input.price_list_id).await?;
    let list = list.ok_or_else(|| Problem::not_found("price list"))?;
    Ok(Found::new(PriceListView::of(&list)).version(&list.version))
}
