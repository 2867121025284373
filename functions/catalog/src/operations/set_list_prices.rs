//! Set or remove prices of a price list.

use std::collections::HashSet;

use contracts::{PriceListId, Role, events::catalog::ListPricesChanged};
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Catalog,
    list_prices::{self, PriceChange},
    store::price_lists::{PricesToSet, put_prices},
};

/// The number of SKUs in one event, and so in one transaction. Fifty SKUs of ten prices are an event of 25 KB.
const SKUS_AT_ONCE: usize = 50;

/// The prices to set or to remove.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetListPrices {
    #[garde(skip)]
    price_list_id: PriceListId,
    /// The prices, at most 500. Each combination of SKU and `minQuantity` can occur once.
    #[garde(length(max = 500), dive)]
    prices: Vec<PriceChange>,
}

/// The result of the request.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PricesSetView {
    /// The number of prices that were added, changed or removed.
    changed: usize,
}

pub fn function() -> Function {
    Function::http("set-list-prices", handle)
        .about(
            "Prices that are not in the request do not change, so a list of any length can be sent in parts. Up to 50 \
             SKUs are changed together. If a request with more SKUs fails, some of its prices can already be stored: \
             repeat the request. `amount: null` removes a price. If a SKU has several prices, the price with the \
             highest `minQuantity` that the quantity in the cart reaches applies. A SKU has at most 10 prices in a \
             list.",
        )
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND])
}

/// A request of many SKUs is several transactions. If another one comes between them, it is repeated, and then counts only the
/// prices that it had not changed yet.
async fn handle(catalog: Catalog, call: Call<SetListPrices>) -> Result<Found<PricesSetView>, Problem> {
    let SetListPrices { price_list_id: list, prices } = call.input;
    let skus: HashSet<_> = prices.iter().map(|price| price.sku.clone()).collect();
    let known = catalog.store.prices_to_set(list, &skus.into_iter().collect::<Vec<_>>()).await?;
    let PricesToSet { mut sheet, known, owners } = known.ok_or_else(|| Problem::not_found("price list"))?;
    let change = list_prices::set(known, &prices, &owners)?;
    for skus in change.skus.chunks(SKUS_AT_ONCE) {
        let event = ListPricesChanged { list, prices: skus.to_vec() };
        let commit = catalog.store.table().commit(&call.context).save(&sheet).event(&event);
        let version = commit.version();
        put_prices(commit, list, skus).run().await?;
        sheet.version = version;
    }
    Ok(Found::new(PricesSetView { changed: change.changed }))
}
