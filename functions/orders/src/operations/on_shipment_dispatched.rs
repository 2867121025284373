//! Note that an order has left.

use contracts::events::delivery::ShipmentDispatched;
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-shipment-dispatched", handle)
}

async fn handle(orders: Orders, event: Event<ShipmentDispatched>) -> Result<(), Problem> {
    orders.hear(event.data.order, &event.cause, |order, now| order.dispatched(event.data.shipment, now)).await
}
