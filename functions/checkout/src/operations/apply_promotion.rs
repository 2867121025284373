//! Apply a promotion code to a cart.

use contracts::{CartId, PromotionId};
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    cart::{Cart, Rejection},
    promotion::{self, AppliedCode, PromotionCode},
};

/// The cart, and the code to apply.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplyPromotion {
    #[garde(skip)]
    cart_id: CartId,
    #[garde(skip)]
    code: PromotionCode,
}

/// A promotion code that the cart now has. `promotions` of the cart says whether it takes something off.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppliedView {
    promotion_id: PromotionId,
    code: PromotionCode,
    /// The name of the promotion, for display.
    name: String,
}

pub fn function() -> Function {
    Function::http("apply-promotion", handle)
        .about(
            "A cart has at most five promotion codes, and one of each promotion: another code of a promotion replaces it. \
             A code that takes nothing off yet, for example because the items are worth less than its minimum, is accepted, \
             and `promotions` of the cart says why. The cart then cannot be quoted, unless the reason is `not-combined`. \
             Only the cart's owner can change it, while its status is `open`.",
        )
        .problems(&[NOT_FOUND, (409, "cart-closed"), (409, "too-many-promotions"), (422, "promotion-not-valid")])
}

async fn handle(checkout: Checkout, call: Call<ApplyPromotion>) -> Result<Found<AppliedView>, Problem> {
    let (caller, now) = (call.caller.principal()?, call.now());
    let ApplyPromotion { cart_id, code } = call.input;
    let (cart, promotion) = checkout.store.cart_and_promotion(cart_id, &code).await?;
    let cart = Cart::of(caller, cart)?;
    let promotion = promotion.ok_or(promotion::Rejection::Unknown)?;
    // It may do nothing yet. The cart says why.
    if promotion.has_ended(now) {
        return Err(promotion::Rejection::Ended.into());
    }
    match cart.apply(AppliedCode { code: code.clone(), promotion: promotion.id }, now) {
        Ok(cart) => {
            checkout.store.table().commit(&call.context).save(&cart).run().await?;
        }
        Err(Rejection::AlreadyDone) => {}
        Err(rejection) => return Err(rejection.into()),
    }
    Ok(Found::new(AppliedView { promotion_id: promotion.id, code, name: promotion.name }))
}
