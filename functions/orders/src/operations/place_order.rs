//! Place an order from a quote that checkout signed.

use contracts::{payment_reference, sealed_for};
use dynamo::{Error, Key};
use garde::Validate;
use lambda::{Call, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Orders,
    order::Order,
    problem::{not_this_quote, quote_already_used},
    view::OrderView,
};

/// A quote, and how it will be paid.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlaceOrder {
    /// The quote as checkout gave it.
    #[garde(length(min = 1, max = 100_000))]
    quote: String,
    /// The payment provider's reference of a payment method; never a card number.
    #[garde(custom(payment_reference))]
    payment_method: String,
}

pub fn function() -> Function {
    Function::http("place-order", handle)
}

async fn handle(orders: Orders, call: Call<PlaceOrder>) -> Result<Created<OrderView>, Problem> {
    let customer = call.caller.principal()?;
    let quote = orders.quotes.verify(&call.input.quote, call.now()).await?;
    if quote.sub != customer {
        return Err(not_this_quote());
    }
    let ship_to = orders.sealer.seal(sealed_for::ADDRESS, &quote.ship_to)?;
    let payment_method = orders.sealer.seal(sealed_for::PAYMENT_METHOD, &call.input.payment_method)?;
    let once = Key::of("quote", quote.jti);
    let (order, placed) = Order::place(call.new_id(), quote, ship_to, payment_method, call.now());
    let view = OrderView::of(&order, &orders.sealer)?;
    let reply = Created::at(format!("/v1/orders/{}", order.id), view).version(order.version);
    let commit = orders.store.commit(&order, &[placed], &call.cause).claim(&once, order.id).answer(&reply);
    commit.run().await.map_err(|error| match error {
        Error::Taken { holder, .. } => quote_already_used(&holder),
        error => error.into(),
    })?;
    Ok(reply)
}
