//! Free what was held for orders that have forgotten it.

use lambda::{Function, Problem, Tick};

use crate::{Inventory, store::save_level};

/// This function.
pub fn function() -> Function {
    Function::schedule("expire-reservations", handle)
}

async fn handle(inventory: Inventory, tick: Tick) -> Result<(), Problem> {
    for reservation in inventory.store.lapsed(tick.cause.now).await? {
        let levels = inventory.store.levels(reservation.lines.iter().map(|line| &line.sku)).await?;
        let (reservation, levels, released) = reservation.release(&levels, "expired")?;
        let commit = inventory.store.table().commit(&tick.cause).save(&reservation).event(&released);
        levels.iter().fold(commit, save_level).run().await?;
    }
    Ok(())
}
