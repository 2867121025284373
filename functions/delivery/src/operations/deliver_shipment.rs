//! Confirm that a shipment was delivered.

use contracts::{Role, ShipmentId};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Delivery, access::actor, view::ShipmentView};

/// How the shipment was delivered.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliverShipment {
    #[garde(skip)]
    shipment_id: ShipmentId,
    /// The customer's six-digit PIN. Without it, the courier alone confirms the delivery.
    #[garde(length(max = 6))]
    pin: Option<String>,
}

pub fn function() -> Function {
    Function::http("deliver-shipment", handle)
        .about(
            "`pin` is optional. If it is sent, it must be the one that the customer sees (422 otherwise). The \
             order then becomes `delivered`. A courier cannot confirm the delivery of another courier's shipment.",
        )
        .roles(&[Role::Courier])
        .versioned()
        .problems(&[NOT_FOUND, (409, "already-delivered"), (409, "wrong-status")])
}

async fn handle(delivery: Delivery, call: Call<DeliverShipment>) -> Result<Committed<Found<ShipmentView>>, Problem> {
    let actor = actor(&call.caller)?;
    let shipment = delivery.store.shipment(call.input.shipment_id).await?;
    let shipment = shipment.ok_or_else(|| Problem::not_found("shipment"))?;
    if call.input.pin.as_ref().is_some_and(|pin| *pin != delivery.pin(shipment.id)) {
        return Err(Problem::invalid("/pin", "is not the one that the customer was shown"));
    }
    let (shipment, delivered) = shipment.deliver(actor, call.now())?;
    let commit = delivery.store.table().commit(&call.context).save(&shipment).event(&delivered);
    let reply = Found::new(ShipmentView::of(&shipment)).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
