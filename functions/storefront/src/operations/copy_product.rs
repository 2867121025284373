//! Copy products and their prices from the catalog's events.

use lambda::{Event, Function, Problem};

use crate::{
    Storefront,
    item::{Item, ProductNews},
};

pub fn function() -> Function {
    Function::consumer("copy-product", handle).idempotent()
}

/// The product that each SKU belongs to is noted before the stock is read. A change of stock is noted before the product is
/// looked up. So of two events at the same time, one sees what the other noted.
async fn handle(storefront: Storefront, event: Event<ProductNews>) -> Result<(), Problem> {
    let (store, time, version) = (&storefront.store, event.metadata.time, event.metadata.version);
    let product = event.data.product();
    store.own(product, &event.data.skus(), &event.context).await?;
    let known = store.item(product).await?;
    let item = known.clone().unwrap_or_else(|| Item::unknown(product, time)).after(event.data, version, time);
    let skus: Vec<_> = item.content.iter().flat_map(|content| &content.variants).map(|(sku, _)| sku.clone()).collect();
    let item = item.stocked(&store.stocks(&skus).await?);
    if known.as_ref() == Some(&item) {
        return Err(Problem::AlreadyDone);
    }
    store.table().commit(&event.context).save(&item).run().await?;
    Ok(())
}
