//! Set the shipping options of a country, with their prices.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Committed, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    rates::{Country, ShippingOption, ShippingRates},
};

/// The shipping options of a country.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetShippingRates {
    #[garde(skip)]
    country: Country,
    /// All shipping options, in the order in which they are offered. An empty list ends shipping to the country.
    #[garde(length(max = 20), dive)]
    options: Vec<ShippingOption>,
}

/// The shipping options of a country.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShippingRatesView {
    country: Country,
    options: Vec<ShippingOption>,
}

pub fn function() -> Function {
    Function::http("set-shipping-rates", handle)
        .about(
            "Replaces all options of the country. Quotes that were created before keep the old prices. If the \
             option of a cart no longer exists, `problems` of the cart says so. The `ETag` is in the last reply \
             to this operation.",
        )
        .roles(&[Role::Merchant])
        .versioned()
}

async fn handle(
    checkout: Checkout,
    call: Call<SetShippingRates>,
) -> Result<Committed<Found<ShippingRatesView>>, Problem> {
    let before = checkout.store.shipping_rates(&call.input.country).await?;
    call.expects(before.as_ref().map_or(0, |before| before.version.number()))?;
    let SetShippingRates { country, options } = call.input;
    let (rates, changed) = ShippingRates::set(before.as_ref(), country, options)?;
    let commit = checkout.store.table().commit(&call.context).save(&rates).event(&changed);
    let ShippingRates { country, options, .. } = rates;
    let reply = Found::new(ShippingRatesView { country, options }).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
