//! Get a product.

use contracts::ProductId;
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, product::Status, view::ProductView};

/// The product to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetProduct {
    #[garde(skip)]
    product_id: ProductId,
}

pub fn function() -> Function {
    // Its ETag is needed to change it, so it is kept for a short time only.
    Function::http("get-product", handle)
        .about(
            "Returns drafts too, to any caller who knows the id. An archived product is not found (404). A reply \
             can be ten seconds old.",
        )
        .public()
        .max_age(10)
        .versioned()
        .problems(&[NOT_FOUND])
}

/// A draft is shown to any caller who knows its id: ids cannot be guessed.
async fn handle(catalog: Catalog, call: Call<GetProduct>) -> Result<Found<ProductView>, Problem> {
    let product = catalog.store.product(call.input.product_id).await?;
    let product = product.filter(|product| product.status != Status::Archived);
    let product = product.ok_or_else(|| Problem::not_found("product"))?;
    Ok(Found::new(ProductView::of(&product)).version(&product.version))
}
