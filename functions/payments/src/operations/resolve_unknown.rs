//! Ask the provider for outcomes that are still unknown.

use lambda::{Function, Problem, Tick};

use crate::PaymentProcessor;

pub fn function() -> Function {
    Function::schedule("resolve-unknown", handle)
}

async fn handle(processor: PaymentProcessor, tick: Tick) -> Result<(), Problem> {
    let overdue = processor.store.overdue(tick.context.now);
    tick.each_at_once(overdue, |payment| processor.commit_decision(payment.ask(tick.context.now), &tick.context)).await
}
