//! Capture the payment of a dispatched order.

use contracts::events::delivery::ShipmentDispatched;
use lambda::{Event, Function, Problem};

use crate::{PaymentProcessor, payment::Payment};

pub fn function() -> Function {
    Function::consumer("capture-payment", handle).idempotent()
}

async fn handle(processor: PaymentProcessor, event: Event<ShipmentDispatched>) -> Result<(), Problem> {
    let stored = processor.store.payment_of(event.data.order).await?;
    let decision = Payment::capture(stored, event.now())?;
    processor.commit_decision(decision, &event.context).await
}
