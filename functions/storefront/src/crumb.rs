//! The way to a page: the aisles that it is in.

use contracts::CategoryId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{aisle::Aisles, link};

/// An aisle above a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct CrumbView {
    pub(crate) name: String,
    pub(crate) path: String,
}

/// The aisles from the department to an aisle, inclusive.
pub(crate) fn crumbs(aisles: &Aisles, aisle: Option<CategoryId>) -> Vec<CrumbView> {
    let way = aisle.map(|id| aisles.way(id)).unwrap_or_default();
    way.into_iter()
        .map(|(id, aisle)| CrumbView { name: aisle.name.clone(), path: link::aisle(id, &aisle.name) })
        .collect()
}
