//! The input of a promotion: the fields of each kind.

use std::collections::BTreeSet;

use contracts::{CustomerGroupId, Money};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Problem, each_once, usual_time};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    promotion::{Amounts, Benefit, BuyXGetY, Draft, Items, Level, Limits, PromotionCode, Rules, Terms, UnitSet},
    rates::{Country, Percent, in_bounds},
    view::Kind,
};

/// The maximum length of the name of a promotion, in characters.
pub(crate) const LONGEST_NAME: usize = 60;

/// A new promotion. Which fields it has depends on its `kind`.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreatePromotion {
    /// The name, for display. Defaults to a description of the discount.
    #[garde(length(chars, min = 1, max = LONGEST_NAME))]
    name: Option<String>,
    /// The code that customers apply to their carts. Without a code, the promotion is automatic: it applies to every cart
    /// that it is for.
    #[garde(skip)]
    code: Option<PromotionCode>,
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
    #[garde(inner(length(max = 20), custom(each_once), inner(length(chars, min = 1, max = 32))))]
    options: Option<Vec<String>>,
    /// What the discount is calculated on. Only the kinds `percentage` and `fixed` have a choice; they default to `order`.
    #[garde(skip)]
    level: Option<Level>,
    /// The items that the promotion is for. Only these count for `minimum` and `minimumQuantity`. Defaults to all.
    #[garde(dive)]
    #[serde(default)]
    items: Items,
    #[garde(inner(custom(usual_time)))]
    valid_from: Option<Timestamp>,
    /// The time until which the promotion is valid, exclusive.
    #[garde(inner(custom(usual_time)))]
    valid_to: Option<Timestamp>,
    /// The minimum value of the items, after the promotions on items (for a promotion on items: before them). The promotion is then valid only for carts in its
    /// currency.
    #[garde(inner(custom(in_bounds)))]
    minimum: Option<Money>,
    /// In place of `minimum`: one minimum value per currency. The promotion is then valid only for carts in these currencies.
    #[garde(inner(length(min = 1, max = 10), inner(custom(in_bounds))))]
    minimums: Option<Vec<Money>>,
    /// The minimum number of units.
    #[garde(inner(range(min = 1, max = 39_960)))]
    minimum_quantity: Option<u32>,
    /// The countries that the cart is shipped to. Defaults to all.
    #[garde(length(max = 50), custom(each_once))]
    #[serde(default)]
    countries: Vec<Country>,
    /// The customer groups that it is for. Defaults to all customers.
    #[garde(length(max = 20), custom(each_once))]
    #[serde(default)]
    customer_groups: Vec<CustomerGroupId>,
    /// Whether it is only for the first order of a customer. Such a promotion requires an account with a verified
    /// e-mail address. Accounts cannot verify it yet, so the promotion is never applied. Defaults to false.
    #[garde(skip)]
    #[serde(default)]
    first_order: bool,
    /// How often it can be used. Defaults to no limit.
    #[garde(dive)]
    #[serde(default)]
    limits: Limits,
    /// 0 to 1000. Defaults to 500. If two promotions that take something off do not combine, the one with the lower
    /// number applies. On each level, promotions with a lower number are taken off first.
    #[garde(inner(range(max = 1000)))]
    priority: Option<u32>,
    /// The levels of other promotions that may apply together with this one. The `combinesWith` of the other promotion must
    /// contain the level of this one. Defaults to none.
    #[garde(length(max = 3))]
    #[serde(default)]
    combines_with: BTreeSet<Level>,
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
    /// The content of the promotion. A field of another kind than its own is refused.
    pub(crate) fn draft(mut self) -> Result<Draft, Problem> {
        let benefit = self.benefit()?;
        let minimum = one_or_several(self.minimum.take(), self.minimums.take(), "minimum")?;
        let Self { name, code, level, items, valid_from, valid_to, minimum_quantity, countries, .. } = self;
        let Self { customer_groups, first_order, limits, priority, combines_with, .. } = self;
        let terms = Terms { valid_from, valid_to, minimum, minimum_quantity, countries, customer_groups, first_order };
        let rules = Rules { level, items, priority: priority.unwrap_or(Rules::USUAL_PRIORITY), combines_with };
        Ok(Draft { name, code, benefit, terms, rules, limits })
    }

    /// Takes the benefit from the fields of the kind.
    fn benefit(&mut self) -> Result<Benefit, Problem> {
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

    fn take_amounts(&mut self) -> Result<Option<Amounts>, Problem> {
        one_or_several(self.amount.take(), self.amounts.take(), "amount")
    }
}

/// One amount, or several of different currencies, which are given in two fields: `amount` and `amounts`. `None` if both
/// are absent.
fn one_or_several(one: Option<Money>, several: Option<Vec<Money>>, name: &str) -> Result<Option<Amounts>, Problem> {
    let amounts = match (one, several) {
        (Some(_), Some(_)) => {
            return Err(Problem::invalid(format!("/{name}"), format_args!("must be absent if {name}s is given")));
        }
        (Some(amount), None) => vec![amount],
        (None, Some(amounts)) => amounts,
        (None, None) => return Ok(None),
    };
    let currencies: BTreeSet<_> = amounts.iter().map(|amount| amount.currency).collect();
    if amounts.len() > currencies.len() {
        return Err(Problem::invalid(format!("/{name}s"), "must have one amount per currency"));
    }
    Ok(Some(Amounts(amounts)))
}
