//! Cancel an order that is short of stock.

use contracts::events::{inventory::StockRejected, orders::CancelReason};
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-stock-rejected", handle)
}

async fn handle(orders: Orders, event: Event<StockRejected>) -> Result<(), Problem> {
    orders.hear(event.data.order, &event.cause, |order, now| order.fail(CancelReason::OutOfStock, now)).await
}
