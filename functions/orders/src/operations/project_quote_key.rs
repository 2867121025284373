//! Store the public keys that verify quotes.

use contracts::events::checkout::QuoteKeyPublished;
use lambda::{Event, Function, Problem};

use crate::{Orders, quotes::QuoteKey};

pub fn function() -> Function {
    Function::consumer("project-quote-key", handle).idempotent()
}

async fn handle(orders: Orders, event: Event<QuoteKeyPublished>) -> Result<(), Problem> {
    let now = event.now();
    let key = QuoteKey::new(event.data, event.metadata.version);
    // A late event does not restore a key that has expired and was deleted.
    if !key.is_valid(now) {
        return Err(Problem::AlreadyDone);
    }
    orders.store.table().commit(&event.context).project(&key).run().await?;
    Ok(())
}
