//! Learn what a product sells, and for how much.

use dynamo::{Cause, Commit, Error};
use lambda::{Consumes, Event, Events, Function, Problem};

use crate::{
    Checkout,
    listing::{Listing, ProductNews},
};

/// Most rows of one commit: as many as a transaction may write.
const MOST_ROWS: usize = 100;

impl Consumes for ProductNews {
    fn events(events: Events<'_, Self>) -> Events<'_, Self> {
        events.event(Self::Published).event(Self::Changed).event(Self::Archived).event(Self::Priced)
    }
}

pub fn function() -> Function {
    Function::consumer("project-product", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<ProductNews>) -> Result<(), Problem> {
    let mut rows = event.data.listings(event.metadata.version);
    if let [row] = &rows[..] {
        // Whether it is newer than what is known is the put's own condition.
        checkout.store.table().commit(&event.cause).project(row).run().await?;
        return Ok(());
    }
    // Each SKU by itself: one of which a later event has told already does not hold up the others.
    let known = checkout.store.listings(rows.iter().map(|row| &row.sku)).await?;
    rows.retain(|row| !known.iter().any(|known| known.sku == row.sku && known.version >= row.version));
    for rows in rows.chunks(MOST_ROWS) {
        project(&checkout, &event.cause, rows).await?;
    }
    Ok(())
}

async fn project(checkout: &Checkout, cause: &Cause, rows: &[Listing]) -> Result<(), Problem> {
    let commit = checkout.store.table().commit(cause);
    match rows.iter().fold(commit, Commit::project).run().await {
        // A later event was quicker with one of the rows: look again which are new.
        Err(Error::Stale) => Err(Problem::Conflict),
        done => Ok(done?),
    }
}
