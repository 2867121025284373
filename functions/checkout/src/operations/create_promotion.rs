//! Create a promotion: a code for a discount on items, on the order or on shipping.

use std::collections::BTreeSet;

use contracts::{Money, Role};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Committed, Created, Function, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Checkout,
    promotion::{Amounts, Benefit, BuyXGetY, Items, Level, Promotion, PromotionCode, Rules, Terms, UnitSet},
    rates::{Country, Percent, in_bounds},
    view::{Kind, PromotionView},
};

/// A new promotion. Which fields it has depends on its `kind`.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreatePromotion {
    #[garde(skip)]
    code: PromotionCode,
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
    level: Option<Level>,
    /// The items that the promotion is for. Only these count for `minimum` and `minimumQuantity`. Defaults to all.
    #[garde(dive)]
    #[serde(default)]
    items: Items,
    #[garde(skip)]
    valid_from: Option<Timestamp>,
    /// The time until which the promotion is valid, exclusive.
    #[garde(skip)]
    valid_to: Option<Timestamp>,
    /// The minimum value of the items, after the promotions on items. The promotion is then valid only for carts in its
    /// currency.
    #[garde(inner(custom(in_bounds)))]
    minimum: Option<Money>,
    /// The minimum number of units.
    #[garde(inner(range(min = 1, max = 39_960)))]
    minimum_quantity: Option<u32>,
    /// The countries that the cart is shipped to. Defaults to all.
    #[garde(length(max = 50))]
    #[serde(default)]
    countries: Vec<Country>,
    /// On each level, promotions with a lower number go first. Defaults to 500.
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

/// A field that the input has or lacks: its pointer, and whether it is there.
type Field = (&'static str, bool);

impl CreatePromotion {
    /// Checks that the fields of the kind are there, and none of another kind.
    fn check(&self) -> Result<(), Problem> {
        let Self { kind, percent, amount, amounts, buy, get, max_times, options, level, .. } = self;
        let has_amount = amount.is_some() || amounts.is_some();
        let all: [Field; 7] = [
            ("/percent", percent.is_some()),
            ("/amount", amount.is_some()),
            ("/amounts", amounts.is_some()),
            ("/buy", buy.is_some()),
            ("/get", get.is_some()),
            ("/maxTimes", max_times.is_some()),
            ("/options", options.is_some()),
        ];
        let (name, needed, allowed): (_, &[Field], &[&str]) = match kind {
            Kind::Percentage => ("percentage", &[("/percent", percent.is_some())], &["/percent"]),
            Kind::Fixed => ("fixed", &[("/amount", has_amount)], &["/amount", "/amounts"]),
            Kind::FixedPrice => ("fixedPrice", &[("/amount", has_amount)], &["/amount", "/amounts"]),
            Kind::BuyXGetY => {
                ("buyXGetY", &[("/buy", buy.is_some()), ("/get", get.is_some())], &["/buy", "/get", "/maxTimes"])
            }
            Kind::FreeShipping => ("freeShipping", &[], &["/options"]),
        };
        if let Some((pointer, _)) = needed.iter().find(|(_, has)| !has) {
            return Err(Problem::invalid(*pointer, format_args!("is required for the kind {name}")));
        }
        if let Some((pointer, _)) = all.into_iter().find(|(pointer, has)| *has && !allowed.contains(pointer)) {
            return Err(Problem::invalid(pointer, format_args!("is not for the kind {name}")));
        }
        if amount.is_some() && amounts.is_some() {
            return Err(Problem::invalid("/amount", "must be absent if amounts is given"));
        }
        let currencies: BTreeSet<_> = amounts.iter().flatten().map(|amount| amount.currency).collect();
        if amounts.as_ref().is_some_and(|amounts| amounts.len() > currencies.len()) {
            return Err(Problem::invalid("/amounts", "must have one amount per currency"));
        }
        let fixed = match kind {
            Kind::Percentage | Kind::Fixed => None,
            Kind::FixedPrice | Kind::BuyXGetY => Some(Level::Item),
            Kind::FreeShipping => Some(Level::Shipping),
        };
        if level.is_some() && fixed.is_some() && *level != fixed {
            return Err(Problem::invalid("/level", format_args!("has no choice for the kind {name}")));
        }
        Ok(())
    }

    fn benefit(&mut self) -> Benefit {
        let amounts = Amounts(self.amount.take().into_iter().chain(self.amounts.take().unwrap_or_default()).collect());
        match (self.kind, self.buy.take(), self.get.take()) {
            (Kind::BuyXGetY, Some(buy), Some(GetUnits { quantity, items, percent })) => {
                let (get, percent) = (UnitSet { quantity, items }, percent.unwrap_or(Percent::ALL));
                Benefit::BuyXGetY(Box::new(BuyXGetY { buy, get, percent, max_times: self.max_times }))
            }
            (Kind::Fixed, ..) => Benefit::Fixed(amounts),
            (Kind::FixedPrice, ..) => Benefit::FixedPrice(amounts),
            (Kind::FreeShipping, ..) => Benefit::FreeShipping { options: self.options.take().unwrap_or_default() },
            (Kind::Percentage | Kind::BuyXGetY, ..) => Benefit::Percentage(self.percent.unwrap_or(Percent::ZERO)),
        }
    }
}

pub fn function() -> Function {
    Function::http("create-promotion", handle)
        .about(
            "Customers apply the code to their carts. A promotion cannot be changed afterwards, only ended. The \
             code cannot be used for another promotion, even after this one has ended.",
        )
        .roles(&[Role::Merchant])
        .versioned()
        .problems(&[(409, "code-taken")])
}

async fn handle(
    checkout: Checkout,
    mut call: Call<CreatePromotion>,
) -> Result<Committed<Created<PromotionView>>, Problem> {
    call.input.check()?;
    let benefit = call.input.benefit();
    let now = call.now();
    let CreatePromotion { code, level, items, valid_from, valid_to, minimum, .. } = call.input;
    let CreatePromotion { minimum_quantity, countries, priority, combines_with, .. } = call.input;
    let terms = Terms { valid_from, valid_to, minimum, minimum_quantity, countries };
    let rules = Rules { level, items, priority: priority.unwrap_or(Rules::USUAL_PRIORITY), combines_with };
    let existing = checkout.store.promotion(&code).await?;
    let (promotion, changed) = Promotion::create(existing.as_ref(), code.clone(), benefit, terms, rules, now)?;
    let commit = checkout.store.table().commit(&call.context).save(&promotion).event(&changed);
    let reply = Created::at(format!("/v1/promotions/{code}"), PromotionView::of(promotion));
    let reply = reply.version(&commit.version());
    Ok(commit.answer(reply).run().await?)
}
