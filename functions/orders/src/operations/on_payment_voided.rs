//! Cancel an order whose payment is no longer held.

use contracts::events::{orders::CancelReason, payments::PaymentVoided};
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-payment-voided", handle)
}

async fn handle(orders: Orders, event: Event<PaymentVoided>) -> Result<(), Problem> {
    orders.hear(event.data.order, &event.cause, |order, now| order.fail(CancelReason::PaymentVoided, now)).await
}
