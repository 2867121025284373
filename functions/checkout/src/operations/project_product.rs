//! Learn what a product sells, and for how much.

use contracts::{
    Envelope, Event as DomainEvent,
    events::catalog::{PriceChanged, ProductArchived, ProductChanged, ProductPublished},
};
use dynamo::{Cause, Commit, Error};
use lambda::{Consumes, Event, Function, Problem, UnknownEvent};

use crate::{
    Checkout,
    listing::{Listing, ProductNews},
};

/// Most rows of one commit: with the consumed-message record well below the 100 of a transaction.
const MOST_ROWS: usize = 90;

impl Consumes for ProductNews {
    fn names() -> Vec<(&'static str, &'static str)> {
        let (published, changed) = (ProductPublished::names(), ProductChanged::names());
        [published, changed, ProductArchived::names(), PriceChanged::names()].concat()
    }

    fn read(name: &str, detail: &str) -> Result<Envelope<Self>, Problem> {
        fn news<E: Consumes>(
            name: &str,
            detail: &str,
            of: fn(E) -> ProductNews,
        ) -> Result<Envelope<ProductNews>, Problem> {
            let Envelope { metadata, data } = E::read(name, detail)?;
            Ok(Envelope { metadata, data: of(data) })
        }
        match name {
            ProductPublished::NAME => news(name, detail, Self::Published),
            ProductChanged::NAME => news(name, detail, Self::Changed),
            ProductArchived::NAME => news(name, detail, Self::Archived),
            PriceChanged::NAME => news(name, detail, Self::Priced),
            _ => Err(Problem::internal(UnknownEvent(name.to_owned()))),
        }
    }
}

/// This function.
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
