//! The tax and shipping rates of a country.

use std::{borrow::Cow, collections::BTreeSet, fmt, str::FromStr};

use addresses::UNKNOWN_COUNTRY;
use contracts::{Currency, Money, MoneyError, events::checkout::RatesChanged};
use dynamo::Version;
use garde::Validate;
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The code of a country that exists (ISO 3166-1 alpha-2), in upper case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Country(String);

/// A text that is not the code of a country.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{UNKNOWN_COUNTRY}")]
pub(crate) struct InvalidCountry;

impl TryFrom<String> for Country {
    type Error = InvalidCountry;

    fn try_from(code: String) -> Result<Self, InvalidCountry> {
        if addresses::is_country(&code) { Ok(Self(code)) } else { Err(InvalidCountry) }
    }
}

impl From<Country> for String {
    fn from(Country(code): Country) -> Self {
        code
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for Country {
    fn schema_name() -> Cow<'static, str> {
        "Country".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Z]{2}$"})
    }
}

/// A percentage from 0 to 100 with up to four decimals. It is a string, such as `"7.7"`, so that it is exact. A
/// number is also accepted as input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "String")]
pub(crate) struct Percent(Decimal);

/// A number that is not a percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a percentage from 0 to 100 with up to four decimals")]
pub(crate) struct InvalidPercent;

/// The input forms of a percentage.
#[derive(Deserialize)]
#[serde(untagged, expecting = "must be a percentage such as \"7.7\"")]
enum Written {
    Text(String),
    Whole(u64),
    Fraction(f64),
}

impl TryFrom<Written> for Percent {
    type Error = InvalidPercent;

    fn try_from(written: Written) -> Result<Self, InvalidPercent> {
        match written {
            Written::Text(text) => text.parse(),
            Written::Whole(number) => number.to_string().parse(),
            // The shortest text that reads back as this number, which is the text that the sender wrote.
            Written::Fraction(number) => (number + 0.0).to_string().parse(), // -0 is 0
        }
    }
}

impl FromStr for Percent {
    type Err = InvalidPercent;

    fn from_str(text: &str) -> Result<Self, InvalidPercent> {
        // The decimal parser rounds numbers that are too long, and accepts signs and underscores.
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |part: &str, most| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole, 3) || !digits(decimals, 4) {
            return Err(InvalidPercent);
        }
        let percent = Decimal::from_str(text).map_err(|_| InvalidPercent)?.normalize();
        if percent <= Decimal::ONE_HUNDRED { Ok(Self(percent)) } else { Err(InvalidPercent) }
    }
}

impl From<Percent> for String {
    fn from(percent: Percent) -> Self {
        percent.to_string()
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number"], "pattern": r"^\d{1,3}(\.\d{1,4})?$", "minimum": 0, "maximum": 100})
    }
}

impl Percent {
    /// This percentage of an amount, rounded half up to the minor unit.
    pub(crate) fn of(self, money: Money) -> Result<Money, MoneyError> {
        // The amount has at most 19 digits and the percentage 7, so the result fits into the 28 digits of a decimal.
        let share = Decimal::from(money.amount) * self.0 / Decimal::ONE_HUNDRED;
        let share = share.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero).to_i64();
        share.map(|amount| Money { amount, ..money }).ok_or(MoneyError::OutOfRange)
    }

    /// Whether the percentage is 0.
    pub(crate) fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

/// The tax rate of a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaxRate {
    pub(crate) country: Country,
    pub(crate) rate: Percent,
    pub(crate) version: Version,
}

impl TaxRate {
    /// Sets the rate of a country.
    pub(crate) fn set(before: Option<&Self>, country: Country, rate: Percent) -> (Self, RatesChanged) {
        let event = RatesChanged { kind: "tax".to_owned(), country: country.to_string() };
        (Self { country, rate, version: before.map(|before| before.version.clone()).unwrap_or_default() }, event)
    }
}

/// A shipping option of a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ShippingOption {
    /// The id, unique within the country, such as `standard`.
    #[garde(length(chars, min = 1, max = 32))]
    pub(crate) id: String,
    /// The name, for display.
    #[garde(length(chars, min = 1, max = 100))]
    pub(crate) name: String,
    /// The delivery time in days.
    #[garde(range(min = 1, max = 90))]
    pub(crate) days: u32,
    /// The prices, without tax. At most one per currency.
    #[garde(length(min = 1, max = 10), inner(custom(in_bounds)))]
    prices: Vec<Money>,
    /// Shipping is free if the items cost at least this after discounts. At most one amount per currency.
    #[garde(length(max = 10), inner(custom(in_bounds)))]
    #[serde(default)]
    free_from: Vec<Money>,
}

/// The maximum amount that a merchant can set, in minor units. It is so low that no sum of a cart overflows 64 bits.
const LARGEST: i64 = 1_000_000_000;

/// Checks that an amount is not negative and not above the maximum.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
pub(crate) fn in_bounds(money: &Money, (): &()) -> garde::Result {
    let bounded = (0..=LARGEST).contains(&money.amount);
    if bounded {
        Ok(())
    } else {
        Err(garde::Error::new(format!("must have an amount from 0 to {LARGEST} in minor units")))
    }
}

impl ShippingOption {
    /// The price in a currency, if there is one.
    fn price(&self, currency: Currency) -> Option<Money> {
        amount_in(&self.prices, currency)
    }

    /// The value of the items from which shipping is free, if there is one.
    pub(crate) fn free_from(&self, currency: Currency) -> Option<Money> {
        amount_in(&self.free_from, currency)
    }

    /// The price of shipping for items of a given value.
    pub(crate) fn price_for(&self, goods: Money) -> Option<Money> {
        let free = self.free_from(goods.currency).is_some_and(|from| from.amount <= goods.amount);
        self.price(goods.currency).map(|price| if free { Money::zero(goods.currency) } else { price })
    }
}

fn amount_in(amounts: &[Money], currency: Currency) -> Option<Money> {
    amounts.iter().find(|amount| amount.currency == currency).copied()
}

/// The shipping options of a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShippingRates {
    pub(crate) country: Country,
    pub(crate) options: Vec<ShippingOption>,
    pub(crate) version: Version,
}

/// The reason why shipping rates are invalid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// Two options have the same id, or an option has two amounts in the same currency.
    Repeated { option: usize, field: &'static str },
}

impl ShippingRates {
    /// Sets all options of a country. An empty list ends shipping to the country.
    pub(crate) fn set(
        before: Option<&Self>,
        country: Country,
        options: Vec<ShippingOption>,
    ) -> Result<(Self, RatesChanged), Rejection> {
        let mut ids = BTreeSet::new();
        for (at, option) in options.iter().enumerate() {
            let repeated = |field| Rejection::Repeated { option: at, field };
            let once = |amounts: &[Money]| {
                let currencies: BTreeSet<_> = amounts.iter().map(|amount| amount.currency).collect();
                currencies.len() == amounts.len()
            };
            ids.insert(&option.id).then_some(()).ok_or(repeated("id"))?;
            once(&option.prices).then_some(()).ok_or(repeated("prices"))?;
            once(&option.free_from).then_some(()).ok_or(repeated("freeFrom"))?;
        }
        let event = RatesChanged { kind: "shipping".to_owned(), country: country.to_string() };
        Ok((Self { country, options, version: before.map(|before| before.version.clone()).unwrap_or_default() }, event))
    }

    /// The options that have a price in the currency of the goods, with the price of sending these goods.
    pub(crate) fn options_for(&self, goods: Money) -> Vec<(&ShippingOption, Money)> {
        self.options.iter().filter_map(|option| Some((option, option.price_for(goods)?))).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn country(code: &str) -> Country {
        code.to_owned().try_into().unwrap()
    }

    pub(crate) fn option(id: &str, price: Money, free_from: Option<Money>) -> ShippingOption {
        ShippingOption {
            id: id.to_owned(),
            name: id.to_owned(),
            days: 3,
            prices: vec![price],
            free_from: free_from.into_iter().collect(),
        }
    }

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::Eur)
    }

    #[test]
    fn a_share_is_rounded_half_up() {
        let share = |percent: &str, amount| percent.parse::<Percent>().unwrap().of(eur(amount)).unwrap().amount;
        assert_eq!((share("20", 4999), share("50", 1), share("49.9999", 1), share("7.7", 1000)), (1000, 1, 0, 77));
        assert_eq!((share("0", i64::MAX), share("100", i64::MAX)), (0, i64::MAX));
    }

    #[test]
    fn a_percentage_is_exact_and_within_bounds() {
        let read = |json: &str| serde_json::from_str::<Percent>(json).map(|percent| percent.to_string());
        assert_eq!(read("\"7.70\"").unwrap(), "7.7");
        assert_eq!(read("7.7").unwrap(), "7.7");
        assert_eq!(read("20").unwrap(), "20");
        assert_eq!(read("-0.0").unwrap(), "0");
        for json in ["-1", "100.1", "100.00000000000001", "0.00001", "-1e-323", "1e-323", "true"] {
            assert!(read(json).is_err(), "{json}");
        }
        let long = format!("0.{}1", "0".repeat(40));
        for text in ["0.00001", "many", "", ".5", "5.", "+5", "-5", "1_0", "0100", &long] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }

    #[test]
    fn shipping_is_free_from_its_threshold_on() {
        let standard = option("standard", eur(499), Some(eur(5000)));
        assert_eq!((standard.price_for(eur(4999)), standard.price_for(eur(5000))), (Some(eur(499)), Some(eur(0))));
        assert_eq!(standard.price_for(Money::new(1, Currency::Jpy)), None);
    }

    #[test]
    fn an_option_and_its_price_stand_once() {
        let twice = vec![option("standard", eur(1), None), option("standard", eur(2), None)];
        let rejection = ShippingRates::set(None, country("GB"), twice).unwrap_err();
        assert_eq!(rejection, Rejection::Repeated { option: 1, field: "id" });
        let mut twice = option("standard", eur(1), None);
        twice.prices.push(eur(2));
        let rejection = ShippingRates::set(None, country("GB"), vec![twice]).unwrap_err();
        assert_eq!(rejection, Rejection::Repeated { option: 0, field: "prices" });
    }
}
