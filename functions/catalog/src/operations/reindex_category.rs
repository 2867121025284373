//! Bring the search entries of 100 products of a category up to date.

use lambda::{Function, Message, Problem};

use crate::category_queue::{CategoryIndexer, CategoryPage};

pub fn function() -> Function {
    Function::messages("reindex-category", handle).idempotent()
}

/// The next message is sent after its page is indexed. If the function ends between, the page is indexed again. The last
/// message finds no products.
async fn handle(indexer: CategoryIndexer, message: Message<CategoryPage>) -> Result<(), Problem> {
    let CategoryPage { category, after } = message.body;
    let products = indexer.store.products_of_category(category, after).await?;
    let Some(last) = products.last() else { return Ok(()) };
    indexer.store.index_all(&products, &message.context).await?;
    indexer.send(&CategoryPage { category, after: Some(*last) }).await
}
