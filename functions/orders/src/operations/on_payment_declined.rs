//! Cancel an order whose payment was declined.

use contracts::events::{orders::CancelReason, payments::PaymentDeclined};
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-payment-declined", handle)
}

async fn handle(orders: Orders, event: Event<PaymentDeclined>) -> Result<(), Problem> {
    orders.hear(event.data.order, &event.cause, |order, now| order.fail(CancelReason::PaymentDeclined, now)).await
}
