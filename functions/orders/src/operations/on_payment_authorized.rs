//! Confirm an order that is paid for.

use contracts::events::payments::PaymentAuthorized;
use lambda::{Event, Function, Problem};

use crate::{Orders, order::Order};

/// This function.
pub fn function() -> Function {
    Function::consumer("on-payment-authorized", handle)
}

async fn handle(orders: Orders, event: Event<PaymentAuthorized>) -> Result<(), Problem> {
    orders.hear(event.data.order, &event.cause, Order::paid).await
}
