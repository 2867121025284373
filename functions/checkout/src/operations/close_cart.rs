//! Remove the ordered lines from a cart, and redeem what its quote held.

use contracts::events::orders::OrderPlaced;
use lambda::{Event, Function, Problem};

use crate::{Checkout, store::save_counted};

pub fn function() -> Function {
    Function::consumer("close-cart", handle).idempotent()
}

async fn handle(checkout: Checkout, event: Event<OrderPlaced>) -> Result<(), Problem> {
    // A missing cart has expired.
    let (cart, target) = checkout.store.cart_and_target(event.data.cart).await?;
    let cart = cart.ok_or(Problem::AlreadyDone)?;
    let (cart, target) = cart.order_placed(target, &event.data, event.now())?;
    let uses = checkout.store.uses(&event.data.redemptions, event.data.cart, event.data.generation).await?;
    let redeemed: Vec<_> = uses.into_iter().filter_map(|(redemption, usages)| redemption.redeem(usages)).collect();
    let commit = checkout.store.save_with_target(&cart, target.as_ref(), &event.context);
    save_counted(commit, &redeemed).run().await?;
    Ok(())
}
