//! Request a replenishment of a SKU from the supplier.

use contracts::events::inventory::StockLow;
use lambda::{Event, Function, Problem};

use crate::{Inventory, replenishment::Replenishment};

pub fn function() -> Function {
    Function::consumer("request-replenishment", handle)
}

async fn handle(inventory: Inventory, event: Event<StockLow>) -> Result<(), Problem> {
    let (id, now) = (event.context.ids.next(), event.now());
    let StockLow { sku, reorder_quantity, .. } = event.data;
    // In the meantime, stock may have been received or a replenishment requested.
    let level = inventory.store.level(&sku).await?.filter(|level| level.low().is_some()).ok_or(Problem::AlreadyDone)?;
    let (replenishment, requested) = Replenishment::request(id, sku, reorder_quantity, now);
    let commit = inventory.store.table().commit(&event.context).save(&replenishment).event(&requested);
    commit.save(&level.replenishing(id)).run().await?;
    Ok(())
}
