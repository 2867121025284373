//! Copy the stock of a SKU from inventory's events.

use contracts::events::inventory::StockChanged;
use dynamo::Error;
use lambda::{Event, Function, Problem};

use crate::{Storefront, item::Stock};

pub fn function() -> Function {
    Function::consumer("copy-stock", handle).idempotent()
}

/// The stock is noted with its version, so that a late event does not turn back a newer one. The product is written only when
/// what a visitor is told changes.
async fn handle(storefront: Storefront, event: Event<StockChanged>) -> Result<(), Problem> {
    let store = &storefront.store;
    let stock = Stock::of(event.data, event.metadata.version);
    match store.table().commit(&event.context).project(&stock).run().await {
        // An earlier delivery of the event may have noted it, and not reached the product.
        Ok(_) | Err(Error::Stale) => {}
        Err(error) => return Err(error.into()),
    }
    let Some(product) = store.owner(&stock.sku).await? else { return Ok(()) };
    let Some(item) = store.item(product).await? else { return Ok(()) };
    if item.band_of(&stock.sku) == stock.band() {
        return Ok(());
    }
    let skus: Vec<_> = item.content.iter().flat_map(|content| &content.variants).map(|(sku, _)| sku.clone()).collect();
    let stocked = item.clone().stocked(&store.stocks(&skus).await?);
    if stocked != item {
        store.table().commit(&event.context).save(&stocked).run().await?;
    }
    Ok(())
}
