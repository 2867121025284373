//! Copy the variants and prices of a product from the catalog's events.

use dynamo::{Commit, Error, RequestContext};
use lambda::{Event, Function, Problem};

use crate::{
    Checkout,
    listing::{Listing, ProductNews},
};

/// The maximum number of rows in one commit, which is the maximum number of writes in a transaction.
const MOST_ROWS: usize = 100;

pub fn function() -> Function {
    Function::consumer("project-product", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<ProductNews>) -> Result<(), Problem> {
    let mut rows = event.data.listings(event.metadata.version);
    if let [row] = &rows[..] {
        // The put has the condition that the row is newer than the stored one.
        checkout.store.table().commit(&event.context).project(row).run().await?;
        return Ok(());
    }
    // Each SKU is written by itself, so that a SKU with a later version does not prevent the writes of the others.
    let known = checkout.store.listings(rows.iter().map(|row| &row.sku)).await?;
    rows.retain(|row| !known.iter().any(|known| known.sku == row.sku && known.version >= row.version));
    for rows in rows.chunks(MOST_ROWS) {
        project(&checkout, &event.context, rows).await?;
    }
    Ok(())
}

async fn project(checkout: &Checkout, context: &RequestContext, rows: &[Listing]) -> Result<(), Problem> {
    let commit = checkout.store.table().commit(context);
    match rows.iter().fold(commit, Commit::project).run().await {
        // A later event has written one of the rows first. Check again which rows are new.
        Err(Error::Stale) => Err(Problem::Conflict),
        done => Ok(done.map(drop)?),
    }
}
