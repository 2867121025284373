//! List the shipping options for a cart and a country.

use contracts::CartId;
use garde::Validate;
use lambda::{Call, Function, INVALID_AMOUNT, NOT_FOUND, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout, cart::Cart, pricing::price_options, problem::not_served, rates::Country, view::ShippingOptionView,
};

/// The cart, and the country to ship to.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListShippingOptions {
    #[garde(skip)]
    cart_id: CartId,
    #[garde(skip)]
    country: Country,
    /// The postal code of the address. It does not change the answer yet.
    #[garde(length(chars, min = 1, max = 16))]
    postcode: Option<String>,
    #[garde(range(min = 1, max = 100))]
    limit: Option<u32>,
    #[garde(skip)]
    cursor: Option<String>,
}

pub fn function() -> Function {
    Function::http("list-shipping-options", handle)
        .about(
            "Returns the options that have a price in the cart's currency, in the merchant's order, each with the \
             price for the items that are now in the cart. If there are none, the reply is 422 \
             (`country-not-served`). Only the cart's owner can list them.",
        )
        .problems(&[NOT_FOUND, INVALID_AMOUNT, (422, "country-not-served")])
}

async fn handle(checkout: Checkout, call: Call<ListShippingOptions>) -> Result<Page<ShippingOptionView>, Problem> {
    let now = call.now();
    let ListShippingOptions { cart_id, country, limit, cursor, .. } = call.input;
    let cart = Cart::of(call.caller.principal()?, checkout.store.cart(cart_id).await?)?;
    let pricing = checkout.store.pricing_to(&cart, Some(&country)).await?.for_caller(&call.caller);
    let options = price_options(&cart, &country, &pricing, now)?;
    if options.is_empty() {
        return Err(not_served(&country, cart.currency));
    }
    let list = format!("shipping options {cart_id} {country}");
    let page =
        checkout.store.table().slice(&list, options, |(option, _)| option.id.clone(), &Paging { limit, cursor })?;
    Ok(page.map(|(option, price)| ShippingOptionView::of(option, price)))
}
