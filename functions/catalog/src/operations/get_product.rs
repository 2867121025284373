//! Get a product.

use std::collections::BTreeMap;

use contracts::{CategoryId, ProductId, events::catalog::Variant};
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Catalog,
    product::{Content, Product, Status},
};

/// Which product.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetProduct {
    #[garde(skip)]
    product_id: ProductId,
}

/// A product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProductView {
    id: ProductId,
    title: String,
    description: String,
    status: Status,
    category_ids: Vec<CategoryId>,
    images: Vec<String>,
    attributes: BTreeMap<String, String>,
    variants: Vec<Variant>,
    version: u64,
}

impl ProductView {
    pub(crate) fn of(product: &Product) -> Self {
        let Content { title, description, categories, images, attributes, variants } = product.content.clone();
        Self {
            id: product.id,
            title,
            description,
            status: product.status,
            category_ids: categories,
            images,
            attributes,
            variants,
            version: product.version,
        }
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("get-product", handle).public()
}

/// A draft is shown to whoever was given its id: nobody can guess one.
async fn handle(catalog: Catalog, call: Call<GetProduct>) -> Result<Found<ProductView>, Problem> {
    let product = catalog.store.product(call.input.product_id).await?;
    let product = product.filter(|product| product.status != Status::Archived);
    let product = product.ok_or_else(|| Problem::not_found("product"))?;
    Ok(Found::new(ProductView::of(&product)).version(product.version))
}
