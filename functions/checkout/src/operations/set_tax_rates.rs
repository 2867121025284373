//! Set the tax rate of a country.

use contracts::Role;
use garde::Validate;
use lambda::{Call, Committed, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    rates::{Country, Percent, TaxRate},
};

/// The tax rate of a country.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetTaxRates {
    #[garde(skip)]
    country: Country,
    /// The tax rate in percent. It applies to items and shipping.
    #[garde(skip)]
    rate: Percent,
}

/// The tax rate of a country.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaxRateView {
    country: Country,
    rate: Percent,
}

pub fn function() -> Function {
    Function::http("set-tax-rates", handle)
        .about(
            "Replaces the country's rate. Quotes that were created before keep the old rate. Without a rate, the \
             tax of a country is 0 %.",
        )
        .roles(&[Role::Merchant])
        .versioned()
}

async fn handle(checkout: Checkout, call: Call<SetTaxRates>) -> Result<Committed<Found<TaxRateView>>, Problem> {
    let before = checkout.store.tax_rate(&call.input.country).await?;
    call.expects(before.as_ref().map_or(0, |before| before.version.number()))?;
    let SetTaxRates { country, rate } = call.input;
    let (tax, changed) = TaxRate::set(before.as_ref(), country, rate);
    let commit = checkout.store.table().commit(&call.context).save(&tax).event(&changed);
    let reply = Found::new(TaxRateView { country: tax.country, rate }).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
