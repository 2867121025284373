//! Cancel an order that is short of stock.

use contracts::events::{inventory::StockRejected, orders::CancelReason};
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-stock-rejected", handle)
}

async fn handle(orders: Orders, event: Event<StockRejected>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order).await?.ok_or_else(|| Problem::not_found("order"))?;
    let (order, facts) = order.fail(CancelReason::OutOfStock, event.now())?;
    orders.store.commit(&order, &facts, &event.cause).run().await?;
    Ok(())
}
