//! Refuse the quotes of a cart that was merged into another cart.

use contracts::events::checkout::CartMerged;
use dynamo::Error;
use lambda::{Event, Function, Problem};

use crate::Orders;

pub fn function() -> Function {
    Function::consumer("close-merged-cart", handle).idempotent()
}

async fn handle(orders: Orders, event: Event<CartMerged>) -> Result<(), Problem> {
    match orders.store.merge(&event.data, &event.context).run().await {
        // An order was placed from the cart before this event arrived, or this event was handled before.
        Err(Error::Taken { .. }) => Err(Problem::AlreadyDone),
        done => Ok(done.map(drop)?),
    }
}
