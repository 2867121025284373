//! Make an empty cart.

use contracts::Currency;
use garde::Validate;
use lambda::{Call, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout,
    cart::Cart,
    pricing::{Shelf, price},
    view::CartView,
};

/// A new cart.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateCart {
    /// What it is priced in.
    #[garde(skip)]
    currency: Currency,
}

pub fn function() -> Function {
    Function::http("create-cart", handle)
}

async fn handle(checkout: Checkout, call: Call<CreateCart>) -> Result<Created<CartView>, Problem> {
    let cart = Cart::create(call.new_id(), call.caller.principal()?, call.input.currency, call.now());
    let priced = price(&cart, &Shelf::default(), call.now())?;
    let view = CartView::of(&checkout, &call.caller, &cart, &priced)?;
    let reply = Created::at(format!("/v1/carts/{}", cart.id), view);
    checkout.store.table().commit(&call.cause).save(&cart).answer(&reply).run().await?;
    Ok(reply)
}
