//! Remove the ordered lines from a cart.

use contracts::events::orders::OrderPlaced;
use lambda::{Event, Function, Problem};

use crate::Checkout;

pub fn function() -> Function {
    Function::consumer("close-cart", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<OrderPlaced>) -> Result<(), Problem> {
    // A missing cart has expired.
    let (cart, target) = checkout.store.cart_and_target(event.data.cart).await?;
    let cart = cart.ok_or(Problem::AlreadyDone)?;
    let (cart, target) = cart.order_placed(target, &event.data, event.now())?;
    checkout.store.save_with_target(&cart, target.as_ref(), &event.context).run().await?;
    Ok(())
}
