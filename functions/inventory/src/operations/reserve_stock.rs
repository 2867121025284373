//! Reserve the stock of all lines of a placed order, or of none.

use contracts::events::orders::OrderPlaced;
use lambda::{Event, Function, Problem};

use crate::{Inventory, reservation::Reservation};

pub fn function() -> Function {
    Function::consumer("reserve-stock", handle).idempotent()
}

async fn handle(inventory: Inventory, event: Event<OrderPlaced>) -> Result<(), Problem> {
    let skus = event.data.lines.iter().map(|line| &line.sku);
    let (stored, levels) = inventory.store.reservation_and_levels(event.data.order, skus).await?;
    let change = Reservation::reserve(stored.as_ref(), &event.data, &levels, event.now())?;
    inventory.store.commit(&change, &event.context).run().await?;
    Ok(())
}
