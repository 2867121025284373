//! Assign a courier to a shipment.

use contracts::{Role, ShipmentId, UserId};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Delivery, access::actor, store::give, view::ShipmentView};

/// The courier of the shipment.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssignCourier {
    #[garde(skip)]
    shipment_id: ShipmentId,
    /// The courier's user id. Defaults to the caller. Only administrators may assign another courier.
    #[garde(skip)]
    courier_id: Option<UserId>,
}

pub fn function() -> Function {
    Function::http("assign-courier", handle)
        .about(
            "Couriers can assign themselves to a shipment without a courier. Administrators can assign any \
             courier, also in place of another one. A shipment cannot be assigned after it is dispatched.",
        )
        .roles(&[Role::Courier])
        .versioned()
        .problems(&[NOT_FOUND, (409, "already-assigned"), (409, "wrong-status")])
}

async fn handle(delivery: Delivery, call: Call<AssignCourier>) -> Result<Committed<Found<ShipmentView>>, Problem> {
    let actor = actor(&call.caller)?;
    let AssignCourier { shipment_id, courier_id } = call.input;
    let shipment = delivery.store.shipment(shipment_id).await?.ok_or_else(|| Problem::not_found("shipment"))?;
    let (shipment, assigned) = shipment.assign(actor, courier_id.unwrap_or(actor.id()))?;
    let commit = give(delivery.store.table().commit(&call.context).save(&shipment).event(&assigned), &shipment);
    let reply = Found::new(ShipmentView::of(&shipment)).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
