//! Publish an event for each cart that was not changed for a day.

use lambda::{Function, Problem, Tick};

use crate::{Checkout, cart::Cart};

pub fn function() -> Function {
    Function::schedule("abandon-carts", handle)
}

async fn handle(checkout: Checkout, tick: Tick) -> Result<(), Problem> {
    let idle = checkout.store.idle(tick.context.now);
    tick.each(idle, |cart| abandon(&checkout, cart, &tick)).await
}

async fn abandon(checkout: &Checkout, cart: Cart, tick: &Tick) -> Result<(), Problem> {
    let (cart, abandoned) = cart.abandon(tick.context.now)?;
    checkout.store.table().commit(&tick.context).save(&cart).event(&abandoned).run().await?;
    Ok(())
}
