//! Learn what a product sells, and for how much.

use dynamo::{Cause, Commit, Error};
use lambda::{Consumes, Event, Events, Function, Problem};

use crate::{
    Checkout,
    listing::{Listing, ProductNews},
};

/// Most rows of one commit: with the consumed-message record well below the 100 of a transaction.
const MOST_ROWS: usize = 90;

impl Consumes for ProductNews {
    fn events(events: Events<'_, Self>) -> Events<'_, Self> {
        events.event(Self::Published).event(Self::Changed).event(Self::Archived).event(Self::Priced)
    }
}

pub fn function() -> Function {
    Function::consumer("project-product", handle)
}

async fn handle(checkout: Checkout, mut event: Event<ProductNews>) -> Result<(), Problem> {
    let mut rows = event.data.listings(event.metadata.version);
    // Each SKU by itself: one of which a later event has told already does not hold up the others.
    let known = checkout.store.listings(rows.iter().map(|row| &row.sku)).await?;
    rows.retain(|row| !known.iter().any(|known| known.sku == row.sku && known.version >= row.version));
    // The event counts as consumed with its last rows: the earlier ones are not written a second time.
    let inbox = event.cause.inbox.take();
    let (earlier, last) = rows.split_at(rows.len().saturating_sub(MOST_ROWS));
    for rows in earlier.chunks(MOST_ROWS) {
        project(&checkout, &event.cause, rows).await?;
    }
    event.cause.inbox = inbox;
    project(&checkout, &event.cause, last).await
}

async fn project(checkout: &Checkout, cause: &Cause, rows: &[Listing]) -> Result<(), Problem> {
    let commit = checkout.store.table().commit(cause);
    match rows.iter().fold(commit, Commit::project).run().await {
        // A later event was quicker with one of the rows: look again which are new.
        Err(Error::Stale) => Err(Problem::Conflict),
        done => Ok(done?),
    }
}
