//! Note that an order has left.

use contracts::events::delivery::ShipmentDispatched;
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-shipment-dispatched", handle)
}

async fn handle(orders: Orders, event: Event<ShipmentDispatched>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order).await?.ok_or_else(|| Problem::not_found("order"))?;
    let (order, facts) = order.dispatched(event.data.shipment, event.now())?;
    orders.store.commit(&order, &facts, &event.cause).run().await?;
    Ok(())
}
