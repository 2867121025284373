//! The input of a promotion: the fields of each kind.

use std::collections::BTreeSet;

use contracts::Money;
use garde::Validate;
use jiff::Timestamp;
use lambda::Problem;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    promotion::{Amounts, Benefit, BuyXGetY, Items, Level, PromotionCode, UnitSet},
    rates::{Country, Percent, in_bounds},
    view::Kind,
};

/// A new promotion. Which fields it has depends on its `kind`.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreatePromotion {
    #[garde(skip)]
    pub(crate) code: PromotionCode,
    #[garde(skip)]
    kind: Kind,
    /// The percentage, if `kind` is `percentage`.
    #[garde(skip)]
    percent: Option<Percent>,
    /// The discount if `kind` is `fixed`, or the price of each unit if `kind` is `fixedPrice`. The promotion is then valid
    /// only for carts in its currency.
    #[garde(inner(custom(in_bounds)))]
    amount: Option<Money>,
    /// In place of `amount`: one amount per currency. The promotion is then valid only for carts in these currencies.
    #[garde(inner(length(min = 1, max = 10), inner(custom(in_bounds))))]
    amounts: Option<Vec<Money>>,
    /// The units to buy, if `kind` is `buyXGetY`.
    #[garde(dive)]
    buy: Option<UnitSet>,
    /// The units that are then cheaper, if `kind` is `buyXGetY`.
    #[garde(dive)]
    get: Option<GetUnits>,
    /// How often a promotion of the kind `buyXGetY` applies to a cart. Defaults to as often as the units suffice.
    #[garde(inner(range(min = 1, max = 99)))]
    max_times: Option<u32>,
    /// The ids of the shipping options that are free, if `kind` is `freeShipping`. Defaults to all.
    #[garde(inner(length(max = 20), inner(length(chars, min = 1, max = 32))))]
    options: Option<Vec<String>>,
    /// What the discount is calculated on. Only the kinds `percentage` and `fixed` have a choice; they default to `order`.
    #[garde(skip)]
    pub(crate) level: Option<Level>,
    /// The items that the promotion is for. Only these count for `minimum` and `minimumQuantity`. Defaults to all.
    #[garde(dive)]
    #[serde(default)]
    pub(crate) items: Items,
    #[garde(skip)]
    pub(crate) valid_from: Option<Timestamp>,
    /// The time until which the promotion is valid, exclusive.
    #[garde(skip)]
    pub(crate) valid_to: Option<Timestamp>,
    /// The minimum value of the items, after the promotions on items (for a promotion on items: before them). The promotion is then valid only for carts in its
    /// currency.
    #[garde(inner(custom(in_bounds)))]
    pub(crate) minimum: Option<Money>,
    /// The minimum number of units.
    #[garde(inner(range(min = 1, max = 39_960)))]
    pub(crate) minimum_quantity: Option<u32>,
    /// The countries that the cart is shipped to. Defaults to all.
    #[garde(length(max = 50))]
    #[serde(default)]
    pub(crate) countries: Vec<Country>,
    /// On each level, promotions with a lower number go first. Defaults to 500.
    #[garde(inner(range(max = 1000)))]
    pub(crate) priority: Option<u32>,
    /// The levels of other promotions that may apply together with this one. The `combinesWith` of the other promotion must
    /// contain the level of this one. Defaults to none.
    #[garde(length(max = 3))]
    #[serde(default)]
    pub(crate) combines_with: BTreeSet<Level>,
}

/// A number of units of some items, and what is taken off their price.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GetUnits {
    #[garde(range(min = 1, max = 99))]
    quantity: u32,
    /// Defaults to all items.
    #[garde(dive)]
    #[serde(default)]
    items: Items,
    /// Defaults to 100.
    #[garde(skip)]
    percent: Option<Percent>,
}

impl CreatePromotion {
    /// Takes the benefit from the fields of the kind. A field of another kind is refused.
    pub(crate) fn benefit(&mut self) -> Result<Benefit, Problem> {
        let (name, level) = match self.kind {
            Kind::Percentage => ("percentage", None),
            Kind::Fixed => ("fixed", None),
            Kind::FixedPrice => ("fixedPrice", Some(Level::Item)),
            Kind::BuyXGetY => ("buyXGetY", Some(Level::Item)),
            Kind::FreeShipping => ("freeShipping", Some(Level::Shipping)),
        };
        let required = |pointer| Problem::invalid(pointer, format_args!("is required for the kind {name}"));
        let benefit = match self.kind {
            Kind::Percentage => Benefit::Percentage(self.percent.take().ok_or_else(|| required("/percent"))?),
            Kind::Fixed => Benefit::Fixed(self.take_amounts()?.ok_or_else(|| required("/amount"))?),
            Kind::FixedPrice => Benefit::FixedPrice(self.take_amounts()?.ok_or_else(|| required("/amount"))?),
            Kind::BuyXGetY => {
                let buy = self.buy.take().ok_or_else(|| required("/buy"))?;
                let GetUnits { quantity, items, percent } = self.get.take().ok_or_else(|| required("/get"))?;
                let (get, percent) = (UnitSet { quantity, items }, percent.unwrap_or(Percent::ALL));
                Benefit::BuyXGetY(Box::new(BuyXGetY { buy, get, percent, max_times: self.max_times.take() }))
            }
            Kind::FreeShipping => Benefit::FreeShipping { options: self.options.take().unwrap_or_default() },
        };
        let left = [
            ("/percent", self.percent.is_some()),
            ("/amount", self.amount.is_some()),
            ("/amounts", self.amounts.is_some()),
            ("/buy", self.buy.is_some()),
            ("/get", self.get.is_some()),
            ("/maxTimes", self.max_times.is_some()),
            ("/options", self.options.is_some()),
        ];
        if let Some((pointer, _)) = left.into_iter().find(|(_, is_left)| *is_left) {
            return Err(Problem::invalid(pointer, format_args!("is not for the kind {name}")));
        }
        if level.is_some() && self.level.is_some() && self.level != level {
            return Err(Problem::invalid("/level", format_args!("has no choice for the kind {name}")));
        }
        Ok(benefit)
    }

    /// The amounts, from `amount` or `amounts`. `None` if both are absent.
    fn take_amounts(&mut self) -> Result<Option<Amounts>, Problem> {
        let amounts = match (self.amount.take(), self.amounts.take()) {
            (Some(_), Some(_)) => return Err(Problem::invalid("/amount", "must be absent if amounts is given")),
            (Some(amount), None) => vec![amount],
            (None, Some(amounts)) => amounts,
            (None, None) => return Ok(None),
        };
        let currencies: BTreeSet<_> = amounts.iter().map(|amount| amount.currency).collect();
        if amounts.len() > currencies.len() {
            return Err(Problem::invalid("/amounts", "must have one amount per currency"));
        }
        Ok(Some(Amounts(amounts)))
    }
}
