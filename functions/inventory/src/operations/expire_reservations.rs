//! Release reservations that have expired.

use lambda::{Function, Problem, Tick};

use crate::{Inventory, reservation::Reservation};

pub fn function() -> Function {
    Function::schedule("expire-reservations", handle)
}

async fn handle(inventory: Inventory, tick: Tick) -> Result<(), Problem> {
    let lapsed = inventory.store.lapsed(tick.context.now);
    tick.each(lapsed, |reservation| expire(&inventory, reservation, &tick)).await
}

async fn expire(inventory: &Inventory, reservation: Reservation, tick: &Tick) -> Result<(), Problem> {
    let levels = inventory.store.levels_of(&reservation).await?;
    let change = reservation.expire(&levels)?;
    inventory.store.commit(&change, &tick.context).run().await?;
    Ok(())
}
