//! Take the money for what left with a shipment.

use contracts::events::delivery::ShipmentDispatched;
use lambda::{Event, Function, Problem};

use crate::{
    Till,
    payment::{Rejection, Status},
};

/// This function.
pub fn function() -> Function {
    Function::consumer("capture-payment", handle)
}

async fn handle(till: Till, event: Event<ShipmentDispatched>) -> Result<(), Problem> {
    let payment = till.store.payment_of(event.data.order).await?;
    let payment = payment.ok_or(Rejection::NotPaid { status: Status::Pending })?;
    till.carry_out(payment.capture()?, event.cause).await
}
