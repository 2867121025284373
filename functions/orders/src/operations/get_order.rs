//! Get an order, in its current state or as it was at an earlier time.

use contracts::OrderId;
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Orders,
    order::Order,
    view::{OrderView, visible},
};

/// The order to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetOrder {
    #[garde(skip)]
    order_id: OrderId,
    /// Returns the order as it was at this time. Defaults to now.
    #[garde(skip)]
    as_of: Option<Timestamp>,
}

pub fn function() -> Function {
    Function::http("get-order", handle)
        .about(
            "Only the order's customer and support can read it. Other callers get 404. If `asOf` is before the \
             order was placed, the order is not found (404).",
        )
        .versioned()
        .problems(&[NOT_FOUND])
}

async fn handle(orders: Orders, call: Call<GetOrder>) -> Result<Found<OrderView>, Problem> {
    let GetOrder { order_id, as_of } = call.input;
    let order = match as_of {
        None => orders.store.order(order_id).await?,
        Some(time) => {
            let events = orders.store.events(order_id).await?;
            Order::replay(events.iter().take_while(|event| event.metadata.time <= time))
        }
    };
    let order = visible(order, &call.caller)?;
    Ok(Found::new(OrderView::of(&order, &call.caller, &orders.sealer)?).version(&order.version))
}
