//! Archive a product, which takes it off sale permanently.

use contracts::{ProductId, Role};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, store::save_change};

/// The product to archive.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ArchiveProduct {
    #[garde(skip)]
    product_id: ProductId,
}

pub fn function() -> Function {
    Function::http("archive-product", handle)
        .about(
            "The product cannot be restored, and no other product can have its SKUs. If the product is already \
             archived, nothing changes, and the reply is also 204.",
        )
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND])
}

/// No version is needed: the product is archived in any state.
async fn handle(catalog: Catalog, call: Call<ArchiveProduct>) -> Result<NoContent, Problem> {
    let product = catalog.store.product(call.input.product_id).await?;
    let product = product.ok_or_else(|| Problem::not_found("product"))?;
    let Some(change) = product.archive() else { return Ok(NoContent::DONE) };
    save_change(catalog.store.table().commit(&call.context), &change).run().await?;
    Ok(NoContent::DONE)
}
