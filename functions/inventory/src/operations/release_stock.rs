//! Release the stock of a cancelled order.

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
