//! Advance an order on an event of inventory, payments or delivery.

use lambda::{Event, Function, Problem};

use crate::{Orders, saga::SagaEvent};

pub fn function() -> Function {
    Function::consumer("advance-order", handle).idempotent()
}

async fn handle(orders: Orders, event: Event<SagaEvent>) -> Result<(), Problem> {
    let order = orders.store.order(event.data.order()).await?.ok_or_else(|| Problem::not_found("order"))?;
    orders.commit_decision(order, &event.context, |order, now| order.advance(&event.data, now)).await
}
