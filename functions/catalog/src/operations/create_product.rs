//! Create a product, on sale at once or as a draft.

use std::collections::BTreeMap;

use contracts::{CategoryId, ProductId, Role, Sku, events::catalog::Variant};
use garde::Validate;
use lambda::{Call, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Catalog,
    category::Category,
    input::{VariantInput, image, texts},
    operations::get_product::ProductView,
    problem::not_stored,
    product::{Change, Content, Product, Rejection, Status},
    store::save_change,
};

/// A product to be made.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateProduct {
    #[garde(length(chars, min = 1, max = 200))]
    title: String,
    #[garde(length(chars, max = 10_000))]
    #[serde(default)]
    description: String,
    /// `published`, when absent, or `draft`.
    #[garde(skip)]
    status: Option<Status>,
    /// It is also listed under all categories above these.
    #[garde(length(max = 5))]
    #[serde(default)]
    pub(crate) category_ids: Vec<CategoryId>,
    /// Addresses, the main picture first.
    #[garde(length(max = 20), inner(custom(image)))]
    #[serde(default)]
    images: Vec<String>,
    /// What else is known of it: `{"material": "steel"}`.
    #[garde(custom(texts(50)))]
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[garde(length(max = 40), dive)]
    variants: Vec<VariantInput>,
}

impl CreateProduct {
    /// Makes the product; `categories` are those of its own that there are.
    pub(crate) fn create(self, id: ProductId, categories: &[Category]) -> Result<Change, Rejection> {
        let Self { title, description, status, category_ids, images, attributes, variants } = self;
        let variants = variants.into_iter().map(Variant::from).collect();
        let content = Content { title, description, categories: category_ids, images, attributes, variants };
        Product::create(id, status.unwrap_or(Status::Published), content, categories)
    }

    /// The SKUs that it wants.
    pub(crate) fn skus(&self) -> impl Iterator<Item = &Sku> {
        self.variants.iter().map(|variant| &variant.sku)
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("create-product", handle)
}

async fn handle(catalog: Catalog, call: Call<CreateProduct>) -> Result<Created<ProductView>, Problem> {
    call.caller.require(&[Role::Merchant])?;
    let (id, cause) = (call.new_id(), call.cause);
    let categories = catalog.store.categories(&call.input.category_ids).await?;
    let change = call.input.create(id, &categories)?;
    let reply = Created::at(format!("/v1/products/{id}"), ProductView::of(&change.product));
    let reply = reply.version(change.product.version);
    let commit = catalog.store.table().commit(&cause);
    save_change(commit, &change).answer(&reply).run().await.map_err(not_stored)?;
    Ok(reply)
}
