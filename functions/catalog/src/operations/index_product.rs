//! Bring the search entry of a product up to date after its event.

use contracts::{
    ProductId,
    events::catalog::{PriceChanged, ProductArchived, ProductChanged, ProductPublished},
};
use lambda::{Event, Function, Problem};

use crate::Catalog;

contracts::event_set! {
    /// What changes the entry of a product.
    #[derive(Debug)]
    pub enum ProductNews {
        Published(ProductPublished),
        Changed(ProductChanged),
        Priced(PriceChanged),
        Archived(ProductArchived),
    }
}

impl ProductNews {
    fn product(&self) -> ProductId {
        match self {
            Self::Published(event) => event.product.id,
            Self::Changed(event) => event.product.id,
            Self::Priced(event) => event.product,
            Self::Archived(event) => event.product,
        }
    }
}

pub fn function() -> Function {
    Function::consumer("index-product", handle).idempotent()
}

/// The event only says which product has changed. Its entry is made from the product itself, so it does not matter in
/// which order events arrive.
async fn handle(catalog: Catalog, event: Event<ProductNews>) -> Result<(), Problem> {
    Ok(catalog.store.index(event.data.product(), Some(event.metadata.time), &event.context).await?)
}
