//! Ask the provider again about every payment whose outcome is not known.

use dynamo::Cause;
use lambda::{Function, Problem, Tick};

use crate::{Till, payment::Payment};

/// This function.
pub fn function() -> Function {
    Function::schedule("resolve-unknown", handle)
}

async fn handle(till: Till, tick: Tick) -> Result<(), Problem> {
    let due = till.store.due(tick.cause.now);
    tick.each_at_once(due, |payment| resolve(&till, payment, &tick.cause)).await
}

async fn resolve(till: &Till, payment: Payment, cause: &Cause) -> Result<(), Problem> {
    let mut left = Some(payment);
    while let Some(payment) = left {
        left = till.step(payment, cause).await?;
    }
    Ok(())
}
