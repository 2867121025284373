//! Merge another cart into a cart, such as a guest's at sign-in.

use contracts::{CartId, Sealed};
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Checkout, cart::Cart, pricing::price, view::CartView};

/// Which cart goes into which.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergeCart {
    #[garde(skip)]
    cart_id: CartId,
    /// The cart to merge. It is closed afterwards.
    #[garde(skip)]
    from: CartId,
    /// The `claim` of a guest's cart. Required if the caller does not own `from`.
    #[garde(inner(length(max = 256)))]
    claim: Option<String>,
}

pub fn function() -> Function {
    Function::http("merge-cart", handle)
}

async fn handle(checkout: Checkout, call: Call<MergeCart>) -> Result<Found<CartView>, Problem> {
    let (caller, now) = (call.caller.principal()?, call.now());
    let MergeCart { cart_id, from, claim } = &call.input;
    let [cart, other] = checkout.store.carts(*cart_id, *from).await?;
    let cart = Cart::of(caller, cart)?;
    let shown = claim.clone().map(Sealed::<CartId>::from_ciphertext);
    let claimed = shown.is_some_and(|claim| checkout.sealer.open("cart-claim", &claim) == Ok(*from));
    let owner = other.as_ref().filter(|_| claimed).map_or(caller, |other| other.owner);
    let (cart, other) = cart.merge(Cart::of(owner, other)?, now)?;
    let shelf = checkout.store.shelf(&cart).await?;
    let view = CartView::of(&checkout, &call.caller, &cart, &price(&cart, &shelf, now)?)?;
    let reply = Found::new(view);
    checkout.store.table().commit(&call.cause).save(&cart).save(&other).answer(&reply).run().await?;
    Ok(reply)
}
