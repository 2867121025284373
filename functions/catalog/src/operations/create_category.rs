//! Create a category, at the root or below another one.

use contracts::{CategoryId, Role};
use garde::Validate;
use lambda::{Call, Committed, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, category::Category, view::CategoryView};

/// A new category.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateCategory {
    #[garde(length(chars, min = 1, max = 100))]
    name: String,
    /// The parent category. Absent for a root category.
    #[garde(skip)]
    parent_id: Option<CategoryId>,
}

pub fn function() -> Function {
    Function::http("create-category", handle)
        .about("The tree has at most five levels. A category can be renamed, but not moved.")
        .roles(&[Role::Merchant])
        .versioned()
}

async fn handle(catalog: Catalog, call: Call<CreateCategory>) -> Result<Committed<Created<CategoryView>>, Problem> {
    let (id, context) = (call.new_id(), call.context);
    let parent = match call.input.parent_id {
        Some(parent) => {
            let found = catalog.store.category(parent).await?;
            Some(found.ok_or_else(|| Problem::invalid("/parentId", "is not a category"))?)
        }
        None => None,
    };
    let (category, changed) = Category::create(id, call.input.name, parent.as_ref())?;
    let commit = catalog.store.table().commit(&context).save(&category).event(&changed);
    let category = Category { version: commit.version(), ..category };
    let reply = Created::at(format!("/v1/products?categoryId={id}"), CategoryView::of(&category));
    Ok(commit.answer(reply.version(&category.version)).run().await?)
}
