//! Call off the shipment of a cancelled order, or call it back, and refuse a late one.

use contracts::events::orders::OrderCancelled;
use lambda::{Event, Function, Problem};

use crate::{
    Delivery,
    shipment::{CalledOff, Rejection, Tombstone},
    store::Row,
};

/// This function.
pub fn function() -> Function {
    Function::consumer("cancel-shipment", handle)
}

async fn handle(delivery: Delivery, event: Event<OrderCancelled>) -> Result<(), Problem> {
    let order = event.data.order;
    let commit = delivery.store.table().commit(&event.cause);
    let shipment = match delivery.store.of_order(order).await? {
        Some(Row::Shipment(shipment)) => shipment,
        Some(_) => return Err(Rejection::AlreadyDone.into()),
        None => {
            commit.save(&Tombstone { cancelled_order: order }).run().await?;
            return Ok(());
        }
    };
    match shipment.call_off()? {
        CalledOff::Cancelled(shipment, cancelled) => commit.save(&shipment).event(&cancelled).run().await?,
        CalledOff::Recalled(shipment, recalled) => commit.save(&shipment).event(&recalled).run().await?,
    }
    Ok(())
}
