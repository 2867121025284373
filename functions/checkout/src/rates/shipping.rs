//! The shipping rates of a country.

use std::collections::BTreeSet;

use contracts::{Currency, Money, events::checkout::RatesChanged};
use dynamo::Version;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Country;

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
    /// The prices. At most one per currency. They contain the tax if the tax rates of the country are `included`.
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
    /// An option with one price.
    #[cfg(feature = "bench")]
    pub(crate) fn new(id: &str, price: Money) -> Self {
        Self { id: id.to_owned(), name: id.to_owned(), days: 1, prices: vec![price], free_from: Vec::new() }
    }

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
    /// The rates of a country with one option.
    pub(crate) fn of_option(country: Country, option: ShippingOption) -> Self {
        Self { country, options: vec![option], version: Version::default() }
    }

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
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{super::tests::country, *};

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
