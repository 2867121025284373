//! Cancel an order that has not been dispatched yet.

use contracts::OrderId;
use garde::Validate;
use lambda::{Call, Committed, Found, Function, LongText, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Orders,
    view::{NOTE, OrderView, visible},
};

/// Why the order is cancelled.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelOrder {
    #[garde(skip)]
    order_id: OrderId,
    /// The reason, as free text. The order shows it as `note`; its `reason` is then `requested`.
    #[garde(length(chars, min = 1, max = 500))]
    reason: LongText,
}

pub fn function() -> Function {
    Function::http("cancel-order", handle)
        .about(
            "The order's customer and support can cancel it until it is dispatched. The stock is released, the \
             payment is voided (or refunded, if it was captured at the same time), and the items return to the \
             cart, all in the background.",
        )
        .versioned()
        .problems(&[NOT_FOUND, (409, "order-already-cancelled"), (409, "order-already-shipped")])
}

async fn handle(orders: Orders, call: Call<CancelOrder>) -> Result<Committed<Found<OrderView>>, Problem> {
    let order = visible(orders.store.order(call.input.order_id).await?, &call.caller)?;
    let note = orders.sealer.seal(NOTE, &(*call.input.reason).to_owned())?;
    let (order, events) = order.cancel(note, call.now())?;
    let commit = orders.store.commit(&order, &events, &call.context);
    let reply = Found::new(OrderView::of(&order, &call.caller, &orders.sealer)?).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
