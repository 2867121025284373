//! Create an empty cart.

use contracts::Currency;
use dynamo::Version;
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Committed, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout,
    cart::Cart,
    pricing::{PricingContext, price},
    view::CartView,
};

/// A new cart.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateCart {
    /// The currency of the cart's prices.
    #[garde(skip)]
    currency: Currency,
}

pub fn function() -> Function {
    Function::creating("create-cart", handle, first_reply).about(
        "The cart belongs to the caller, an account or a guest. Its currency cannot be changed. A cart that does \
         not change is deleted after 90 days.",
    )
}

async fn handle(checkout: Checkout, call: Call<CreateCart>) -> Result<Committed<Created<CartView>>, Problem> {
    let cart = cart(&checkout, &call, call.now())?;
    let commit = checkout.store.table().commit(&call.context).create(&cart);
    let reply = reply(&checkout, &call, &Cart { version: commit.version(), ..cart })?;
    Ok(commit.answer(reply).run().await?)
}

/// The reply to the first request: the cart as it was created. Later changes of the cart do not matter.
async fn first_reply(checkout: Checkout, call: Call<CreateCart>) -> Result<Created<CartView>, Problem> {
    let stored = checkout.store.cart(checkout.store.table().derived_id(&call.context)?).await?;
    let made_at = stored.and_then(|stored| stored.version.created_at()).ok_or_else(|| Problem::not_found("cart"))?;
    let cart = cart(&checkout, &call, made_at)?;
    reply(&checkout, &call, &Cart { version: Version::of(1), ..cart })
}

fn cart(checkout: &Checkout, call: &Call<CreateCart>, now: Timestamp) -> Result<Cart, Problem> {
    let id = checkout.store.table().derived_id(&call.context)?;
    Ok(Cart::create(id, call.caller.principal()?, call.input.currency, now))
}

fn reply(checkout: &Checkout, call: &Call<CreateCart>, cart: &Cart) -> Result<Created<CartView>, Problem> {
    let priced = price(cart, &PricingContext::default(), cart.changed_at)?;
    let view = CartView::of(checkout, &call.caller, cart, &priced)?;
    Ok(Created::at(format!("/v1/carts/{}", cart.id), view))
}
