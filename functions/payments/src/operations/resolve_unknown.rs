//! Ask the provider again about every payment whose outcome is not known.

use dynamo::Cause;
use futures::future::join_all;
use lambda::{Function, Problem, Tick};

use crate::{Till, payment::Payment};

/// This function.
pub fn function() -> Function {
    Function::schedule("resolve-unknown", handle)
}

async fn handle(till: Till, tick: Tick) -> Result<(), Problem> {
    let due = till.store.due(tick.cause.now).await?;
    join_all(due.into_iter().map(|payment| resolve(&till, payment, &tick.cause))).await;
    Ok(())
}

/// One payment must not hold up the others: what goes wrong with it is due again.
async fn resolve(till: &Till, payment: Payment, cause: &Cause) {
    let (id, mut left) = (payment.id(), Ok(Some(payment)));
    while let Ok(Some(payment)) = left {
        left = till.step(payment, cause).await;
    }
    match left {
        // Somebody else learned of it meanwhile.
        Ok(_) | Err(Problem::Conflict | Problem::AlreadyDone) => {}
        Err(problem) => tracing::error!(%id, error = &problem as &dyn std::error::Error, "not resolved"),
    }
}
