//! Free what was held for a cancelled order, or comes back from it.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::{Inventory, reservation::Reservation, store::save_level};

/// This function.
pub fn function() -> Function {
    Function::consumer("release-stock", handle)
}

async fn handle(inventory: Inventory, event: Event<OrderCancelled>) -> Result<(), Problem> {
    let OrderCancelled { order, reason, .. } = event.data;
    let commit = inventory.store.table().commit(&event.cause);
    let Some(reservation) = inventory.store.reservation(order).await? else {
        commit.save(&Reservation::tombstone(order, event.now())).run().await?;
        return Ok(());
    };
    let levels = inventory.store.levels_of(&reservation).await?;
    let (reservation, levels, released) = reservation.release(&levels, reason)?;
    levels.iter().fold(commit.save(&reservation).event(&released), save_level).run().await?;
    Ok(())
}
