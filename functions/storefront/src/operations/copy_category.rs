//! Copy categories from the catalog's events.

use contracts::events::catalog::CategoryChanged;
use lambda::{Event, Function, Problem};

use crate::Storefront;

pub fn function() -> Function {
    Function::consumer("copy-category", handle).idempotent()
}

async fn handle(storefront: Storefront, event: Event<CategoryChanged>) -> Result<(), Problem> {
    let aisles = storefront.store.latest_aisles().await?;
    let aisles = aisles.after(event.data, event.metadata.version).ok_or(Problem::AlreadyDone)?;
    storefront.store.table().commit(&event.context).save(&aisles).run().await?;
    Ok(())
}
