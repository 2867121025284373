//! Replace all prices of a variant.

use contracts::{ProductId, Role, Sku, events::catalog::Price};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Catalog,
    input::{MOST_PRICES, PriceInput},
    product::Product,
    store::save_change,
    view::ProductView,
};

/// The new prices of a variant.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetPrice {
    #[garde(skip)]
    product_id: ProductId,
    #[garde(skip)]
    sku: Sku,
    /// At most one price per currency at any time. An empty list takes the variant off sale.
    #[garde(length(max = MOST_PRICES), dive)]
    prices: Vec<PriceInput>,
}

pub fn function() -> Function {
    Function::http("set-price", handle)
        .about(
            "Prices that are not in the request are removed. Carts show the new prices. Quotes that were created \
             before keep the old ones. The `ETag` is that of the product.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[NOT_FOUND])
}

async fn handle(catalog: Catalog, call: Call<SetPrice>) -> Result<Committed<Found<ProductView>>, Problem> {
    let product = catalog.store.product(call.input.product_id).await?;
    let product = product.ok_or_else(|| Problem::not_found("product"))?;
    call.expects(&product.version)?;
    let SetPrice { sku, prices, .. } = call.input;
    let reply = |product: &Product| Found::new(ProductView::of(product)).version(&product.version);
    let unchanged = reply(&product);
    let prices = prices.into_iter().map(Price::from).collect();
    let Some(change) = product.set_prices(&sku, prices)? else { return Ok(Committed::unchanged(unchanged)) };
    let commit = save_change(catalog.store.table().commit(&call.context), &change);
    let product = Product { version: commit.version(), ..change.product };
    Ok(commit.answer(reply(&product)).run().await?)
}
