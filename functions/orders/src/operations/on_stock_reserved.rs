//! Let an order be paid, now that its stock is held.

use contracts::events::inventory::StockReserved;
use lambda::{Event, Function, Problem};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::consumer("on-stock-reserved", handle)
}

async fn handle(orders: Orders, event: Event<StockReserved>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order).await?.ok_or_else(|| Problem::not_found("order"))?;
    let (order, facts) = order.reserved(event.now())?;
    orders.store.commit(&order, &facts, &event.cause).run().await?;
    Ok(())
}
