//! Publish the key that quotes are signed with next, when it is time.

use contracts::events::checkout::QuoteKeyPublished;
use lambda::{Function, Problem, Tick, jws::SigningKey, keyring::NewKey};

use crate::{Checkout, quote::QuoteKeys};

pub fn function() -> Function {
    Function::schedule("rotate-quote-key", handle)
}

async fn handle(checkout: Checkout, tick: Tick) -> Result<(), Problem> {
    let table = checkout.store.table();
    // Made before it is known whether one is needed, and once more after a conflict: only the one that is
    // committed was ever a key.
    let (keys, key) = (QuoteKeys::load(table).await?, SigningKey::generate());
    let (keys, new) = keys.rotate(&key.public(), key.seal(&checkout.sealer)?, tick.cause.now)?;
    let NewKey { kid, x, expires_at } = new;
    let published = QuoteKeyPublished { kid, x, expires_at };
    table.commit(&tick.cause).save(&keys).event(&published).run().await?;
    Ok(())
}
