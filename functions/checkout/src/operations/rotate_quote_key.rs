//! Publish the key that quotes are signed with next, when it is time.

use lambda::{Function, Problem, Tick, jws::SigningKey};

use crate::Checkout;

/// This function.
pub fn function() -> Function {
    Function::schedule("rotate-quote-key", handle)
}

async fn handle(checkout: Checkout, tick: Tick) -> Result<(), Problem> {
    let keys = checkout.store.quote_keys().await?;
    // Made before it is known whether one is needed, and once more after a conflict: only the one that is
    // committed was ever a key.
    let new = SigningKey::generate();
    let sealed = checkout.sealer.seal("signing-key", &new)?;
    if let Some((keys, published)) = keys.rotate(&new, sealed, tick.cause.now) {
        checkout.store.table().commit(&tick.cause).save(&keys).event(&published).run().await?;
    }
    Ok(())
}
