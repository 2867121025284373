//! Copy the stock of a SKU from inventory's events.

use contracts::events::inventory::StockChanged;
use lambda::{Event, Function, Problem};

use crate::{Checkout, listing::Stock};

pub fn function() -> Function {
    Function::consumer("project-stock", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<StockChanged>) -> Result<(), Problem> {
    let stock = Stock::of(event.data, event.metadata.version);
    checkout.store.table().commit(&event.context).project(&stock).run().await?;
    Ok(())
}
