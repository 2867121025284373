//! The filters of a listing as links, with the number of products that each leaves.

use contracts::CategoryId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    aisle::Aisles,
    filter::{Filter, NAMES},
    found::{Found, FoundValue},
    money,
    shell::Shell,
};

/// What a listing can be filtered by.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ListingFacet")]
pub(crate) struct FacetView {
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) values: Vec<FacetValueView>,
}

/// A value to filter by.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ListingFacetValue")]
pub(crate) struct FacetValueView {
    pub(crate) label: String,
    /// The number of products with this value.
    pub(crate) count: u64,
    pub(crate) is_selected: bool,
    /// The path that adds the filter, or removes it.
    pub(crate) path: String,
}

/// A filter that is set.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ActiveView {
    pub(crate) label: String,
    /// The path that removes it.
    pub(crate) path: String,
}

/// The filters that change something: a facet with one value that all products have does not.
pub(crate) fn facets(
    found: &Found,
    filter: &Filter,
    aisle: Option<CategoryId>,
    aisles: &Aisles,
    shell: &Shell,
) -> Vec<FacetView> {
    let categories = found.facets.iter().find(|facet| facet.name == "category").map(|facet| {
        // Only what is directly below the aisle, or the departments.
        let below = aisles.below(aisle).filter_map(|(id, own)| {
            let id = id.to_string();
            let value = facet.values.iter().find(|value| value.value == id)?;
            let is_selected = filter.text("category") == id;
            let path = if is_selected { filter.path_without("category") } else { filter.path_with("category", &id) };
            Some(FacetValueView { label: own.name.clone(), count: value.count, is_selected, path })
        });
        FacetView { name: "category".to_owned(), label: shell.t("facet-category"), values: below.collect() }
    });
    let named = NAMES.iter().filter_map(|name| {
        let facet = found.facets.iter().find(|facet| facet.name == *name)?;
        let value = |value: &FoundValue| FacetValueView {
            label: value.label.clone(),
            count: value.count,
            is_selected: value.selected,
            path: filter.toggled(name, &value.value),
        };
        let values = facet.values.iter().map(value).collect();
        Some(FacetView { name: (*name).to_owned(), label: shell.t(&format!("facet-{name}")), values })
    });
    let is_useful = |facet: &FacetView| facet.values.len() > 1 || facet.values.iter().any(|value| value.is_selected);
    categories.into_iter().chain(named).filter(is_useful).collect()
}

/// The filters that are set.
pub(crate) fn actives(filter: &Filter, aisles: &Aisles, shell: &Shell) -> Vec<ActiveView> {
    let category = filter.text("category").parse().ok().and_then(|id| aisles.get(id));
    let category =
        category.map(|aisle| ActiveView { label: aisle.name.clone(), path: filter.path_without("category") });
    let named = NAMES.iter().flat_map(|name| {
        let value = |value: &str| ActiveView { label: value.to_owned(), path: filter.toggled(name, value) };
        filter.values(name).into_iter().map(value).collect::<Vec<_>>()
    });
    let prices = [("minPrice", "filter-from"), ("maxPrice", "filter-to")].into_iter().filter_map(|(name, key)| {
        let amount = contracts::Money::new(filter.price(name, shell.currency())?, shell.currency());
        Some(ActiveView { label: shell.w(key, "price", money::shown(amount)), path: filter.path_without(name) })
    });
    category.into_iter().chain(named).chain(prices).collect()
}
