//! Update a product with a JSON merge patch (RFC 7396).

use std::collections::BTreeMap;

use contracts::{CategoryId, ProductId, Role, TaxClass, events::catalog::Variant};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, LongText, NOT_FOUND, Problem, default_if_null};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Catalog,
    input::{
        LONGEST_DESCRIPTION, LONGEST_TITLE, MOST_ATTRIBUTES, MOST_CATEGORIES, MOST_IMAGES, MOST_VARIANTS, VariantInput,
        image, texts,
    },
    problem::not_stored,
    product::{Content, Product, Status},
    store::save_change,
    view::ProductView,
};

/// Changes to a product.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateProduct {
    #[garde(skip)]
    product_id: ProductId,
    #[garde(length(chars, min = 1, max = LONGEST_TITLE))]
    #[serde(default, deserialize_with = "default_if_null")]
    title: Option<String>,
    #[garde(length(chars, max = LONGEST_DESCRIPTION))]
    #[serde(default, deserialize_with = "default_if_null")]
    description: Option<LongText>,
    /// `published` puts a draft on sale.
    #[garde(skip)]
    status: Option<Status>,
    #[garde(length(max = MOST_CATEGORIES))]
    #[serde(default, deserialize_with = "default_if_null")]
    category_ids: Option<Vec<CategoryId>>,
    #[garde(length(max = MOST_IMAGES), inner(inner(custom(image))))]
    #[serde(default, deserialize_with = "default_if_null")]
    images: Option<Vec<String>>,
    /// Sets attributes by name, or removes them with `null`. The others do not change.
    #[garde(custom(texts(MOST_ATTRIBUTES, |text: &Option<LongText>| text.as_deref())))]
    #[serde(default)]
    attributes: BTreeMap<String, Option<LongText>>,
    /// The tax class, which the tax rates of a country have a percentage for.
    #[garde(skip)]
    #[serde(default, deserialize_with = "default_if_null")]
    tax_class: Option<TaxClass>,
    /// Replaces all variants.
    #[garde(length(max = MOST_VARIANTS), dive)]
    variants: Option<Vec<VariantInput>>,
}

impl UpdateProduct {
    fn edited(self, before: &Content) -> Content {
        let mut attributes = before.attributes.clone();
        for (name, text) in self.attributes {
            match text {
                Some(text) => drop(attributes.insert(name, text.into())),
                None => drop(attributes.remove(&name)),
            }
        }
        let variants = self.variants.map(|variants| variants.into_iter().map(Variant::from).collect());
        let before = before.clone();
        Content {
            title: self.title.unwrap_or(before.title),
            description: self.description.map_or(before.description, String::from),
            categories: self.category_ids.unwrap_or(before.categories),
            images: self.images.unwrap_or(before.images),
            attributes,
            tax_class: self.tax_class.unwrap_or(before.tax_class),
            variants: variants.unwrap_or(before.variants),
        }
    }
}

pub fn function() -> Function {
    Function::http("update-product", handle)
        .about(
            "Fields that are absent do not change. `null` clears the description, the images, the categories or \
             the tax class. `variants`, `images` and `categoryIds` are replaced as a whole. The status can only \
             change from `draft` to `published`. An archived product is not found (404).",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[NOT_FOUND, (409, "sku-taken")])
}

async fn handle(catalog: Catalog, call: Call<UpdateProduct>) -> Result<Committed<Found<ProductView>>, Problem> {
    let categories = call.input.category_ids.as_deref().unwrap_or_default();
    let (product, categories) = catalog.store.product_and_categories(call.input.product_id, categories).await?;
    let product = product.filter(|product| product.status != Status::Archived);
    let product = product.ok_or_else(|| Problem::not_found("product"))?;
    call.expects(&product.version)?;
    let status = call.input.status.unwrap_or(product.status);
    let content = call.input.edited(&product.content);
    let reply = |product: &Product| Found::new(ProductView::of(product)).version(&product.version);
    let unchanged = reply(&product);
    let Some(change) = product.update(status, content, &categories)? else {
        return Ok(Committed::unchanged(unchanged));
    };
    let commit = save_change(catalog.store.table().commit(&call.context), &change);
    let product = Product { version: commit.version(), ..change.product };
    commit.answer(reply(&product)).run().await.map_err(not_stored)
}
