//! Place an order from a signed quote.

use contracts::{Envelope, payment_reference, sealed_for};
use dynamo::{Error, Version};
use garde::Validate;
use lambda::{Call, Committed, Created, Exact, Function, Problem, Service};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Orders,
    order::Order,
    problem::{already_claimed, not_this_quote},
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
    /// The page that the customer returns to if the bank asks them to approve the payment (3-D Secure). Its origin must
    /// be one of the web origins that the shop allows. Without `returnUrl`, the web page that placed the order must confirm
    /// the payment with the provider's script and the `clientSecret`.
    #[garde(length(chars, max = 2000))]
    return_url: Option<String>,
}

pub fn function() -> Function {
    Function::creating("place-order", handle, first_reply)
        .about(
            "Only the caller who created the quote can order it, within 15 minutes. The reply has the status \
             `placed`. Stock is then reserved and the payment authorised in the background: get the order to see \
             its progress. The ordered items are removed from the cart, and its other quotes are refused (409 \
             `cart-already-ordered`).",
        )
        .versioned()
        .problems(&[
            (409, "cart-already-ordered"),
            (409, "cart-closed"),
            (409, "quote-already-used"),
            (422, "invalid-quote"),
            (422, "quote-expired"),
        ])
}

async fn handle(orders: Orders, call: Call<Exact<PlaceOrder>>) -> Result<Committed<Created<OrderView>>, Problem> {
    let customer = call.caller.principal()?;
    let Exact(input) = &call.input;
    let quote = orders.quotes.verify(&input.quote, call.now()).await?;
    if quote.sub != customer {
        return Err(not_this_quote());
    }
    if input.return_url.as_ref().is_some_and(|url| !orders.is_return_url(url)) {
        return Err(Problem::invalid(
            "/returnUrl",
            "must be a URL of an allowed origin, such as this shop's own pages",
        ));
    }
    let ship_to = orders.sealer.seal(sealed_for::ADDRESS, &quote.ship_to)?;
    let payment_method = orders.sealer.seal(sealed_for::PAYMENT_METHOD, &input.payment_method)?;
    let (id, quote_id) = (orders.table().derived_id(&call.context)?, quote.jti);
    let return_url =
        input.return_url.as_ref().map(|url| orders.sealer.seal(sealed_for::RETURN_URL, url)).transpose()?;
    let (order, placed) = Order::place(id, quote, ship_to, payment_method, return_url, call.now());
    let commit = orders.store.place(&order, &placed, &call.context);
    let reply = reply(&orders, &call, &Order { version: commit.version(), ..order })?;
    commit.answer(reply).run().await.map_err(|error| match error {
        Error::Taken { holder, .. } => {
            holder.read().map_or_else(Problem::from, |claim| already_claimed(claim, quote_id))
        }
        error => error.into(),
    })
}

/// The reply to the first request, made from the order's first event. Later changes of the order do not matter.
async fn first_reply(orders: Orders, call: Call<Exact<PlaceOrder>>) -> Result<Created<OrderView>, Problem> {
    let placed = orders.store.placed(orders.table().derived_id(&call.context)?).await?;
    let Envelope { metadata, data } = placed.ok_or_else(|| Problem::not_found("order"))?;
    let order = Order { version: Version::of(metadata.version), ..Order::placed(&data, metadata.time) };
    reply(&orders, &call, &order)
}

fn reply(orders: &Orders, call: &Call<Exact<PlaceOrder>>, order: &Order) -> Result<Created<OrderView>, Problem> {
    let view = OrderView::of(order, &call.caller, &orders.sealer)?;
    Ok(Created::at(format!("/v1/orders/{}", order.id), view).version(&order.version))
}
