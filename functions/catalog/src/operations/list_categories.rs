//! List the category tree, each category after the one that it is in.

use contracts::CategoryId;
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Catalog, category::Category};

/// Which page.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListCategories {
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

/// A category.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CategoryView {
    id: CategoryId,
    name: String,
    /// The category that it is in; none for a root.
    parent_id: Option<CategoryId>,
    /// What stands above it, from the root on.
    path: Vec<CategoryId>,
}

impl CategoryView {
    pub(crate) fn of(category: &Category) -> Self {
        let Category { id, name, path, .. } = category.clone();
        Self { id, name, parent_id: category.parent(), path }
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("list-categories", handle).public()
}

async fn handle(catalog: Catalog, call: Call<ListCategories>) -> Result<Page<CategoryView>, Problem> {
    let ListCategories { limit, cursor } = call.input;
    let page = catalog.store.tree(&Paging { limit, cursor }).await?;
    Ok(page.map(|category| CategoryView::of(&category)))
}
