//! Cancel orders that have waited past their deadline.

use lambda::{Function, Problem, Tick};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::schedule("sweep-deadlines", handle)
}

async fn handle(orders: Orders, tick: Tick) -> Result<(), Problem> {
    let now = tick.cause.now;
    for id in orders.store.overdue(now).await? {
        let Some(order) = orders.store.order(id).await? else { continue };
        // The index lags: what is no longer overdue is passed over.
        if let Ok((order, facts)) = order.time_out(now) {
            orders.store.commit(&order, &facts, &tick.cause).run().await?;
        }
    }
    Ok(())
}
