//! Return the lines of a cancelled order to its cart, open the cart, and release the promotions of the order.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::{Checkout, store::save_counted};

pub fn function() -> Function {
    Function::consumer("reopen-cart", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<OrderCancelled>) -> Result<(), Problem> {
    let cart = event.data.cart.ok_or(Problem::AlreadyDone)?;
    // A missing cart has expired.
    let (cart, target) = checkout.store.cart_and_target(cart).await?;
    let cart = cart.ok_or(Problem::AlreadyDone)?;
    let generation = event.data.generation;
    let uses = checkout.store.uses(cart.redeemed(generation), cart.id, generation).await?;
    let (cart, target) = cart.order_cancelled(target, &event.data, event.now())?;
    let released: Vec<_> = uses.into_iter().filter_map(|(redemption, usages)| redemption.release(usages)).collect();
    let commit = checkout.store.save_with_target(&cart, target.as_ref(), &event.context);
    save_counted(commit, &released).run().await?;
    Ok(())
}
