//! Cancel orders that have waited past their deadline.

use contracts::OrderId;
use lambda::{Function, Problem, Tick};

use crate::Orders;

/// This function.
pub fn function() -> Function {
    Function::schedule("sweep-deadlines", handle)
}

async fn handle(orders: Orders, tick: Tick) -> Result<(), Problem> {
    for id in orders.store.overdue(tick.cause.now).await? {
        // One order must not hold up the others: what goes wrong with it is overdue again.
        match time_out(&orders, id, &tick).await {
            Ok(()) | Err(Problem::Conflict | Problem::AlreadyDone) => {}
            Err(problem) => tracing::error!(%id, error = &problem as &dyn std::error::Error, "not cancelled"),
        }
    }
    Ok(())
}

/// The index lags: what is no longer overdue is passed over.
async fn time_out(orders: &Orders, id: OrderId, tick: &Tick) -> Result<(), Problem> {
    let order = orders.store.order(id).await?.ok_or(Problem::AlreadyDone)?;
    let (order, facts) = order.time_out(tick.cause.now)?;
    orders.store.commit(&order, &facts, &tick.cause).run().await?;
    Ok(())
}
