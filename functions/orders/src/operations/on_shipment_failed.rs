//! Cancel an order whose parcel could not be delivered, after all attempts.

use contracts::events::{delivery::DeliveryFailed, orders::CancelReason};
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-shipment-failed", handle)
}

async fn handle(orders: Orders, event: Event<DeliveryFailed>) -> Result<(), Problem> {
    if !event.data.last {
        // The courier tries again: nothing changes for the order.
        return Ok(());
    }
    orders.hear(event.data.order, &event.cause, |order, now| order.fail(CancelReason::DeliveryFailed, now)).await
}
