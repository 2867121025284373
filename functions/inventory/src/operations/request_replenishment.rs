//! Ask the supplier for a SKU that is low.

use contracts::events::inventory::StockLow;
use lambda::{Event, Function, Problem};

use crate::{Inventory, level::Level, replenishment::Replenishment};

/// This function.
pub fn function() -> Function {
    Function::consumer("request-replenishment", handle)
}

async fn handle(inventory: Inventory, event: Event<StockLow>) -> Result<(), Problem> {
    let (id, now) = (event.cause.ids.next(), event.now());
    let StockLow { sku, reorder_quantity, .. } = event.data;
    let level = inventory.store.level(&sku).await?.unwrap_or_else(|| Level::new(sku.clone()));
    if level.replenishment.is_some() {
        return Err(Problem::AlreadyDone);
    }
    let (replenishment, requested) = Replenishment::request(id, sku, reorder_quantity, now);
    let commit = inventory.store.table().commit(&event.cause).save(&replenishment).event(&requested);
    commit.save(&level.replenishing(Some(id))).run().await?;
    Ok(())
}
