//! Store a snapshot of the search index, so that new instances have little to read.

use lambda::{Function, Problem, Tick};

use crate::{Catalog, loading};

pub fn function() -> Function {
    Function::schedule("snapshot-search", handle)
}

async fn handle(catalog: Catalog, tick: Tick) -> Result<(), Problem> {
    let (store, now) = (&catalog.store, tick.context.now);
    let head = store.head().await?;
    if !head.is_due(loading::tail(store, &head).await?, now) {
        return Ok(());
    }
    let documents = loading::Loaded::read(store).await?.documents()?;
    store.take_snapshot(head, documents, now, &tick.context).await?;
    Ok(())
}
