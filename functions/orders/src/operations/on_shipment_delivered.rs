//! Complete an order that has arrived.

use contracts::events::delivery::ShipmentDelivered;
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-shipment-delivered", handle)
}

async fn handle(orders: Orders, event: Event<ShipmentDelivered>) -> Result<(), Problem> {
    orders.hear(event.data.order, &event.cause, |order, now| order.delivered(event.data.shipment, now)).await
}
