//! Rename a category.

use contracts::{CategoryId, Role};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, category::Category, view::CategoryView};

/// Changes to a category.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateCategory {
    #[garde(skip)]
    category_id: CategoryId,
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
}

pub fn function() -> Function {
    Function::http("update-category", handle)
        .about(
            "A category cannot be moved below another one. Searches find its products by the new name after a few \
             seconds, or minutes if it has thousands of products.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[NOT_FOUND])
}

async fn handle(catalog: Catalog, call: Call<UpdateCategory>) -> Result<Committed<Found<CategoryView>>, Problem> {
    let category = catalog.store.category(call.input.category_id).await?;
    let category = category.ok_or_else(|| Problem::not_found("category"))?;
    call.expects(&category.version)?;
    let reply = |category: &Category| Found::new(CategoryView::of(category)).version(&category.version);
    let unchanged = reply(&category);
    let Some((category, changed)) = category.rename(call.input.name) else {
        return Ok(Committed::unchanged(unchanged));
    };
    let commit = catalog.store.table().commit(&call.context).save(&category).event(&changed);
    let category = Category { version: commit.version(), ..category };
    Ok(commit.answer(reply(&category)).run().await?)
}
