//! Record the reserved stock of a dispatched order as sold.

use contracts::events::delivery::ShipmentDispatched;
use lambda::{Event, Function, Problem};

use crate::{Inventory, reservation::Reservation};

pub fn function() -> Function {
    Function::consumer("commit-stock", handle).idempotent()
}

async fn handle(inventory: Inventory, event: Event<ShipmentDispatched>) -> Result<(), Problem> {
    let (stored, levels) = inventory.store.reservation_with_its_levels(event.data.order).await?;
    let change = Reservation::commit(stored, &levels)?;
    inventory.store.commit(&change, &event.context).run().await?;
    Ok(())
}
