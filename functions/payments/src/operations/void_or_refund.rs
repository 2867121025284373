//! Void or refund the payment of a cancelled order.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::{PaymentProcessor, payment::Payment};

pub fn function() -> Function {
    Function::consumer("void-or-refund", handle).idempotent()
}

async fn handle(processor: PaymentProcessor, event: Event<OrderCancelled>) -> Result<(), Problem> {
    let stored = processor.store.payment_of(event.data.order).await?;
    let decision = Payment::cancel(stored, &event.data, event.now())?;
    processor.commit_decision(decision, &event.context).await
}
