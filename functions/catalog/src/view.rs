//! Categories, products and imports as callers see them.

use std::collections::BTreeMap;

use contracts::{
    CategoryId, Currency, ImportId, ProductId, Sku, TaxClass,
    events::catalog::{Price, Variant},
};
use lambda::Time;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    category::Category,
    import::{ChunkResult, Import},
    product::{Content, Product, Status},
};

/// The maximum number of refused rows in one reply.
const MOST_PROBLEMS: usize = 1000;

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
}

impl CategoryView {
    pub(crate) fn of(category: &Category) -> Self {
        let Category { id, name, path, .. } = category.clone();
        Self { id, name, parent_id: category.parent(), path }
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

/// The progress of an import.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ImportView {
    id: ImportId,
    status: Progress,
    /// The number of rows in the file.
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
    /// The refused rows, in the order of the file.
    problems: Vec<RowProblem>,
    /// Send it as `after` to list the next refused rows. `null` if there are no more so far.
    next_after: Option<u32>,
}

impl ImportView {
    pub(crate) fn of(import: &Import, results: &[ChunkResult], after: u32) -> Self {
        let done = import.tasks(results).is_empty();
        let imported = results.iter().map(|result| result.imported).sum();
        let failures = results.iter().flat_map(|result| &result.failed);
        let failed = u32::try_from(failures.clone().count()).unwrap_or(u32::MAX);
        let mut later = failures.filter(|failure| failure.row > after);
        let told = later.by_ref().take(MOST_PROBLEMS);
        let problems: Vec<_> =
            told.map(|failure| RowProblem { row: failure.row, reason: failure.reason.clone() }).collect();
        let next_after = later.next().and(problems.last()).map(|problem| problem.row);
        Self {
            id: import.id,
            status: if done { Progress::Done } else { Progress::Running },
            rows: import.rows,
            imported,
            failed,
            pending: import.rows.saturating_sub(imported + failed),
            started_at: import.started_at.into(),
            finished_at: results.iter().map(|result| result.finished_at).max().filter(|_| done).map(Time::from),
            problems,
            next_after,
        }
    }
}
