//! List the shipping options for a cart and a country.

use contracts::CartId;
use garde::Validate;
use lambda::{Call, Function, NOT_FOUND, Page, Paging, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Checkout, cart::Cart, pricing::price, problem::not_served, rates::Country, view::ShippingOptionView};

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
        .problems(&[NOT_FOUND, (422, "country-not-served")])
}

async fn handle(checkout: Checkout, call: Call<ListShippingOptions>) -> Result<Page<ShippingOptionView>, Problem> {
    let now = call.now();
    let ListShippingOptions { cart_id, country, limit, cursor, .. } = call.input;
    let (cart, rates) = checkout.store.cart_and_shipping(cart_id, &country).await?;
    let cart = Cart::of(call.caller.principal()?, cart)?;
    let goods = price(&cart, &checkout.store.pricing(&cart).await?, now)?.goods()?;
    let options = rates.as_ref().map(|rates| rates.options_for(goods)).unwrap_or_default();
    if options.is_empty() {
        return Err(not_served(&country, cart.currency));
    }
    let list = format!("shipping options {cart_id} {country}");
    let page =
        checkout.store.table().slice(&list, options, |(option, _)| option.id.clone(), &Paging { limit, cursor })?;
    Ok(page.map(|(option, price)| ShippingOptionView::of(option, price)))
}
