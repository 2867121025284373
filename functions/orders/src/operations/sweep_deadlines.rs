//! Cancel orders whose deadline has passed.

use lambda::{Function, Problem, Tick};

use crate::{Orders, order::Order};

pub fn function() -> Function {
    Function::schedule("sweep-deadlines", handle)
}

async fn handle(orders: Orders, tick: Tick) -> Result<(), Problem> {
    let overdue = orders.store.overdue(tick.context.now);
    tick.each(overdue, |order| orders.commit_decision(order, &tick.context, Order::time_out)).await
}
