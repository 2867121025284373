//! Cancel an order whose payment is no longer held.

use contracts::events::{orders::CancelReason, payments::PaymentVoided};
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-payment-voided", handle)
}

async fn handle(orders: Orders, event: Event<PaymentVoided>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order).await?.ok_or_else(|| Problem::not_found("order"))?;
    let (order, facts) = order.fail(CancelReason::PaymentVoided, event.now())?;
    orders.store.commit(&order, &facts, &event.cause).run().await?;
    Ok(())
}
