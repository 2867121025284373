//! Hand a parcel over to its customer.

use contracts::{Role, ShipmentId};
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Delivery, access::actor, view::ShipmentView};

/// The shipment that was delivered.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliverShipment {
    #[garde(skip)]
    shipment_id: ShipmentId,
    /// The six-digit PIN that the customer sees. Optional: without it, the courier confirms the delivery alone.
    #[garde(inner(length(max = 6)))]
    pin: Option<String>,
}

pub fn function() -> Function {
    Function::http("deliver-shipment", handle).roles(&[Role::Courier])
}

async fn handle(delivery: Delivery, call: Call<DeliverShipment>) -> Result<Found<ShipmentView>, Problem> {
    let actor = actor(&call.caller)?;
    let shipment = delivery.store.shipment(call.input.shipment_id).await?;
    let shipment = shipment.ok_or_else(|| Problem::not_found("shipment"))?;
    if call.input.pin.as_ref().is_some_and(|pin| *pin != delivery.pin(shipment.id)) {
        return Err(Problem::invalid("/pin", "is not the one that the customer was shown"));
    }
    let (shipment, delivered) = shipment.deliver(actor, call.now())?;
    let reply = Found::new(ShipmentView::of(&shipment)).version(shipment.version);
    delivery.store.table().commit(&call.cause).save(&shipment).event(&delivered).answer(&reply).run().await?;
    Ok(reply)
}
