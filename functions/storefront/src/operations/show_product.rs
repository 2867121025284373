//! Show a product with its variants, prices and stock.

use std::collections::BTreeMap;

use askama::Template;
use contracts::{ProductId, Sku};
use garde::Validate;
use lambda::{Acted, ApiError, Form, Function, Html, NOT_FOUND, Problem, Seen, Visit};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    crumb::{CrumbView, crumbs},
    item::{Band, Content},
    link,
    shell::{self, Shell},
    store::Around,
    structured::{self, JsonLd},
    variant::{VariantView, capitalized},
};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowProduct {
    /// The product's id, and anything after a hyphen.
    #[garde(skip)]
    product_id: String,
    /// The variant to show. The first one that is in stock if it is absent, or no variant of the product.
    #[garde(skip)]
    sku: Option<String>,
}

/// A product.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "product.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductPage {
    #[serde(skip)]
    shell: Shell,
    id: ProductId,
    title: String,
    description: String,
    /// Whether it can still be bought. The page is 410 if not.
    is_sold: bool,
    breadcrumbs: Vec<CrumbView>,
    /// The variants, in the order of the merchant.
    variants: Vec<VariantView>,
    /// Attributes by name.
    attributes: BTreeMap<String, String>,
    /// The variant that is shown.
    #[serde(skip)]
    chosen: usize,
    #[serde(skip)]
    structured: JsonLd,
    /// Why it could not be added to the basket.
    #[serde(skip)]
    refused: Option<String>,
}

impl ProductPage {
    fn variant(&self) -> Option<&VariantView> {
        self.variants.get(self.chosen)
    }

    /// The name of what can be chosen: that of the option, if there is one only.
    fn choice(&self) -> String {
        let mut names: Vec<_> = self.variants.iter().flat_map(|variant| variant.options.keys()).collect();
        names.sort();
        names.dedup();
        match names[..] {
            [name] => capitalized(name),
            _ => self.shell.t("product-variant"),
        }
    }

    /// The title with the options of the variant, for a picture.
    fn alt(&self) -> String {
        let options = self.variant().filter(|variant| !variant.options.is_empty()).map(VariantView::label);
        options.map_or_else(|| self.title.clone(), |options| format!("{}, {options}", self.title))
    }
}

pub fn function() -> Function {
    Function::form("show-product", show, act)
        .about(
            "The product's id can be followed by a hyphen and anything else. A product that is no longer sold is 410.",
        )
        .shared()
        .problems(&[NOT_FOUND])
}

async fn show(storefront: Storefront, visit: Visit<ShowProduct>) -> Result<Seen<ProductPage>, Problem> {
    let ShowProduct { product_id, sku } = &visit.input;
    page(&storefront, &visit, product_id, sku.as_deref()).await
}

async fn page<I>(
    storefront: &Storefront,
    visit: &Visit<I>,
    product_id: &str,
    sku: Option<&str>,
) -> Result<Seen<ProductPage>, Problem> {
    let id: ProductId = link::id(product_id).ok_or_else(|| Problem::not_found("product"))?;
    let Around { aisles, items, session } = storefront.around(&visit.visitor, &[id], visit.now()).await?;
    let item = items.first().ok_or_else(|| Problem::not_found("product"))?;
    let Content { title, description, attributes, categories, variants, .. } =
        item.content.clone().ok_or_else(|| Problem::not_found("product"))?;
    let path = link::product(id, &title);
    if visit.visitor.path.starts_with("/products/") && visit.visitor.path != path {
        return Ok(Seen::Moved(visit.visitor.here().replacen(&visit.visitor.path, &path, 1)));
    }
    let aisle = categories.first().copied();
    let shell = Shell::of(&visit.visitor, &aisles, aisle).with_known(session, &storefront.sealer);
    let view = |(sku, options): &(Sku, BTreeMap<String, String>)| {
        VariantView::of(item, sku, options, shell.currency(), visit.now())
    };
    let variants: Vec<_> = variants.iter().map(view).collect();
    let asked = variants.iter().position(|variant| Some(variant.sku.as_str()) == sku);
    let in_stock = || variants.iter().position(|variant| variant.stock != Band::SoldOut);
    let is_sold = item.on_sale().is_some();
    let page = ProductPage {
        id,
        is_sold,
        breadcrumbs: crumbs(&aisles, aisle),
        chosen: asked.or_else(in_stock).unwrap_or_default(),
        structured: structured::product(&shell.canonical, &title, &description, &variants),
        title,
        description,
        attributes,
        variants,
        refused: None,
        shell,
    };
    Ok(Seen::Page(Html::new(page).status(if is_sold { 200 } else { 410 })))
}

/// What is added to the basket.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
struct Add {
    #[garde(skip)]
    sku: Sku,
}

/// Adds one unit.
async fn act(storefront: Storefront, visit: Visit<Form>) -> Result<Acted<ProductPage>, Problem> {
    let Add { sku } = visit.input.read()?;
    let (signed, cookie) = storefront.signed_or_guest(&visit).await?;
    let cart = match storefront.cart(&signed).await? {
        Some(cart) => cart,
        None => storefront.new_cart(&signed, shell::currency(&visit.visitor), &visit).await?,
    };
    let units = cart.units_of(sku.as_str()) + 1;
    match storefront.set_units(&signed, cart.id, sku.as_str(), units).await {
        Ok(()) => Ok(Acted::See { to: "/basket?added=1".to_owned(), cookie }),
        Err(ApiError::Refused(problem)) => {
            let segment = visit.visitor.path.trim_start_matches("/products/");
            match page(&storefront, &visit, segment, Some(sku.as_str())).await? {
                Seen::Page(page) => Ok(Acted::Again(ProductPage { refused: Some(problem.detail), ..page.into_view() })),
                Seen::Moved(to) | Seen::See(to) => Ok(Acted::see(to)),
            }
        }
        Err(error) => Err(error.into()),
    }
}
