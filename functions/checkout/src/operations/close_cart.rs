//! Close the cart that an order was placed from.

use contracts::events::orders::OrderPlaced;
use lambda::{Event, Function, Problem};

use crate::Checkout;

pub fn function() -> Function {
    Function::consumer("close-cart", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<OrderPlaced>) -> Result<(), Problem> {
    // A missing cart has expired, so there is no cart to close.
    let cart = checkout.store.cart(event.data.cart).await?.ok_or(Problem::AlreadyDone)?;
    let cart = cart.close(event.now())?;
    checkout.store.table().commit(&event.context).save(&cart).run().await?;
    Ok(())
}
