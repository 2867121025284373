//! Complete an order that has arrived.

use contracts::events::delivery::ShipmentDelivered;
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-shipment-delivered", handle)
}

async fn handle(orders: Orders, event: Event<ShipmentDelivered>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order).await?.ok_or_else(|| Problem::not_found("order"))?;
    let (order, facts) = order.delivered(event.data.shipment, event.now())?;
    orders.store.commit(&order, &facts, &event.cause).run().await?;
    Ok(())
}
