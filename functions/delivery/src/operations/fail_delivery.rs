//! Report a failed delivery attempt.

use contracts::{Role, ShipmentId};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Delivery,
    access::actor,
    view::{REASON, ShipmentView},
};

/// Why the delivery failed.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FailDelivery {
    #[garde(skip)]
    shipment_id: ShipmentId,
    /// The reason, in a few words. The customer sees it.
    #[garde(length(chars, min = 1, max = 200))]
    reason: String,
}

pub fn function() -> Function {
    Function::http("fail-delivery", handle)
        .about(
            "After the third failed attempt, the parcel returns, and the order is cancelled. A courier cannot \
             report an attempt for another courier's shipment.",
        )
        .roles(&[Role::Courier])
        .versioned()
        .problems(&[NOT_FOUND, (409, "wrong-status")])
}

async fn handle(delivery: Delivery, call: Call<FailDelivery>) -> Result<Committed<Found<ShipmentView>>, Problem> {
    let actor = actor(&call.caller)?;
    let shipment = delivery.store.shipment(call.input.shipment_id).await?;
    let shipment = shipment.ok_or_else(|| Problem::not_found("shipment"))?;
    let reason = delivery.sealer.seal(REASON, &call.input.reason)?;
    let (shipment, failed) = shipment.fail(actor, reason)?;
    let commit = delivery.store.table().commit(&call.context).save(&shipment).event(&failed);
    let reply = Found::new(ShipmentView::of(&shipment)).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
