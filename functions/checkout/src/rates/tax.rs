//! The tax rates of a country.

use std::{borrow::Cow, collections::BTreeMap};

use contracts::{TaxClass, events::checkout::RatesChanged};
use dynamo::Version;
use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::{Country, Percent};

/// How shipping is taxed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) enum ShippingTax {
    /// Like goods of this class.
    Class(TaxClass),
    /// Like the goods that are shipped: its price is split over their classes in proportion to their value.
    Proportional,
}

impl TryFrom<String> for ShippingTax {
    type Error = contracts::InvalidTaxClass;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "proportional" { Ok(Self::Proportional) } else { text.parse().map(Self::Class) }
    }
}

impl From<ShippingTax> for String {
    fn from(tax: ShippingTax) -> Self {
        match tax {
            ShippingTax::Class(class) => class.into(),
            ShippingTax::Proportional => "proportional".to_owned(),
        }
    }
}

impl Default for ShippingTax {
    fn default() -> Self {
        Self::Class(TaxClass::STANDARD)
    }
}

impl JsonSchema for ShippingTax {
    fn schema_name() -> Cow<'static, str> {
        "ShippingTax".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "maxLength": 32, "pattern": "^[a-z0-9-]{1,32}$"})
    }
}

/// What is rounded to the minor unit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "TaxRounding")]
pub(crate) enum Rounding {
    /// The tax on each line, and the tax on shipping.
    #[default]
    Line,
    /// The tax on the sum of each tax class. It is then split over the lines and shipping.
    Total,
}

/// The tax rates of a region of a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RegionRates {
    /// The region: a code of ISO 3166-2 without the country, such as `CA`, or a name, such as `California`, which is
    /// replaced by its code. The country must be one whose addresses name a region of a list: AU, BR, CA, IN, MX or US.
    #[garde(length(chars, min = 1, max = 100))]
    pub(crate) region: String,
    /// The percentages of the tax classes that differ in this region. Other classes have the percentage of the country.
    #[garde(length(max = 10))]
    #[schemars(with = "BTreeMap<String, Percent>")]
    pub(crate) rates: BTreeMap<TaxClass, Percent>,
}

/// How goods and shipping to a country are taxed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaxTerms {
    /// The percentages by tax class.
    pub(crate) rates: BTreeMap<TaxClass, Percent>,
    pub(crate) regions: Vec<RegionRates>,
    /// Whether prices contain the tax.
    pub(crate) included: bool,
    pub(crate) shipping: ShippingTax,
    pub(crate) rounding: Rounding,
}

impl TaxTerms {
    /// The region of an address in these rates.
    pub(crate) fn region(&self, code: Option<&str>) -> Option<&RegionRates> {
        self.regions.iter().find(|own| Some(&*own.region) == code)
    }

    /// The percentage of a class in a region. `None` if none is set.
    pub(crate) fn rate(&self, region: Option<&RegionRates>, class: &TaxClass) -> Option<Percent> {
        region.and_then(|region| region.rates.get(class)).or_else(|| self.rates.get(class)).copied()
    }
}

/// The tax rates of a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", from = "Stored")]
pub(crate) struct TaxRates {
    pub(crate) country: Country,
    pub(crate) terms: TaxTerms,
    pub(crate) version: Version,
}

/// Tax rates as they are stored, or as they were when a country had one rate.
#[derive(Deserialize)]
struct Stored {
    country: Country,
    rate: Option<Percent>,
    #[serde(default)]
    terms: TaxTerms,
    version: Version,
}

impl From<Stored> for TaxRates {
    fn from(Stored { country, rate, mut terms, version }: Stored) -> Self {
        terms.rates.extend(rate.map(|rate| (TaxClass::STANDARD, rate)));
        Self { country, terms, version }
    }
}

/// The reason why tax rates are invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The country has no such region, or no list of regions.
    UnknownRegion { at: usize, country: Country },
    /// An earlier entry is about the same region.
    RepeatedRegion { at: usize },
}

impl TaxRates {
    /// Sets the rates of a country. Regions are replaced by their codes.
    pub(crate) fn set(
        before: Option<&Self>,
        country: Country,
        mut terms: TaxTerms,
    ) -> Result<(Self, RatesChanged), Rejection> {
        let code = country.to_string();
        for at in 0..terms.regions.len() {
            let (earlier, rest) = terms.regions.split_at_mut(at);
            let own = &mut rest[0].region;
            let known = addresses::region_code(&code, own);
            let known = known.ok_or_else(|| Rejection::UnknownRegion { at, country: country.clone() })?;
            if earlier.iter().any(|earlier| earlier.region == known) {
                return Err(Rejection::RepeatedRegion { at });
            }
            known.clone_into(own);
        }
        let event = RatesChanged { kind: "tax".to_owned(), country: code };
        Ok((Self { country, terms, version: before.map(|before| before.version.clone()).unwrap_or_default() }, event))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use super::{super::tests::country, *};

    /// Percentages by class.
    pub(crate) fn classes(rates: &[(&str, &str)]) -> BTreeMap<TaxClass, Percent> {
        rates.iter().map(|(class, percent)| (class.parse().unwrap(), percent.parse().unwrap())).collect()
    }

    /// One percentage, not included.
    pub(crate) fn flat(percent: &str) -> TaxTerms {
        TaxTerms { rates: classes(&[("standard", percent)]), ..TaxTerms::default() }
    }

    fn regional(regions: &[(&str, &[(&str, &str)])]) -> TaxTerms {
        let region = |(region, rates): &(&str, &[(&str, &str)])| RegionRates {
            region: (*region).to_owned(),
            rates: classes(rates),
        };
        TaxTerms { regions: regions.iter().map(region).collect(), ..flat("5") }
    }

    #[test]
    fn the_rate_of_a_region_replaces_that_of_its_country() {
        let terms = regional(&[("California", &[("standard", "7.25"), ("food", "0")]), ("or", &[])]);
        let terms = TaxRates::set(None, country("US"), terms).unwrap().0.terms;
        let rate = |region: Option<&str>, class: &str| {
            let rate = terms.rate(terms.region(region), &class.parse().unwrap());
            rate.map(|rate| rate.to_string())
        };
        assert_eq!(
            (rate(Some("CA"), "standard").as_deref(), rate(Some("CA"), "food").as_deref()),
            (Some("7.25"), Some("0"))
        );
        assert_eq!((rate(Some("OR"), "standard").as_deref(), rate(Some("OR"), "food")), (Some("5"), None));
        assert_eq!(
            (rate(Some("NY"), "standard"), rate(None, "standard")),
            (Some("5".to_owned()), Some("5".to_owned()))
        );
    }

    #[test]
    fn a_region_is_one_of_its_country_and_stands_once() {
        let refused = |code: &str, terms| TaxRates::set(None, country(code), terms).unwrap_err();
        let twice = regional(&[("CA", &[]), ("NY", &[]), ("California", &[])]);
        assert_eq!(refused("US", twice), Rejection::RepeatedRegion { at: 2 });
        let unknown = regional(&[("NY", &[]), ("Yukon", &[])]);
        assert_eq!(refused("US", unknown), Rejection::UnknownRegion { at: 1, country: country("US") });
        let without_list = Rejection::UnknownRegion { at: 0, country: country("DE") };
        assert_eq!(refused("DE", regional(&[("Bayern", &[])])), without_list);
    }

    #[test]
    fn shipping_is_taxed_like_a_class_or_in_proportion() {
        let read = |text: &str| serde_json::from_value::<ShippingTax>(json!(text)).ok();
        assert_eq!(read("proportional"), Some(ShippingTax::Proportional));
        assert_eq!(read("reduced"), Some(ShippingTax::Class("reduced".parse().unwrap())));
        assert_eq!(read("Reduced"), None);
        assert_eq!(json!([ShippingTax::default(), ShippingTax::Proportional]), json!(["standard", "proportional"]));
    }

    #[test]
    fn rates_that_were_stored_when_a_country_had_one_rate_are_read() {
        let version = json!(Version::default());
        let before = json!({"country": "GB", "rate": "20", "version": version});
        let read: TaxRates = serde_json::from_value(before).unwrap();
        assert_eq!(read, TaxRates::set(None, country("GB"), flat("20")).unwrap().0);
        assert_eq!(serde_json::from_value::<TaxRates>(json!(read)).unwrap(), read);
    }
}
