//! Free what was held for a cancelled order, or comes back from it.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::{Inventory, reservation::Reservation};

pub fn function() -> Function {
    Function::consumer("release-stock", handle).idempotent()
}

async fn handle(inventory: Inventory, event: Event<OrderCancelled>) -> Result<(), Problem> {
    let (stored, levels) = inventory.store.reservation_with_its_levels(event.data.order).await?;
    let change = Reservation::release(stored, &event.data, &levels, event.now())?;
    inventory.store.commit(&change, &event.context).run().await?;
    Ok(())
}
