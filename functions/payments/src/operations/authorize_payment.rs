//! Authorise the total of a reserved order on the customer's payment method.

use contracts::events::orders::OrderReserved;
use lambda::{Event, Function, Problem};

use crate::{PaymentProcessor, payment::Payment};

pub fn function() -> Function {
    Function::consumer("authorize-payment", handle).idempotent()
}

async fn handle(processor: PaymentProcessor, event: Event<OrderReserved>) -> Result<(), Problem> {
    let stored = processor.store.payment_of(event.data.order).await?;
    let decision = Payment::authorize(stored, &event.data, event.now())?;
    processor.commit_decision(decision, &event.context).await
}
