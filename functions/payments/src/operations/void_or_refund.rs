//! Give up or give back what was paid for a cancelled order.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::{Till, payment::Payment, store::save_payment};

/// This function.
pub fn function() -> Function {
    Function::consumer("void-or-refund", handle)
}

async fn handle(till: Till, event: Event<OrderCancelled>) -> Result<(), Problem> {
    let OrderCancelled { order, customer, .. } = event.data;
    let Some(payment) = till.store.payment_of(order).await? else {
        let tombstone = Payment::tombstone(order, customer, event.now());
        till.store.table().commit(&event.cause).save(&tombstone).run().await?;
        return Ok(());
    };
    let payment = payment.cancel()?;
    if payment.next(event.now()).is_none() {
        save_payment(till.store.table().commit(&event.cause), &payment, &[]).run().await?;
        return Ok(());
    }
    till.carry_out(payment, event.cause).await
}
