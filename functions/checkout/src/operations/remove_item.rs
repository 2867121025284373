//! Remove a SKU from a cart. Nothing happens if the cart does not contain it.

use contracts::{CartId, Sku};
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout,
    cart::{Cart, Rejection},
};

/// The SKU to remove, and the cart.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemoveItem {
    #[garde(skip)]
    cart_id: CartId,
    #[garde(skip)]
    sku: Sku,
}

pub fn function() -> Function {
    Function::http("remove-item", handle)
        .about(
            "If the cart does not contain the SKU, nothing changes, and the reply is also 204. Only the cart's \
             owner can change it, while its status is `open`.",
        )
        .problems(&[NOT_FOUND, (409, "cart-closed")])
}

async fn handle(checkout: Checkout, call: Call<RemoveItem>) -> Result<NoContent, Problem> {
    let cart = Cart::of(call.caller.principal()?, checkout.store.cart(call.input.cart_id).await?)?;
    match cart.remove(&call.input.sku, call.now()) {
        Ok(cart) => {
            checkout.store.table().commit(&call.context).save(&cart).run().await?;
        }
        Err(Rejection::AlreadyDone) => {}
        Err(rejection) => return Err(rejection.into()),
    }
    Ok(NoContent::DONE)
}
