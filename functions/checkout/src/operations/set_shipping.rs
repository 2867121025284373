//! Set the address and the shipping option of a cart.

use contracts::{Address, CartId, sealed_for};
use garde::Validate;
use lambda::{Call, Found, Function, INVALID_AMOUNT, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    cart::{Cart, Shipping},
    pricing::price_options,
    problem::not_served,
    rates::Country,
    view::{ShippingOptionView, ShippingView, WarningView},
};

/// The address and the shipping option of a cart.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetShipping {
    #[garde(skip)]
    cart_id: CartId,
    #[garde(dive)]
    address: Address,
    /// The id of a shipping option for the country of the address.
    #[garde(length(chars, min = 1, max = 32))]
    option: String,
}

/// The address and the shipping option of a cart after the change.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShippingSetView {
    #[serde(flatten)]
    shipping: ShippingView,
    /// Warnings about the address, for display.
    problems: Vec<WarningView>,
}

pub fn function() -> Function {
    Function::http("set-shipping", handle)
        .about(
            "The required fields of the address depend on its country. A postcode of an unusual form is accepted, \
             and reported in `problems`. `option` is one of the cart's shipping options for that country. Only \
             the cart's owner can change it, while its status is `open`.",
        )
        .problems(&[NOT_FOUND, INVALID_AMOUNT, (409, "cart-closed"), (422, "country-not-served")])
}

async fn handle(checkout: Checkout, call: Call<SetShipping>) -> Result<Found<ShippingSetView>, Problem> {
    let (caller, now) = (call.caller.principal()?, call.now());
    let SetShipping { cart_id, address, option } = call.input;
    let address = addresses::check(address)?;
    let country = Country::try_from(address.country.clone());
    let country = country.map_err(|error| Problem::invalid("/address/country", error))?;
    let cart = Cart::of(caller, checkout.store.cart(cart_id).await?)?;
    let pricing = checkout.store.pricing_to(&cart, Some(&country)).await?.for_caller(&call.caller);
    let options = price_options(&cart, &country, &pricing, now)?;
    if options.is_empty() {
        return Err(not_served(&country, cart.currency));
    }
    let chosen = options.into_iter().find(|(offered, _)| offered.id == option);
    let (chosen, price) = chosen.ok_or_else(|| {
        Problem::invalid("/option", format_args!("is not a shipping option for {country} in {}", cart.currency))
    })?;
    let region = address.region.as_deref().and_then(|region| addresses::region_code(&address.country, region));
    let sealed = checkout.sealer.seal(sealed_for::ADDRESS, &address)?;
    let cart = cart.ship(Shipping { option, country, region: region.map(str::to_owned), address: sealed }, now)?;
    checkout.store.table().commit(&call.context).save(&cart).run().await?;
    let problems = WarningView::of_address(&address);
    let shipping = ShippingView { option: Some(ShippingOptionView::of(chosen, price)), address };
    Ok(Found::new(ShippingSetView { shipping, problems }))
}
