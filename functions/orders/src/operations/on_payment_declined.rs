//! Cancel an order whose payment was declined.

use contracts::events::{orders::CancelReason, payments::PaymentDeclined};
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-payment-declined", handle)
}

async fn handle(orders: Orders, event: Event<PaymentDeclined>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order).await?.ok_or_else(|| Problem::not_found("order"))?;
    let (order, facts) = order.fail(CancelReason::PaymentDeclined, event.now())?;
    orders.store.commit(&order, &facts, &event.cause).run().await?;
    Ok(())
}
