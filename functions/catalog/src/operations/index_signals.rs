//! Bring the search entry of a product up to date when a SKU is sold out or in stock again.

use contracts::events::inventory::StockChanged;
use dynamo::Error;
use lambda::{Event, Function, Problem};

use crate::{Catalog, entry::Stocked};

pub fn function() -> Function {
    Function::consumer("index-signals", handle).idempotent()
}

/// The entry only says whether a product is in stock, so most changes of stock do not change it. Each is still noted
/// with its version, because a late event must not turn back a newer one.
async fn handle(catalog: Catalog, event: Event<StockChanged>) -> Result<(), Problem> {
    let happened_at = event.metadata.time;
    let stocked = Stocked::of(event.data, event.metadata.version);
    let before = catalog.store.stocked(&stocked.sku).await?;
    let is_new = before.as_ref().is_none_or(|before| before.version < stocked.version);
    if is_new {
        match catalog.store.table().commit(&event.context).project(&stocked).run().await {
            Ok(_) | Err(Error::Stale) => {}
            Err(error) => return Err(error.into()),
        }
    }
    // An earlier delivery of the event may have noted it, and not reached the entry.
    if is_new && before.is_some_and(|before| before.available == stocked.available) {
        return Ok(());
    }
    if let Some(product) = catalog.store.product_of(&stocked.sku).await? {
        catalog.store.index(product, Some(happened_at), &event.context).await?;
    }
    Ok(())
}
