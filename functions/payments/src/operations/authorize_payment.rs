//! Hold what a reserved order costs on the customer's means of payment.

use contracts::events::orders::OrderReserved;
use lambda::{Event, Function, Problem};

use crate::{Till, payment::Payment};

/// This function.
pub fn function() -> Function {
    Function::consumer("authorize-payment", handle)
}

async fn handle(till: Till, mut event: Event<OrderReserved>) -> Result<(), Problem> {
    let known = till.store.payment_of(event.data.order).await?;
    let payment = if let Some(payment) = known {
        payment.resume()?
    } else {
        // What is wanted is kept before the provider is asked; the message is consumed with what it answers.
        let payment = Payment::request(&event.data, event.now());
        let inbox = event.cause.inbox.take();
        till.store.table().commit(&event.cause).save(&payment).run().await?;
        event.cause.inbox = inbox;
        payment
    };
    till.carry_out(payment, event.cause).await
}
