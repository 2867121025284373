//! Cancel an order that has not left yet.

use contracts::OrderId;
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Orders,
    view::{NOTE, OrderView, visible},
};

/// Which order, and why.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelOrder {
    #[garde(skip)]
    order_id: OrderId,
    /// Why the order is cancelled, in the words of the caller.
    #[garde(length(chars, min = 1, max = 500))]
    reason: String,
}

pub fn function() -> Function {
    Function::http("cancel-order", handle)
}

async fn handle(orders: Orders, call: Call<CancelOrder>) -> Result<Found<OrderView>, Problem> {
    let order = visible(orders.store.order(call.input.order_id).await?, &call.caller)?;
    let note = orders.sealer.seal(NOTE, &call.input.reason)?;
    let (order, facts) = order.cancel(note, call.now())?;
    let reply = Found::new(OrderView::of(&order, &orders.sealer)?).version(order.version);
    orders.store.commit(&order, &facts, &call.cause).answer(&reply).run().await?;
    Ok(reply)
}
