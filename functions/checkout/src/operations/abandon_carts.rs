//! Say which carts nobody came back to.

use lambda::{Function, Problem, Tick};

use crate::Checkout;

/// This function.
pub fn function() -> Function {
    Function::schedule("abandon-carts", handle)
}

async fn handle(checkout: Checkout, tick: Tick) -> Result<(), Problem> {
    for cart in checkout.store.idle(tick.cause.now).await? {
        // The index is a moment behind: somebody may have come back to a cart, or an earlier run have said it.
        let Ok((cart, abandoned)) = cart.abandon(tick.cause.now) else { continue };
        match checkout.store.table().commit(&tick.cause).save(&cart).event(&abandoned).run().await {
            Ok(()) | Err(dynamo::Error::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
