//! Confirm an order that is paid for.

use contracts::events::payments::PaymentAuthorized;
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-payment-authorized", handle)
}

async fn handle(orders: Orders, event: Event<PaymentAuthorized>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order).await?.ok_or_else(|| Problem::not_found("order"))?;
    let (order, facts) = order.paid(event.now())?;
    orders.store.commit(&order, &facts, &event.cause).run().await?;
    Ok(())
}
