//! Free what was held for orders that have forgotten it.

use lambda::{Function, Problem, Tick};

use crate::{Inventory, reservation::Reservation, store::save_level};

/// This function.
pub fn function() -> Function {
    Function::schedule("expire-reservations", handle)
}

async fn handle(inventory: Inventory, tick: Tick) -> Result<(), Problem> {
    let lapsed = inventory.store.lapsed(tick.cause.now);
    tick.each(lapsed, |reservation| expire(&inventory, reservation, &tick)).await
}

async fn expire(inventory: &Inventory, reservation: Reservation, tick: &Tick) -> Result<(), Problem> {
    let levels = inventory.store.levels_of(&reservation).await?;
    let (reservation, levels, released) = reservation.expire(&levels)?;
    let commit = inventory.store.table().commit(&tick.cause).save(&reservation).event(&released);
    levels.iter().fold(commit, save_level).run().await?;
    Ok(())
}
