//! Categories, products and imports as callers see them.

use std::collections::BTreeMap;

use contracts::{
    CategoryId, Currency, CustomerGroupId, ImportId, PriceListId, ProductId, Sku, TaxClass,
    events::catalog::{Price, PriceListKind, PriceTier, Variant},
};
use lambda::Time;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    category::Category,
    import::{ChunkResult, Failure, Import, RowWarnings},
    list_prices::ListedSku,
    price_list::{PriceList, Terms},
    product::{Content, Product, Status},
};

/// The maximum number of rows with a problem or with warnings in one reply.
const MOST_ROWS: usize = 1000;

/// A category.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CategoryView {
    id: CategoryId,
    name: String,
    /// The parent category. `null` for a root category.
    parent_id: Option<CategoryId>,
    /// The ids of all categories above this one, from the root down.
    path: Vec<CategoryId>,
    version: u64,
}

impl CategoryView {
    pub(crate) fn of(category: &Category) -> Self {
        let Category { id, name, path, version } = category.clone();
        Self { id, name, parent_id: category.parent(), path, version: version.number() }
    }
}

/// A product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProductView {
    id: ProductId,
    title: String,
    description: String,
    status: Status,
    category_ids: Vec<CategoryId>,
    images: Vec<String>,
    attributes: BTreeMap<String, String>,
    /// The tax class, which the tax rates of a country have a percentage for.
    tax_class: TaxClass,
    variants: Vec<VariantView>,
    version: u64,
}

/// A variant of a product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct VariantView {
    /// The stock keeping unit.
    sku: Sku,
    /// The options that distinguish the variant from the others: `{"colour": "red"}`.
    options: BTreeMap<String, String>,
    /// Its prices, in any number of currencies.
    prices: Vec<PriceView>,
}

/// A price of a variant, and the period in which it is valid.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PriceView {
    /// The amount in minor units. It contains the tax in the countries whose tax rates are `included`.
    amount: i64,
    currency: Currency,
    /// The time from which the price is valid. If absent, there is no start.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<Time>,
    /// The time until which the price is valid, exclusive. If absent, there is no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<Time>,
}

impl From<Variant> for VariantView {
    fn from(Variant { sku, options, prices }: Variant) -> Self {
        Self { sku, options, prices: prices.into_iter().map(PriceView::from).collect() }
    }
}

impl From<Price> for PriceView {
    fn from(Price { amount, currency, valid_from, valid_to }: Price) -> Self {
        Self { amount, currency, valid_from: valid_from.map(Time::from), valid_to: valid_to.map(Time::from) }
    }
}

impl ProductView {
    pub(crate) fn of(product: &Product) -> Self {
        let Content { title, description, categories, images, attributes, tax_class, variants } =
            product.content.clone();
        Self {
            id: product.id,
            title,
            description,
            status: product.status,
            category_ids: categories,
            images,
            attributes,
            tax_class,
            variants: variants.into_iter().map(VariantView::from).collect(),
            version: product.version.number(),
        }
    }
}

/// A price list, without its prices.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceListView {
    id: PriceListId,
    name: String,
    /// The currency of its prices.
    currency: Currency,
    kind: PriceListKind,
    /// The customer groups that it is for. If empty, it is for everyone.
    customer_groups: Vec<CustomerGroupId>,
    /// The country codes (ISO 3166-1 alpha-2) that it is for. If empty, it is for all countries.
    countries: Vec<String>,
    /// The time from which the list is valid. `null` if there is no start.
    valid_from: Option<Time>,
    /// The time until which the list is valid, exclusive. `null` if there is no end.
    valid_to: Option<Time>,
    /// 0 to 1000. If several lists have a price for a SKU, the list with the lowest number applies.
    priority: u32,
    version: u64,
}

impl PriceListView {
    pub(crate) fn of(list: &PriceList) -> Self {
        let PriceList { id, currency, kind, .. } = *list;
        let Terms { name, customer_groups, countries, valid_from, valid_to, priority } = list.terms.clone();
        let (valid_from, valid_to) = (valid_from.map(Time::from), valid_to.map(Time::from));
        let version = list.version.number();
        Self { id, name, currency, kind, customer_groups, countries, valid_from, valid_to, priority, version }
    }
}

/// The prices of a SKU in a price list.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedSkuView {
    sku: Sku,
    product_id: ProductId,
    /// The prices, in ascending order of their minimum quantity.
    prices: Vec<PriceTier>,
}

impl From<ListedSku> for ListedSkuView {
    fn from(ListedSku { prices, .. }: ListedSku) -> Self {
        Self { sku: prices.sku, product_id: prices.product, prices: prices.tiers }
    }
}

/// The status of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Progress {
    /// Some rows are still to be processed.
    Running,
    /// Every row has been processed.
    Done,
}

/// A row that was refused.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RowProblem {
    /// The line of the file on which the row begins, from 1.
    row: u32,
    /// Why the row was refused.
    reason: String,
}

/// A row that was imported with warnings.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RowWarningsView {
    /// The line of the file on which the row begins, from 1.
    row: u32,
    /// The product of the row.
    product_id: ProductId,
    /// What of the row was not imported, or was changed.
    warnings: Vec<String>,
}

/// The progress of an import.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportView {
    id: ImportId,
    status: Progress,
    /// The number of products in the file. `imported`, `failed` and `pending` count products, too. In an export of another
    /// shop, a product can have several rows.
    rows: u32,
    /// The number of rows that were imported.
    imported: u32,
    /// The number of rows that were refused.
    failed: u32,
    /// The number of rows that are still to be processed.
    pending: u32,
    started_at: Time,
    /// When the last row was processed.
    finished_at: Option<Time>,
    /// What of the file as a whole is not imported, such as its stock.
    warnings: Vec<String>,
    /// The refused rows, in the order of the file.
    problems: Vec<RowProblem>,
    /// The rows that were imported with warnings, in the order of the file.
    row_warnings: Vec<RowWarningsView>,
    /// Send it as `after` to list the next rows with problems or warnings. `null` if there are no more so far.
    next_after: Option<u32>,
}

impl ImportView {
    pub(crate) fn of(import: &Import, results: &[ChunkResult], after: u32) -> Self {
        let done = import.is_done(results);
        let imported = results.iter().map(|result| result.imported).sum();
        let failed = results.iter().map(|result| result.failed.len()).sum::<usize>();
        let failed = u32::try_from(failed).unwrap_or(u32::MAX);
        let mut problems: Vec<_> =
            results.iter().flat_map(|result| &result.failed).filter(|failure| failure.row > after).collect();
        let mut warned: Vec<_> =
            results.iter().flat_map(|result| &result.warned).filter(|warned| warned.row > after).collect();
        let mut rows: Vec<_> =
            problems.iter().map(|failure| failure.row).chain(warned.iter().map(|warned| warned.row)).collect();
        rows.sort_unstable();
        let next_after = rows.get(MOST_ROWS).and_then(|_| rows.get(MOST_ROWS - 1)).copied();
        let is_told = |row: u32| next_after.is_none_or(|last| row <= last);
        problems.retain(|failure| is_told(failure.row));
        warned.retain(|warned| is_told(warned.row));
        let problem = |failure: &Failure| RowProblem { row: failure.row, reason: failure.reason.clone() };
        let with_warnings = |warned: &RowWarnings| {
            let RowWarnings { row, product, warnings } = warned.clone();
            RowWarningsView { row, product_id: product, warnings }
        };
        Self {
            id: import.id,
            status: if done { Progress::Done } else { Progress::Running },
            rows: import.rows,
            imported,
            failed,
            pending: import.rows.saturating_sub(imported + failed),
            started_at: import.started_at.into(),
            finished_at: results.iter().map(|result| result.finished_at).max().filter(|_| done).map(Time::from),
            warnings: import.warnings.clone(),
            problems: problems.into_iter().map(problem).collect(),
            row_warnings: warned.into_iter().map(with_warnings).collect(),
            next_after,
        }
    }
}
