//! Schedule the shipment of a confirmed order.

use contracts::events::orders::OrderConfirmed;
use lambda::{Event, Function, Problem};

use crate::{
    Delivery,
    shipment::{Rejection, Shipment},
};

/// This function.
pub fn function() -> Function {
    Function::consumer("schedule-shipment", handle)
}

async fn handle(delivery: Delivery, event: Event<OrderConfirmed>) -> Result<(), Problem> {
    let now = event.now();
    if delivery.store.of_order(event.data.order).await?.is_some() {
        // It was scheduled before, or its cancellation came first.
        return Err(Rejection::AlreadyDone.into());
    }
    let (shipment, scheduled) = Shipment::schedule(event.data, now);
    delivery.store.table().commit(&event.cause).save(&shipment).event(&scheduled).run().await?;
    Ok(())
}
