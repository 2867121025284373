//! What a promotion takes off.

use contracts::{Currency, Money};
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Items;
use crate::rates::Percent;

/// What a promotion takes off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Benefit {
    /// A percentage of what is left to pay.
    Percentage(Percent),
    /// A fixed amount, at most what is left to pay.
    Fixed(Amounts),
    /// Another price for each unit. It never raises a price.
    FixedPrice(Amounts),
    /// Units for less, if others are bought.
    BuyXGetY(Box<BuyXGetY>),
    /// Shipping without a price. If options are named, only with one of them.
    FreeShipping { options: Vec<String> },
}

/// What a promotion is calculated on. Promotions are applied in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PromotionLevel")]
pub(crate) enum Level {
    /// The matching lines. A percentage is rounded for each line. A fixed amount is taken off once, and split over them.
    Item,
    /// All matching lines together.
    Order,
    /// The price of shipping.
    Shipping,
}

impl Benefit {
    /// The level of a promotion that names none.
    pub(crate) const fn level(&self) -> Level {
        match self {
            Self::Percentage(_) | Self::Fixed(_) => Level::Order,
            Self::FixedPrice(_) | Self::BuyXGetY(_) => Level::Item,
            Self::FreeShipping { .. } => Level::Shipping,
        }
    }

    /// The amounts of the benefit, if it has any. Then it is valid in their currencies only.
    pub(crate) const fn amounts(&self) -> Option<&Amounts> {
        match self {
            Self::Fixed(amounts) | Self::FixedPrice(amounts) => Some(amounts),
            Self::Percentage(_) | Self::BuyXGetY(_) | Self::FreeShipping { .. } => None,
        }
    }

    /// The field because of which it can take nothing off, if there is one.
    pub(crate) fn nothing(&self) -> Option<&'static str> {
        let (is_nothing, pointer) = match self {
            Self::Percentage(percent) => (percent.is_zero(), "/percent"),
            Self::BuyXGetY(rule) => (rule.percent.is_zero(), "/get/percent"),
            Self::Fixed(Amounts(amounts)) => {
                let pointer = if amounts.len() == 1 { "/amount" } else { "/amounts" };
                (amounts.iter().all(|amount| amount.amount <= 0), pointer)
            }
            Self::FixedPrice(_) | Self::FreeShipping { .. } => (false, ""),
        };
        is_nothing.then_some(pointer)
    }
}

/// Amounts of money, at most one per currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written")]
pub(crate) struct Amounts(pub(crate) Vec<Money>);

/// Amounts as they are stored, or the single amount that was stored before there could be several.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Several(Vec<Money>),
    One(Money),
}

impl From<Written> for Amounts {
    fn from(written: Written) -> Self {
        match written {
            Written::Several(amounts) => Self(amounts),
            Written::One(amount) => Self(vec![amount]),
        }
    }
}

impl From<Money> for Amounts {
    fn from(amount: Money) -> Self {
        Self(vec![amount])
    }
}

impl Amounts {
    /// The currencies that it has amounts in.
    pub(crate) fn currencies(&self) -> impl Iterator<Item = Currency> {
        self.0.iter().map(|amount| amount.currency)
    }

    /// The amount in a currency.
    pub(crate) fn in_currency(&self, currency: Currency) -> Option<Money> {
        self.0.iter().find(|amount| amount.currency == currency).copied()
    }
}

/// Who buys some units gets others for less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BuyXGetY {
    pub(crate) buy: UnitSet,
    pub(crate) get: UnitSet,
    /// What is taken off the price of the units that are got.
    pub(crate) percent: Percent,
    /// How often it applies to a cart.
    pub(crate) max_times: Option<u32>,
}

/// A number of units of some items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UnitSet {
    #[garde(range(min = 1, max = 99))]
    pub(crate) quantity: u32,
    /// Defaults to all items.
    #[garde(dive)]
    #[serde(default)]
    pub(crate) items: Items,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_single_amount_that_was_stored_before_is_read() {
        let eur = Money::new(500, Currency::Eur);
        let before: Benefit = serde_json::from_value(json!({"fixed": {"amount": 500, "currency": "EUR"}})).unwrap();
        assert_eq!(before, Benefit::Fixed(eur.into()));
        assert_eq!(serde_json::from_value::<Benefit>(json!(before)).unwrap(), before);
        assert_eq!(
            (
                before.amounts().unwrap().in_currency(Currency::Eur),
                before.amounts().unwrap().in_currency(Currency::Jpy)
            ),
            (Some(eur), None)
        );
    }
}
