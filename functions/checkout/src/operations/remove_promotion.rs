//! Remove a promotion from a cart. Nothing happens if the cart does not have it.

use contracts::CartId;
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, NoContent, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout,
    cart::{Cart, Rejection},
    promotion::PromotionCode,
};

/// The code to remove, and the cart.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RemovePromotion {
    #[garde(skip)]
    cart_id: CartId,
    #[garde(skip)]
    code: PromotionCode,
}

pub fn function() -> Function {
    Function::http("remove-promotion", handle)
        .about(
            "If the cart does not have the promotion, nothing changes, and the reply is also 204. Only the cart's \
             owner can change it, while its status is `open`.",
        )
        .problems(&[NOT_FOUND, (409, "cart-closed")])
}

async fn handle(checkout: Checkout, call: Call<RemovePromotion>) -> Result<NoContent, Problem> {
    let cart = Cart::of(call.caller.principal()?, checkout.store.cart(call.input.cart_id).await?)?;
    match cart.unapply(&call.input.code, call.now()) {
        Ok(cart) => {
            checkout.store.table().commit(&call.context).save(&cart).run().await?;
        }
        Err(Rejection::AlreadyDone) => {}
        Err(rejection) => return Err(rejection.into()),
    }
    Ok(NoContent::DONE)
}
