//! List the shipment of an order, or shipments by status and courier.

use contracts::{OrderId, ShipmentId, UserId};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Delivery,
    access::{sees, sees_all},
    shipment::{Shipment, Status},
};

/// Which shipments: at least one of `orderId`, `status` and `courier`, and all that are given hold.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListShipments {
    /// Of this order; needed by whoever is neither courier nor support.
    #[garde(skip)]
    order_id: Option<OrderId>,
    #[garde(skip)]
    status: Option<Status>,
    /// Given to this courier; newest first. With a status, a page may be short and still have a next one.
    #[garde(skip)]
    courier: Option<UserId>,
    #[garde(inner(range(min = 1, max = 100)))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

/// A shipment, without its address: whoever needs that gets the one shipment.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShipmentView {
    id: ShipmentId,
    order_id: OrderId,
    status: Status,
    /// Who carries it, once it is known.
    courier: Option<UserId>,
    /// How many attempts to deliver it have failed.
    attempts: u32,
    shipping_option: String,
    scheduled_at: Timestamp,
    /// When the order gives up waiting for it to leave.
    dispatch_by: Timestamp,
    delivered_at: Option<Timestamp>,
}

impl ShipmentView {
    pub(crate) fn of(shipment: &Shipment) -> Self {
        Self {
            id: shipment.id,
            order_id: shipment.order,
            status: shipment.status,
            courier: shipment.courier,
            attempts: shipment.attempts,
            shipping_option: shipment.shipping_option.clone(),
            scheduled_at: shipment.scheduled_at,
            dispatch_by: shipment.dispatch_by,
            delivered_at: shipment.delivered_at,
        }
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("list-shipments", handle)
}

async fn handle(delivery: Delivery, call: Call<ListShipments>) -> Result<Page<ShipmentView>, Problem> {
    let ListShipments { order_id, status, courier, limit, cursor } = call.input;
    let paging = Paging { limit, cursor };
    let Page { items, next } = match (order_id, courier, status) {
        (Some(order), _, _) => {
            let shipment = delivery.store.shipment(Shipment::id_of(order)).await?;
            Page { items: shipment.into_iter().collect(), next: None }
        }
        _ if !sees_all(&call.caller) => return Err(Problem::invalid("/orderId", "is required: say which order")),
        (None, Some(courier), _) => delivery.store.given_to(courier, &paging).await?,
        (None, None, Some(status)) => delivery.store.with_status(status, &paging).await?,
        (None, None, None) => {
            return Err(Problem::invalid("/status", "is required, unless orderId or courier is given"));
        }
    };
    let wanted = |shipment: &&Shipment| {
        sees(&call.caller, shipment)
            && status.is_none_or(|status| shipment.status == status)
            && courier.is_none_or(|courier| shipment.courier == Some(courier))
    };
    Ok(Page { items: items.iter().filter(wanted).map(ShipmentView::of).collect(), next })
}
