//! Show the products on sale to a merchant, with the price and the stock of each variant.

use std::collections::BTreeMap;

use askama::Template;
use contracts::{CategoryId, Money, ProductId, Role, Sku};
use garde::Validate;
use jiff::Timestamp;
use lambda::{ApiError, ApiRequest, FORBIDDEN, Function, Html, Problem, Seen, UNAUTHENTICATED, Visit, missing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    aisle::Aisles,
    entry::to_sign_in,
    filter::Filter,
    found::Found,
    item::Item,
    level::{self, Level},
    product,
    shell::Shell,
};

/// How many products a page has.
const PAGE: u32 = 20;
/// How many SKUs a page knows the stock of. It is four calls to inventory.
const MOST_SKUS: usize = 400;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
pub struct ShowDeskProducts {
    #[garde(skip)]
    #[serde(flatten)]
    query: BTreeMap<String, String>,
}

/// The products on sale that were searched for, or all of them, the newest first.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "desk_products.html")]
#[serde(rename_all = "camelCase")]
struct DeskProductsPage {
    #[serde(skip)]
    shell: Shell,
    total: u64,
    products: Vec<ProductRow>,
    /// Whether inventory did not answer. No stock is shown then.
    is_partial: bool,
    /// The path of the next page. `null` on the last one.
    next: Option<String>,
    #[serde(skip)]
    filter: Filter,
    #[serde(skip)]
    departments: Vec<(CategoryId, String)>,
}

/// A product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeskProduct")]
struct ProductRow {
    id: ProductId,
    title: String,
    picture: Option<String>,
    variants: Vec<VariantRow>,
    #[serde(skip)]
    hue: &'static str,
}

/// A variant of a product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DeskVariant")]
struct VariantRow {
    sku: Sku,
    /// Its options in one text.
    options: String,
    /// `null` if it has no price in the currency of the page.
    price: Option<Money>,
    /// Units that can be sold. `null` if they are not known.
    available: Option<u64>,
}

impl ProductRow {
    /// A product with the stock that is known of SKUs.
    fn of(
        item: &Item,
        aisles: &Aisles,
        (skus, levels): (&[Sku], Option<&[Level]>),
        shell: &Shell,
        now: Timestamp,
    ) -> Option<Self> {
        let content = item.on_sale()?;
        let row = |(sku, options): &(Sku, BTreeMap<String, String>)| VariantRow {
            sku: sku.clone(),
            options: product::options(options),
            price: item.price_of(sku, shell.currency(), now),
            available: levels.filter(|_| skus.contains(sku)).map(|levels| Level::available_of(sku, levels)),
        };
        Some(Self {
            id: item.id,
            title: content.title.clone(),
            picture: item.picture_of(None).map(str::to_owned),
            variants: content.variants.iter().map(row).collect(),
            hue: content.categories.first().map(|id| aisles.hue(*id)).unwrap_or_default(),
        })
    }
}

impl DeskProductsPage {
    fn tone(available: u64) -> &'static str {
        level::tone(available)
    }

    fn is_chosen(&self, department: CategoryId) -> bool {
        self.filter.text("category") == department.to_string()
    }
}

pub fn function() -> Function {
    Function::page("show-desk-products", show).problems(&[UNAUTHENTICATED, FORBIDDEN]).about(
        "`q` are words or a SKU, and `category` is the id of a category. Without an account it is 401, and without the role \
         of a merchant 403.",
    )
}

async fn show(storefront: Storefront, visit: Visit<ShowDeskProducts>) -> Result<Seen<DeskProductsPage>, Problem> {
    let Some(signed) = storefront.at_desk(Role::Merchant, &visit).await? else {
        return Ok(Seen::See(to_sign_in(&visit.visitor)?));
    };
    let mut query = visit.input.query.clone();
    query.retain(|name, value| match name.as_str() {
        "q" | "cursor" => true,
        "category" => value.parse::<CategoryId>().is_ok(),
        _ => false,
    });
    let filter = Filter::of(&visit.visitor.path, query);
    let currency = crate::shell::currency(&visit.visitor);
    let search =
        |cursor: &str| storefront.catalog.send::<Found>(ApiRequest::get(filter.request(None, currency, PAGE, cursor)));
    let cursor = filter.text("cursor");
    let found = match search(cursor).await {
        // A cursor of another search is the first page.
        Err(error) if !cursor.is_empty() && error.has_status(400) => search("").await?,
        found => found?,
    };
    let ids: Vec<_> = found.items.iter().map(|hit| hit.id).collect();
    let (aisles, items) = storefront.store.aisles_and_items(&ids).await?;
    let variants = items.iter().filter_map(Item::on_sale).flat_map(|content| &content.variants);
    let skus: Vec<_> = variants.map(|(sku, _)| sku.clone()).take(MOST_SKUS).collect();
    let levels = match storefront.levels(&signed, &skus).await {
        Ok(levels) => Some(levels),
        Err(ApiError::Unavailable) => None,
        Err(error) => return Err(error.into()),
    };
    let shell = Shell::of(&visit.visitor, &aisles, None).with_session(Some(&signed), &storefront.sealer);
    let row = |item: &Item| ProductRow::of(item, &aisles, (&skus, levels.as_deref()), &shell, visit.now());
    let page = DeskProductsPage {
        total: found.total,
        products: items.iter().filter_map(row).collect(),
        is_partial: levels.is_none(),
        next: found.next_cursor.as_deref().map(|cursor| filter.path_with("cursor", cursor)),
        departments: aisles.departments().map(|(id, aisle)| (id, aisle.name.clone())).collect(),
        filter,
        shell,
    };
    let missing = missing([("stock", page.is_partial)]);
    Ok(Seen::Page(Html::new(page).without(missing)))
}
