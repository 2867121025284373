//! Send the products of a renamed category to the search index.

use contracts::events::catalog::CategoryChanged;
use lambda::{Event, Function, Problem};

use crate::category_queue::{CategoryIndexer, CategoryPage};

pub fn function() -> Function {
    Function::consumer("index-category", handle).idempotent()
}

async fn handle(indexer: CategoryIndexer, event: Event<CategoryChanged>) -> Result<(), Problem> {
    // A new category has no products.
    if event.metadata.version == 1 {
        return Ok(());
    }
    indexer.send(&CategoryPage { category: event.data.category, after: None }).await
}
