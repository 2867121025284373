//! Publish a new signing key for quotes when the current one is a week old.

use contracts::events::checkout::QuoteKeyPublished;
use lambda::{Function, Problem, Tick, jws::SigningKey, keyring::NewKey};

use crate::{Checkout, quote::QuoteKeys};

pub fn function() -> Function {
    Function::schedule("rotate-quote-key", handle)
}

async fn handle(checkout: Checkout, tick: Tick) -> Result<(), Problem> {
    let table = checkout.store.table();
    // The key is generated before it is known whether it is needed, and again after a conflict. It is used only if it
    // is committed.
    let (keys, key) = (QuoteKeys::load(table).await?, SigningKey::generate());
    let (keys, new) = keys.rotate(&key.public(), key.seal(&checkout.sealer)?, tick.context.now)?;
    let NewKey { kid, x, expires_at } = new;
    let published = QuoteKeyPublished { kid, x, expires_at };
    table.commit(&tick.context).save(&keys).event(&published).run().await?;
    Ok(())
}
