//! Return the lines of a cancelled order to its cart, and open the cart.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::Checkout;

pub fn function() -> Function {
    Function::consumer("reopen-cart", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<OrderCancelled>) -> Result<(), Problem> {
    let cart = event.data.cart.ok_or(Problem::AlreadyDone)?;
    // A missing cart has expired.
    let (cart, target) = checkout.store.cart_and_target(cart).await?;
    let cart = cart.ok_or(Problem::AlreadyDone)?;
    let (cart, target) = cart.order_cancelled(target, &event.data, event.now())?;
    checkout.store.save_with_target(&cart, target.as_ref(), &event.context).run().await?;
    Ok(())
}
