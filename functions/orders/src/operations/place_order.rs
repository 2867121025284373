//! Place an order from a quote that checkout signed.

use contracts::{Envelope, payment_reference, sealed_for};
use dynamo::{Error, Version};
use garde::Validate;
use lambda::{Call, Committed, Created, Function, Problem, Service};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Orders,
    order::Order,
    problem::{not_this_quote, quote_already_used},
    view::OrderView,
};

/// A quote and a payment method.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceOrder {
    /// The signed quote, unchanged.
    #[garde(length(min = 1, max = 100_000))]
    quote: String,
    /// The payment provider's reference of a payment method, such as `pm_card_visa`. Never a card number.
    #[garde(custom(payment_reference))]
    payment_method: String,
}

pub fn function() -> Function {
    Function::creating("place-order", handle, first_reply)
}

async fn handle(orders: Orders, call: Call<PlaceOrder>) -> Result<Committed<Created<OrderView>>, Problem> {
    let customer = call.caller.principal()?;
    let quote = orders.quotes.verify(&call.input.quote, call.now()).await?;
    if quote.sub != customer {
        return Err(not_this_quote());
    }
    let ship_to = orders.sealer.seal(sealed_for::ADDRESS, &quote.ship_to)?;
    let payment_method = orders.sealer.seal(sealed_for::PAYMENT_METHOD, &call.input.payment_method)?;
    let (id, quote_id) = (orders.table().derived_id(&call.context)?, quote.jti);
    let (order, placed) = Order::place(id, quote, ship_to, payment_method, call.now());
    let commit = orders.store.place(&order, &placed, quote_id, &call.context);
    let reply = reply(&Order { version: commit.version(), ..order }, &orders)?;
    commit.answer(reply).run().await.map_err(|error| match error {
        Error::Taken { holder, .. } => quote_already_used(&holder),
        error => error.into(),
    })
}

/// The reply to the first request, made from the order's first event. Later changes of the order do not matter.
async fn first_reply(orders: Orders, call: Call<PlaceOrder>) -> Result<Created<OrderView>, Problem> {
    let placed = orders.store.placed(orders.table().derived_id(&call.context)?).await?;
    let Envelope { metadata, data } = placed.ok_or_else(|| Problem::not_found("order"))?;
    let order = Order { version: Version::of(metadata.version), ..Order::placed(&data, metadata.time) };
    reply(&order, &orders)
}

fn reply(order: &Order, orders: &Orders) -> Result<Created<OrderView>, Problem> {
    let view = OrderView::of(order, &orders.sealer)?;
    Ok(Created::at(format!("/v1/orders/{}", order.id), view).version(&order.version))
}
