//! List shipments by order, status or courier.

use contracts::{OrderId, UserId};
use garde::Validate;
use lambda::{Call, Function, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Delivery,
    access::{sees, sees_all},
    shipment::{Shipment, Status},
    view::ShipmentView,
};

/// The shipments to list: at least one of `orderId`, `status` and `courierId`. All given filters apply.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListShipments {
    /// Filters by order. Required unless the caller is a courier or support.
    #[garde(skip)]
    order_id: Option<OrderId>,
    #[garde(skip)]
    status: Option<Status>,
    /// Filters by assigned courier, newest first. A page searches at most 5,000 shipments, so it can be
    /// shorter than `limit` and still have a next page.
    #[garde(skip)]
    courier_id: Option<UserId>,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-shipments", handle).about(
        "Couriers and support must send at least one of `orderId`, `status` and `courierId`, and can list all \
         shipments. A customer must send `orderId`, and gets an empty list if the order belongs to another \
         customer.",
    )
}

async fn handle(delivery: Delivery, call: Call<ListShipments>) -> Result<Page<ShipmentView>, Problem> {
    let ListShipments { order_id, status, courier_id, limit, cursor } = call.input;
    let paging = Paging { limit, cursor };
    let page = match (order_id, courier_id, status) {
        (Some(order), _, _) => {
            let shipment = delivery.store.shipment(Shipment::id_of(order)).await?;
            let wanted = |shipment: &Shipment| {
                sees(&call.caller, shipment)
                    && status.is_none_or(|status| shipment.status == status)
                    && courier_id.is_none_or(|courier| shipment.courier == Some(courier))
            };
            Page { items: shipment.into_iter().filter(wanted).collect(), next: None }
        }
        _ if !sees_all(&call.caller) => return Err(Problem::invalid("/orderId", "is required")),
        (None, Some(courier), _) => delivery.store.given_to(courier, status, &paging).await?,
        (None, None, Some(status)) => delivery.store.with_status(status, &paging).await?,
        (None, None, None) => {
            return Err(Problem::invalid("/status", "is required, unless orderId or courierId is given"));
        }
    };
    Ok(page.map(|shipment| ShipmentView::of(&shipment)))
}
