//! Free what was held for orders that have forgotten it.

use lambda::{Function, Problem, Tick};

use crate::{Inventory, reservation::Reservation, store::save_level};

/// This function.
pub fn function() -> Function {
    Function::schedule("expire-reservations", handle)
}

async fn handle(inventory: Inventory, tick: Tick) -> Result<(), Problem> {
    for reservation in inventory.store.lapsed(tick.cause.now).await? {
        // One reservation must not hold up the others: what goes wrong with it lapses again.
        let order = reservation.order;
        match expire(&inventory, reservation, &tick).await {
            Ok(()) | Err(Problem::Conflict | Problem::AlreadyDone) => {}
            Err(problem) => tracing::error!(%order, error = &problem as &dyn std::error::Error, "not freed"),
        }
    }
    Ok(())
}

async fn expire(inventory: &Inventory, reservation: Reservation, tick: &Tick) -> Result<(), Problem> {
    let levels = inventory.store.levels(reservation.lines.iter().map(|line| &line.sku)).await?;
    let (reservation, levels, released) = reservation.expire(&levels)?;
    let commit = inventory.store.table().commit(&tick.cause).save(&reservation).event(&released);
    levels.iter().fold(commit, save_level).run().await?;
    Ok(())
}
