//! Get a cart with its current prices, totals and warnings.

use contracts::CartId;
use garde::Validate;
use lambda::{Call, Found, Function, INVALID_AMOUNT, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Checkout, cart::Cart, pricing::price, view::CartView};

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetCart {
    #[garde(skip)]
    cart_id: CartId,
}

pub fn function() -> Function {
    Function::http("get-cart", handle)
        .about(
            "Calculates the prices anew. `problems` of each line says what has changed in it: its price, its \
             stock, or that it is no longer sold. Only the cart's owner can read it. Other callers get 404.",
        )
        .problems(&[NOT_FOUND, INVALID_AMOUNT])
}

async fn handle(checkout: Checkout, call: Call<GetCart>) -> Result<Found<CartView>, Problem> {
    let cart = Cart::of(call.caller.principal()?, checkout.store.cart(call.input.cart_id).await?)?;
    let pricing = checkout.store.pricing(&cart).await?.for_caller(&call.caller);
    let priced = price(&cart, &pricing, call.now())?;
    Ok(Found::new(CartView::of(&checkout, &call.caller, &cart, &priced)?))
}
