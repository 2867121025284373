//! Set the tax rates of a country.

use std::collections::BTreeMap;

use contracts::{Role, TaxClass};
use garde::Validate;
use lambda::{Call, Committed, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Checkout,
    rates::{Country, Percent, RegionRates, Rounding, ShippingTax, TaxRates, TaxTerms},
};

/// The tax rates of a country.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetTaxRates {
    #[garde(skip)]
    country: Country,
    /// The percentages by tax class: `{"standard": "19", "reduced": "7"}`. A class that is absent is not taxed.
    #[garde(length(max = 10))]
    #[schemars(with = "Option<BTreeMap<String, Percent>>")]
    rates: Option<BTreeMap<TaxClass, Percent>>,
    /// A short form of `rates` with the class `standard` only. Send one of `rate` and `rates`, not both.
    #[garde(skip)]
    rate: Option<Percent>,
    /// The rates of regions, for example of the states of the US. Elsewhere in the country, `rates` apply.
    #[garde(length(max = 60), dive)]
    #[serde(default)]
    regions: Vec<RegionRates>,
    /// Whether prices contain the tax. If true, the tax is calculated from the prices and is not added to them.
    /// Defaults to false.
    #[garde(skip)]
    #[serde(default)]
    included: bool,
    /// How shipping is taxed: the name of a tax class, or `proportional`, which splits its price over the classes of the
    /// goods in proportion to their value. Defaults to `standard`.
    #[garde(skip)]
    #[serde(default)]
    shipping: ShippingTax,
    /// What is rounded to the minor unit, half up. Defaults to `line`.
    #[garde(skip)]
    #[serde(default)]
    rounding: Rounding,
}

/// The tax rates of a country.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaxRateView {
    country: Country,
    /// The percentages by tax class.
    #[schemars(with = "BTreeMap<String, Percent>")]
    rates: BTreeMap<TaxClass, Percent>,
    /// The percentage of the class `standard`, or 0.
    rate: Percent,
    /// The rates of regions, each with the code of the region.
    regions: Vec<RegionRates>,
    /// Whether prices contain the tax.
    included: bool,
    /// The name of the tax class of shipping, or `proportional`.
    shipping: ShippingTax,
    /// What is rounded to the minor unit, half up.
    rounding: Rounding,
}

pub fn function() -> Function {
    Function::http("set-tax-rates", handle)
        .about(
            "Replaces the country's rates. Quotes that were created before keep the old rates. Without a rate, \
             the tax of a country is 0 %. The `ETag` is in the last reply to this operation.",
        )
        .roles(&[Role::Merchant])
        .versioned()
}

async fn handle(checkout: Checkout, call: Call<SetTaxRates>) -> Result<Committed<Found<TaxRateView>>, Problem> {
    let before = checkout.store.tax_rates(&call.input.country).await?;
    call.expects(before.as_ref().map_or(0, |before| before.version.number()))?;
    let SetTaxRates { country, rates, rate, regions, included, shipping, rounding } = call.input;
    let rates = match (rates, rate) {
        (Some(rates), None) => rates,
        (None, Some(rate)) => BTreeMap::from([(TaxClass::STANDARD, rate)]),
        (Some(_), Some(_)) => return Err(Problem::invalid("/rate", "must be absent if rates is given")),
        (None, None) => return Err(Problem::invalid("/rates", "is required")),
    };
    let terms = TaxTerms { rates, regions, included, shipping, rounding };
    let (tax, changed) = TaxRates::set(before.as_ref(), country, terms)?;
    let commit = checkout.store.table().commit(&call.context).save(&tax).event(&changed);
    let TaxRates { country, terms, .. } = tax;
    let TaxTerms { rates, regions, included, shipping, rounding } = terms;
    let rate = rates.get(&TaxClass::STANDARD).copied().unwrap_or(Percent::ZERO);
    let view = TaxRateView { country, rates, rate, regions, included, shipping, rounding };
    let reply = Found::new(view).version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
