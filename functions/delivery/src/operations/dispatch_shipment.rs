//! Dispatch a shipment.

use contracts::{Role, ShipmentId};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Delivery, access::actor, store::give, view::ShipmentView};

/// The shipment to dispatch.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DispatchShipment {
    #[garde(skip)]
    shipment_id: ShipmentId,
}

pub fn function() -> Function {
    Function::http("dispatch-shipment", handle)
        .about(
            "The parcel leaves the warehouse. A shipment without a courier is assigned to the caller. The order \
             then becomes `shipped`, it can no longer be cancelled by request, and its payment is captured. A \
             courier cannot dispatch the shipment of another courier.",
        )
        .roles(&[Role::Courier])
        .versioned()
        .problems(&[NOT_FOUND, (409, "already-dispatched"), (409, "wrong-status")])
}

async fn handle(delivery: Delivery, call: Call<DispatchShipment>) -> Result<Committed<Found<ShipmentView>>, Problem> {
    let actor = actor(&call.caller)?;
    let shipment = delivery.store.shipment(call.input.shipment_id).await?;
    let shipment = shipment.ok_or_else(|| Problem::not_found("shipment"))?;
    let unassigned = shipment.courier.is_none();
    let (shipment, dispatched) = shipment.dispatch(actor)?;
    let commit = delivery.store.table().commit(&call.context).save(&shipment).event(&dispatched);
    let commit = if unassigned { give(commit, &shipment) } else { commit };
    let reply = Found::new(ShipmentView::of(&shipment)).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
