//! Let an order be paid, now that its stock is held.

use contracts::events::inventory::StockReserved;
use lambda::{Event, Function, Problem};

use crate::{Orders, order::Order};

/// This function.
pub fn function() -> Function {
    Function::consumer("on-stock-reserved", handle)
}

async fn handle(orders: Orders, event: Event<StockReserved>) -> Result<(), Problem> {
    orders.hear(event.data.order, &event.cause, Order::reserved).await
}
