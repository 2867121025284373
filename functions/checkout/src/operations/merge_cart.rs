//! Merge another cart into a cart, for example a guest's cart after signing in.

use contracts::CartId;
use garde::Validate;
use lambda::{Call, Committed, Found, Function, INVALID_AMOUNT, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Checkout, cart::Cart, pricing::price, store::save_counted, view::CartView};

/// The cart to merge, and the proof that the caller may merge it.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MergeCart {
    #[garde(skip)]
    cart_id: CartId,
    /// The cart to merge. Its status becomes `merged`.
    #[garde(skip)]
    from: CartId,
    /// The `claim` of a guest's cart. Required if the caller does not own `from`.
    #[garde(length(max = 256))]
    claim: Option<String>,
}

pub fn function() -> Function {
    Function::http("merge-cart", handle)
        .about(
            "Moves the items of `from` into the cart in the path. The caller must own the cart in the path, and \
             must own `from` or send its `claim`. Quantities of the same SKU are added, up to 999 units. The cart \
             keeps its own address, shipping option and promotions if it has them. The status of `from` becomes \
             `merged`. Shortly afterwards, its quotes are refused. If the cart would have more than 40 SKUs, \
             nothing changes (409 `cart-full`).",
        )
        .problems(&[NOT_FOUND, INVALID_AMOUNT, (409, "cart-closed"), (409, "cart-full")])
}

async fn handle(checkout: Checkout, call: Call<MergeCart>) -> Result<Committed<Found<CartView>>, Problem> {
    let (caller, now) = (call.caller.principal()?, call.now());
    let MergeCart { cart_id, from, claim } = &call.input;
    let [cart, other] = checkout.store.carts(*cart_id, *from).await?;
    let cart = Cart::of(caller, cart)?;
    let claimed = claim.as_ref().is_some_and(|claim| checkout.is_claim(claim, *from));
    let owner = other.as_ref().filter(|_| claimed).map_or(caller, |other| other.owner);
    let other = Cart::of(owner, other)?;
    // The codes move with the lines, and so must what quotes of the other cart hold.
    let codes: Vec<_> = other.promotions.iter().map(|applied| applied.promotion).collect();
    let uses = checkout.store.uses(&codes, other.id, other.generation).await?;
    let given_up: Vec<_> = uses.into_iter().filter_map(|(redemption, usages)| redemption.give_up(usages)).collect();
    let (cart, other, merged) = cart.merge(other, now)?;
    let pricing = checkout.store.pricing(&cart).await?.for_caller(&call.caller);
    let commit = checkout.store.table().commit(&call.context).save(&other).event(&merged);
    let commit = save_counted(commit, &given_up).save(&cart);
    let cart = Cart { version: commit.version(), ..cart };
    let view = CartView::of(&checkout, &call.caller, &cart, &price(&cart, &pricing, now)?)?;
    Ok(commit.answer(Found::new(view)).run().await?)
}
