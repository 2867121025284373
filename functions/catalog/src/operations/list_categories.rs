//! List all categories, each after its parent.

use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, view::CategoryView};

/// The page to list.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListCategories {
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-categories", handle)
        .about(
            "The categories are a tree of at most five levels. `parentId` and `path` show where a category is in \
             the tree.",
        )
        .public()
}

async fn handle(catalog: Catalog, call: Call<ListCategories>) -> Result<Page<CategoryView>, Problem> {
    let ListCategories { limit, cursor } = call.input;
    let page = catalog.store.tree(&Paging { limit, cursor }).await?;
    Ok(page.map(|category| CategoryView::of(&category)))
}
