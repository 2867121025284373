//! The answer of the catalog's search.

use contracts::ProductId;
use serde::Deserialize;

/// What the catalog's search answers, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Found {
    pub(crate) items: Vec<Hit>,
    pub(crate) total: u64,
    pub(crate) facets: Vec<FoundFacet>,
    pub(crate) relaxed: bool,
    pub(crate) corrected_to: Option<String>,
    pub(crate) next_cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Hit {
    pub(crate) id: ProductId,
}

#[derive(Debug, Deserialize)]
pub(crate) struct FoundFacet {
    pub(crate) name: String,
    pub(crate) values: Vec<FoundValue>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct FoundValue {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) count: u64,
    pub(crate) selected: bool,
}
