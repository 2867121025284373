//! Show the products of an aisle, or those that a search finds.

use std::collections::BTreeMap;

use askama::Template;
use contracts::CategoryId;
use garde::Validate;
use lambda::{ApiError, ApiRequest, Function, Html, NOT_FOUND, Problem, Visit, missing};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Storefront,
    aisle::Aisles,
    card::CardView,
    crumb::{CrumbView, crumbs},
    facet::{ActiveView, FacetView, actives, facets},
    filter::Filter,
    found::Found,
    link,
    shell::Shell,
    store::Around,
};

/// How many products a page has.
const PAGE: u32 = 24;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct ShowListing {
    /// The id of an aisle's category, and anything after a hyphen.
    #[garde(skip)]
    category_id: Option<String>,
    #[garde(skip)]
    #[serde(flatten)]
    query: BTreeMap<String, String>,
}

/// Products in an aisle, or found by a search.
#[derive(Debug, Template, Serialize, JsonSchema)]
#[template(path = "listing.html")]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListingPage {
    #[serde(skip)]
    shell: Shell,
    /// The name of the aisle. `null` for a search in the whole shop.
    aisle: Option<String>,
    breadcrumbs: Vec<CrumbView>,
    /// What was searched for. Empty if it is all of an aisle.
    searched: String,
    /// The search with its typos corrected. `null` if nothing was corrected.
    corrected_to: Option<String>,
    /// Whether words were left out because no product has all of them.
    is_relaxed: bool,
    /// Whether the search did not answer. There are no products then.
    is_unavailable: bool,
    total: u64,
    products: Vec<CardView>,
    facets: Vec<FacetView>,
    active_filters: Vec<ActiveView>,
    sorts: Vec<SortView>,
    /// The path of the next page. `null` on the last one.
    next: Option<String>,
    #[serde(skip)]
    filter: Filter,
    /// The price fields, as they were entered.
    #[serde(skip)]
    prices: (String, String),
    #[serde(skip)]
    departments: Vec<(String, String, &'static str)>,
}

/// An order of the products.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SortView {
    label: String,
    path: String,
    is_current: bool,
}

impl ListingPage {
    fn heading(&self) -> String {
        match &self.aisle {
            _ if !self.searched.is_empty() && self.total == 0 => self.shell.w("search-none", "text", &self.searched),
            _ if !self.searched.is_empty() => self.shell.w("search-results", "text", &self.searched),
            Some(aisle) => aisle.clone(),
            None => self.shell.t("products-all"),
        }
    }
}

pub fn function() -> Function {
    Function::page("show-listing", show)
        .about(
            "`q` are words. `category` is the id of a category. `minPrice` and `maxPrice` are in units of the currency, such \
             as 12.50. `colour`, `material` and `size` filter by attributes and options; several values are separated by \
             `|`. `sort` is `relevance`, `newest`, `priceAsc` or `priceDesc`.",
        )
        .shared().problems(&[NOT_FOUND])
}

async fn show(storefront: Storefront, visit: Visit<ShowListing>) -> Result<Html<ListingPage>, Problem> {
    let ShowListing { category_id, query } = &visit.input;
    let aisle: Option<CategoryId> = match category_id {
        Some(segment) => Some(link::id(segment).ok_or_else(|| Problem::not_found("aisle"))?),
        None => None,
    };
    let currency = crate::shell::currency(&visit.visitor);
    let filter = Filter::of(&visit.visitor.path, query.clone());
    let found = match search(&storefront, &filter, aisle, currency).await {
        Ok(found) => Some(found),
        Err(ApiError::Unavailable) => None,
        Err(error) => return Err(error.into()),
    };
    let ids: Vec<_> = found.iter().flat_map(|found| &found.items).map(|hit| hit.id).collect();
    let Around { aisles, items, session } = storefront.around(&visit.visitor, &ids, visit.now()).await?;
    let name = match aisle {
        Some(id) => Some(aisles.get(id).ok_or_else(|| Problem::not_found("aisle"))?.name.clone()),
        None => None,
    };
    let mut shell = Shell::of(&visit.visitor, &aisles, aisle).with_known(session, &storefront.sealer);
    filter.text("q").clone_into(&mut shell.searched);
    let is_unavailable = found.is_none();
    let found = found.unwrap_or_default();
    let page = ListingPage {
        aisle: name,
        breadcrumbs: crumbs(&aisles, aisle),
        searched: shell.searched.clone(),
        corrected_to: found.corrected_to.clone(),
        is_relaxed: found.relaxed,
        is_unavailable,
        total: found.total,
        products: items.iter().filter_map(|item| CardView::of(item, &aisles, &shell, visit.now())).collect(),
        facets: facets(&found, &filter, aisle, &aisles, &shell),
        active_filters: actives(&filter, &aisles, &shell),
        sorts: sorts(&filter, &shell),
        next: found.next_cursor.as_deref().map(|cursor| filter.path_with("cursor", cursor)),
        prices: (filter.text("minPrice").to_owned(), filter.text("maxPrice").to_owned()),
        departments: departments(&aisles),
        filter,
        shell,
    };
    Ok(Html::new(page).without(missing([("results", is_unavailable)])))
}

/// Asks the catalog. A cursor that is not one of this search is the first page.
async fn search(
    storefront: &Storefront,
    filter: &Filter,
    aisle: Option<CategoryId>,
    currency: contracts::Currency,
) -> Result<Found, ApiError> {
    let request = |cursor: &str| ApiRequest::get(filter.request(aisle, currency, PAGE, cursor));
    let cursor = filter.text("cursor");
    match storefront.catalog.send(request(cursor)).await {
        Err(error) if !cursor.is_empty() && error.has_status(400) => storefront.catalog.send(request("")).await,
        answer => answer,
    }
}

fn sorts(filter: &Filter, shell: &Shell) -> Vec<SortView> {
    let first = if filter.text("q").is_empty() { "newest" } else { "relevance" };
    let sorts = [first, "priceAsc", "priceDesc"];
    let current = sorts.into_iter().find(|sort| *sort == filter.text("sort")).unwrap_or(first);
    let view = |sort: &'static str| SortView {
        label: shell.t(&format!("sort-{}", sort.to_ascii_lowercase())),
        path: if sort == first { filter.path_without("sort") } else { filter.path_with("sort", sort) },
        is_current: sort == current,
    };
    sorts.into_iter().map(view).collect()
}

fn departments(aisles: &Aisles) -> Vec<(String, String, &'static str)> {
    let department = |(id, aisle): (CategoryId, &crate::aisle::Aisle)| {
        (aisle.name.clone(), link::aisle(id, &aisle.name), aisles.hue(id))
    };
    aisles.departments().map(department).collect()
}
