//! Copy products, their variants and prices, and price lists from the catalog's events.

use contracts::events::catalog::{ListPricesChanged, PriceListChanged};
use dynamo::{Commit, RequestContext};
use lambda::{Event, Function, Problem};

use crate::{
    Checkout,
    listing::{ProductNews, SkuNews, prices_by_sku},
};

/// The maximum number of rows in one commit, which is the maximum number of writes in a transaction.
const MOST_ROWS: usize = 100;

contracts::event_set! {
    /// An event of the catalog about prices.
    #[derive(Debug)]
    pub(crate) enum CatalogNews {
        Product(ProductNews),
        List(PriceListChanged),
        Prices(ListPricesChanged),
    }
}

pub fn function() -> Function {
    Function::consumer("project-product", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<CatalogNews>) -> Result<(), Problem> {
    let version = event.metadata.version;
    match event.data {
        CatalogNews::Product(news) => project(&checkout, &event.context, news.by_sku(version)).await,
        CatalogNews::Prices(news) => project(&checkout, &event.context, prices_by_sku(news, version)).await,
        CatalogNews::List(PriceListChanged { list }) => {
            let lists = checkout.store.price_lists().await?.apply(list, version).ok_or(Problem::AlreadyDone)?;
            checkout.store.table().commit(&event.context).save(&lists).run().await?;
            Ok(())
        }
    }
}

/// Updates the read model of each SKU that no later event is known of. If another event changes one of them meanwhile, the
/// event is handled again.
async fn project(checkout: &Checkout, context: &RequestContext, news: Vec<SkuNews>) -> Result<(), Problem> {
    let (known, lists) = checkout.store.listings_and_lists(news.iter().map(|news| &news.sku)).await?;
    let rows = news.into_iter().filter_map(|news| {
        let known = known.iter().find(|known| known.sku == news.sku);
        news.apply(known, |list| lists.is_deleted(list))
    });
    for rows in rows.collect::<Vec<_>>().chunks(MOST_ROWS) {
        rows.iter().fold(checkout.store.table().commit(context), Commit::save).run().await?;
    }
    Ok(())
}
