//! List the products on sale, newest first.

use contracts::{CategoryId, Sku};
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, view::ProductView};

/// The products to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListProducts {
    /// Filters by category, including the categories below it.
    #[garde(skip)]
    category_id: Option<CategoryId>,
    /// Filters by the SKU of a variant. At most one product has it.
    #[garde(skip)]
    sku: Option<Sku>,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-products", handle)
        .about(
            "Drafts and archived products are not listed. With `categoryId`, lists the products in the category \
             and in the categories below it. A reply can be a minute old.",
        )
        .public()
}

async fn handle(catalog: Catalog, call: Call<ListProducts>) -> Result<Page<ProductView>, Problem> {
    let ListProducts { category_id, sku, limit, cursor } = call.input;
    if let Some(sku) = sku {
        let product = catalog.store.product_with(&sku).await?;
        let product = product.filter(|product| category_id.is_none_or(|category| product.listed.contains(&category)));
        return Ok(Page { items: product.iter().map(ProductView::of).collect(), next: None });
    }
    let page = catalog.store.products(category_id, &Paging { limit, cursor }).await?;
    Ok(page.map(|product| ProductView::of(&product)))
}
