//! Rebuild the search index from the products, and replace the stored snapshot.

use std::collections::BTreeSet;

use contracts::ProductId;
use dynamo::RequestContext;
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Found, Function, Paging, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Catalog, store::Store};

/// The number of products in a page.
const PAGE: u32 = 100;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RebuildSearch {}

/// What was rebuilt.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rebuilt {
    /// The number of the new snapshot.
    version: u64,
    /// The number of products in it.
    documents: u32,
}

pub fn function() -> Function {
    Function::invoked("rebuild-search", handle)
}

/// The entries are made anew, and the snapshot is made beside the current one, from entries alone. It replaces the
/// current one only if it has as many products as are on sale.
async fn handle(catalog: Catalog, call: Call<RebuildSearch>) -> Result<Found<Rebuilt>, Problem> {
    let (store, context) = (&catalog.store, &call.context);
    let head = store.head().await?;
    let on_sale = reindex_products(store, context).await?;
    let entries = store.changed_since(Timestamp::UNIX_EPOCH).await?;
    let is_left = |id: &ProductId| !on_sale.contains(id);
    let left = entries.iter().filter(|entry| entry.document.is_some()).map(|entry| entry.id).filter(is_left);
    store.index_all(&left.collect::<Vec<_>>(), context).await?;
    let entries = store.changed_since(Timestamp::UNIX_EPOCH).await?;
    let documents: Vec<_> = entries.into_iter().filter_map(|entry| entry.document).collect();
    if documents.len() != on_sale.len() {
        return Err(Problem::internal(format!(
            "the index has {} products, and {} are on sale: invoke the function again",
            documents.len(),
            on_sale.len(),
        )));
    }
    let stored = store.take_snapshot(head, documents, context.now, context).await?;
    Ok(Found::new(Rebuilt { version: stored.number, documents: stored.documents }))
}

/// Indexes all products on sale anew, and returns them.
async fn reindex_products(store: &Store, context: &RequestContext) -> Result<BTreeSet<ProductId>, Problem> {
    let (mut on_sale, mut cursor) = (BTreeSet::new(), None);
    loop {
        let page = store.products(None, &Paging { limit: Some(PAGE), cursor }).await?;
        let ids: Vec<_> = page.items.iter().map(|product| product.id).collect();
        on_sale.extend(&ids);
        store.index_all(&ids, context).await?;
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(on_sale),
        }
    }
}
