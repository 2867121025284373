//! Reserve every line of a placed order, or none.

use contracts::events::orders::OrderPlaced;
use lambda::{Event, Function, Problem};

use crate::{
    Inventory,
    reservation::{Reservation, Reserved, per_sku},
    store::save_level,
};

/// This function.
pub fn function() -> Function {
    Function::consumer("reserve-stock", handle)
}

async fn handle(inventory: Inventory, event: Event<OrderPlaced>) -> Result<(), Problem> {
    let OrderPlaced { order, lines, .. } = &event.data;
    let lines = per_sku(lines.iter().map(|line| (line.sku.clone(), line.quantity)));
    let skus = lines.iter().map(|line| &line.sku);
    let (existing, levels) = inventory.store.reservation_and_levels(*order, skus).await?;
    let commit = inventory.store.table().commit(&event.cause);
    match Reservation::reserve(existing.as_ref(), *order, lines, &levels, event.now())? {
        Reserved::All(reservation, levels, reserved) => {
            let commit = commit.save(&reservation).event(&reserved);
            levels.iter().fold(commit, save_level).run().await?;
        }
        Reserved::None(reservation, rejected) => commit.save(&reservation).event(&rejected).run().await?,
    }
    Ok(())
}
