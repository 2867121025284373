//! Keep the keys that checkout signs quotes with.

use contracts::events::checkout::QuoteKeyPublished;
use lambda::{Event, Function, Problem};

use crate::{Orders, quotes::QuoteKey};

pub fn function() -> Function {
    Function::consumer("project-quote-key", handle)
}

async fn handle(orders: Orders, event: Event<QuoteKeyPublished>) -> Result<(), Problem> {
    let key = QuoteKey::new(event.data, event.metadata.version);
    orders.store.table().commit(&event.cause).project(&key).run().await?;
    Ok(())
}
