//! Book what left with a shipment.

use contracts::events::delivery::ShipmentDispatched;
use lambda::{Event, Function, Problem};

use crate::{Inventory, reservation::Rejection, store::save_level};

/// This function.
pub fn function() -> Function {
    Function::consumer("commit-stock", handle)
}

async fn handle(inventory: Inventory, event: Event<ShipmentDispatched>) -> Result<(), Problem> {
    let reservation = inventory.store.reservation(event.data.order).await?;
    let reservation = reservation.ok_or(Rejection::NotHeld { status: None })?;
    let levels = inventory.store.levels_of(&reservation).await?;
    let (reservation, levels, committed) = reservation.commit(&levels)?;
    let commit = inventory.store.table().commit(&event.cause).save(&reservation).event(&committed);
    levels.iter().fold(commit, save_level).run().await?;
    Ok(())
}
