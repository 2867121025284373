//! Cancel or recall the shipment of a cancelled order.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::{
    Delivery,
    shipment::{Cancellation, Shipment},
};

pub fn function() -> Function {
    Function::consumer("cancel-shipment", handle).idempotent()
}

async fn handle(delivery: Delivery, event: Event<OrderCancelled>) -> Result<(), Problem> {
    let stored = delivery.store.of_order(event.data.order).await?;
    let commit = delivery.store.table().commit(&event.context);
    let commit = match Shipment::cancel(stored, event.data.order)? {
        Cancellation::NotScheduled(tombstone) => commit.save(&tombstone),
        Cancellation::Cancelled(shipment, cancelled) => commit.save(&shipment).event(&cancelled),
        Cancellation::Recalled(shipment, recalled) => commit.save(&shipment).event(&recalled),
    };
    commit.run().await?;
    Ok(())
}
