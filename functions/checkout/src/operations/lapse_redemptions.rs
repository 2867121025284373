//! Give back the uses of promotions whose quotes expired without an order.

use lambda::{Function, Problem, Tick};

use crate::{Checkout, promotion::Redemption, store::save_counted};

pub fn function() -> Function {
    Function::schedule("lapse-redemptions", handle)
}

async fn handle(checkout: Checkout, tick: Tick) -> Result<(), Problem> {
    let unordered = checkout.store.unordered(tick.context.now);
    tick.each(unordered, |redemption| lapse(&checkout, redemption, &tick)).await
}

async fn lapse(checkout: &Checkout, held: Redemption, tick: &Tick) -> Result<(), Problem> {
    let uses = checkout.store.uses(&[held.promotion], held.cart, held.generation).await?;
    let lapsed: Vec<_> =
        uses.into_iter().filter_map(|(redemption, usages)| redemption.lapse(usages, tick.context.now)).collect();
    if lapsed.is_empty() {
        return Err(Problem::AlreadyDone);
    }
    save_counted(checkout.store.table().commit(&tick.context), &lapsed).run().await?;
    Ok(())
}
