//! Give up or give back what was paid for a cancelled order.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::{Till, payment::Payment, store::save_payment};

/// This function.
pub fn function() -> Function {
    Function::consumer("void-or-refund", handle)
}

async fn handle(till: Till, mut event: Event<OrderCancelled>) -> Result<(), Problem> {
    let OrderCancelled { order, customer, .. } = event.data;
    let Some(payment) = till.store.payment_of(order).await? else {
        let tombstone = Payment::tombstone(order, customer, event.now());
        till.store.table().commit(&event.cause).save(&tombstone).run().await?;
        return Ok(());
    };
    let version = payment.version;
    let payment = payment.cancel(event.now())?;
    if payment.version > version {
        save_payment(till.store.table().commit(&event.cause), &payment, &[]).run().await?;
        // The message is consumed: from here on somebody asks when it is due, if this does not get through.
        event.cause.inbox = None;
    }
    till.carry_out(payment, event.cause).await
}
