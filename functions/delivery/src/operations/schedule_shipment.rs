//! Schedule the shipment of a confirmed order.

use contracts::events::orders::OrderConfirmed;
use lambda::{Event, Function, Problem};

use crate::{Delivery, shipment::Shipment};

pub fn function() -> Function {
    Function::consumer("schedule-shipment", handle).idempotent()
}

async fn handle(delivery: Delivery, event: Event<OrderConfirmed>) -> Result<(), Problem> {
    let stored = delivery.store.of_order(event.data.order).await?;
    let (shipment, scheduled) = Shipment::schedule(stored.as_ref(), &event.data, event.now())?;
    delivery.store.table().commit(&event.context).save(&shipment).event(&scheduled).run().await?;
    Ok(())
}
