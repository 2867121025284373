//! Set the tax on what is sent to a country.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    rates::{Country, Percent, TaxRate},
};

/// The tax on what is sent to a country.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetTaxRates {
    #[garde(skip)]
    country: Country,
    /// The tax rate in per cent, on items and shipping.
    #[garde(skip)]
    rate: Percent,
}

/// The tax on what is sent to a country.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaxRateView {
    country: Country,
    rate: Percent,
}

pub fn function() -> Function {
    Function::http("set-tax-rates", handle).roles(&[Role::Merchant])
}

async fn handle(checkout: Checkout, call: Call<SetTaxRates>) -> Result<Found<TaxRateView>, Problem> {
    let before = checkout.store.tax_rate(&call.input.country).await?;
    call.expects(before.as_ref().map_or(0, |before| before.version))?;
    let SetTaxRates { country, rate } = call.input;
    let (tax, changed) = TaxRate::set(before.as_ref(), country, rate);
    checkout.store.table().commit(&call.cause).save(&tax).event(&changed).run().await?;
    Ok(Found::new(TaxRateView { country: tax.country, rate }).version(tax.version))
}
