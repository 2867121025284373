//! Promotions as callers see them.

use contracts::{Currency, CustomerGroupId, Money, PromotionId, events::checkout::PromotionStatus};
use jiff::Timestamp;
use lambda::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    pricing::PricedPromotion,
    promotion::{
        Amounts, Benefit, BuyXGetY, Items, Level, Limits, Promotion, PromotionCode, Rejection, Rules, Terms, UnitSet,
        Usage,
    },
    rates::{Country, Percent},
};

/// The kind of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PromotionKind")]
pub(crate) enum Kind {
    /// A percentage of what is left to pay.
    Percentage,
    /// A fixed amount, at most what is left to pay.
    Fixed,
    /// Another price for each unit. It never raises a price.
    FixedPrice,
    /// Units for less, if others are bought. The discount is calculated on the cheapest units, and split over the lines of
    /// all units that were bought for it or became cheaper.
    BuyXGetY,
    /// Shipping without a price.
    FreeShipping,
}

impl Kind {
    const fn of(benefit: &Benefit) -> Self {
        match benefit {
            Benefit::Percentage(_) => Self::Percentage,
            Benefit::Fixed(_) => Self::Fixed,
            Benefit::FixedPrice(_) => Self::FixedPrice,
            Benefit::BuyXGetY(_) => Self::BuyXGetY,
            Benefit::FreeShipping { .. } => Self::FreeShipping,
        }
    }
}

/// A promotion of a cart.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CartPromotion")]
pub(crate) struct AppliedPromotionView {
    id: PromotionId,
    /// The code that was applied. `null` if the promotion is automatic.
    code: Option<PromotionCode>,
    /// The name, for display. `null` if the promotion does not exist.
    name: Option<String>,
    /// `null` if the promotion does not exist.
    kind: Option<Kind>,
    /// Whether it is applied.
    applied: bool,
    /// What it takes off.
    amount: Money,
    /// Why it is not applied: `not-yet`, `ended`, `paused`, `exhausted`, `needs-account`, `wrong-currency`,
    /// `below-minimum`, `no-matching-items`, `wrong-group`, `wrong-country`, or `not-combined` with another promotion of the cart. With any
    /// other reason than `not-combined`, the cart cannot be quoted.
    reason: Option<&'static str>,
    /// The reason as text, for display.
    detail: Option<String>,
}

impl AppliedPromotionView {
    pub(crate) fn of(PricedPromotion { id, code, content, saving }: &PricedPromotion, currency: Currency) -> Self {
        let why = saving.as_ref().err();
        Self {
            id: *id,
            code: code.clone(),
            name: content.as_ref().map(|(name, _)| name.clone()),
            kind: content.as_ref().map(|(_, benefit)| Kind::of(benefit)),
            applied: saving.is_ok(),
            amount: saving.as_ref().copied().unwrap_or(Money::zero(currency)),
            reason: why.map(reason),
            detail: why.map(Rejection::to_string),
        }
    }
}

const fn reason(why: &Rejection) -> &'static str {
    match why {
        Rejection::NotYet(_) => "not-yet",
        Rejection::Paused => "paused",
        Rejection::Exhausted => "exhausted",
        Rejection::NeedsAccount => "needs-account",
        Rejection::OnlyIn(_) => "wrong-currency",
        Rejection::Below(_) | Rejection::TooFew(_) => "below-minimum",
        Rejection::NoItems => "no-matching-items",
        Rejection::OtherCountry(_) => "wrong-country",
        Rejection::WrongGroup => "wrong-group",
        Rejection::NotCombined => "not-combined",
        // The other reasons concern its creation and its changes.
        Rejection::Ended
        | Rejection::Automatic
        | Rejection::Unknown
        | Rejection::Nothing(_)
        | Rejection::NeverValid
        | Rejection::MinimumElsewhere
        | Rejection::TooManyAutomatic
        | Rejection::LimitBelowUsage { .. } => "ended",
    }
}

/// A promotion.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PromotionView {
    id: PromotionId,
    name: String,
    /// `null` if the promotion is automatic.
    code: Option<PromotionCode>,
    status: PromotionStatus,
    kind: Kind,
    /// The percentage of the kind `percentage`.
    percent: Option<Percent>,
    /// The first of `amounts`.
    amount: Option<Money>,
    /// The discount of the kind `fixed`, or the price of a unit of the kind `fixedPrice`, in each currency.
    amounts: Vec<Money>,
    /// The units to buy, of the kind `buyXGetY`.
    buy: Option<UnitSet>,
    /// The units that are then cheaper, of the kind `buyXGetY`.
    get: Option<GetUnitsView>,
    /// How often the kind `buyXGetY` applies to a cart. `null` if there is no limit.
    max_times: Option<u32>,
    /// The shipping options of the kind `freeShipping`. All, if there are none.
    options: Vec<String>,
    /// What the discount is calculated on.
    level: Level,
    items: Items,
    valid_from: Option<Time>,
    valid_to: Option<Time>,
    /// The first of `minimums`.
    minimum: Option<Money>,
    /// The minimum value of the items, in each currency.
    minimums: Vec<Money>,
    minimum_quantity: Option<u32>,
    customer_groups: Vec<CustomerGroupId>,
    countries: Vec<Country>,
    first_order: bool,
    limits: Limits,
    /// The number of its further codes. Each of them can be used for one order.
    single_use_codes: u32,
    usage: UsageView,
    paused: bool,
    /// On each level, promotions with a lower number go first.
    priority: u32,
    /// The levels of other promotions that may apply together with this one.
    combines_with: Vec<Level>,
    created_at: Time,
    ended_at: Option<Time>,
}

/// A number of units of some items, and what is taken off their price.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetUnitsView {
    quantity: u32,
    items: Items,
    percent: Percent,
}

/// How often a promotion is used. A use is counted if the promotion has a total limit when the quote is created, or if the
/// cart then has one of its single-use codes.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "PromotionUsage")]
struct UsageView {
    /// The number of orders that use it.
    redeemed: u32,
    /// The number of uses that quotes hold, one per cart. A use is held until the order is placed, or until an
    /// hour after the last quote of the cart expires.
    held: u32,
}

impl PromotionView {
    pub(crate) fn of(promotion: Promotion, usage: &Usage, now: Timestamp) -> Self {
        let (kind, level, status) = (Kind::of(&promotion.benefit), promotion.level(), promotion.status(usage, now));
        let (paused, created_at, ended_at) = (promotion.paused, promotion.created_at, promotion.ended_at);
        let Promotion { id, name, code, benefit, rules, terms, limits, single_use_codes, .. } = promotion;
        let Terms { valid_from, valid_to, minimum, minimum_quantity, countries, customer_groups, first_order } = terms;
        let minimums = minimum.map(|Amounts(minimums)| minimums).unwrap_or_default();
        let Rules { items, priority, combines_with, .. } = rules;
        let amounts = benefit.amounts().map(|amounts| amounts.0.clone()).unwrap_or_default();
        let (mut percent, mut options, mut rule) = (None, Vec::new(), None);
        match benefit {
            Benefit::Percentage(share) => percent = Some(share),
            Benefit::FreeShipping { options: own } => options = own,
            Benefit::BuyXGetY(own) => rule = Some(own),
            Benefit::Fixed(_) | Benefit::FixedPrice(_) => {}
        }
        let (buy, get, max_times) = match rule.map(|rule| *rule) {
            Some(BuyXGetY { buy, get: UnitSet { quantity, items }, percent, max_times }) => {
                (Some(buy), Some(GetUnitsView { quantity, items, percent }), max_times)
            }
            None => (None, None, None),
        };
        Self {
            id,
            name,
            code,
            status,
            kind,
            percent,
            amount: amounts.first().copied(),
            amounts,
            get,
            max_times,
            buy,
            options,
            level,
            items,
            valid_from: valid_from.map(Time::from),
            valid_to: valid_to.map(Time::from),
            minimum: minimums.first().copied(),
            minimums,
            minimum_quantity,
            customer_groups,
            countries,
            first_order,
            limits,
            single_use_codes,
            usage: UsageView { redeemed: usage.redeemed, held: usage.held },
            paused,
            priority,
            combines_with: combines_with.into_iter().collect(),
            created_at: created_at.into(),
            ended_at: ended_at.map(Time::from),
        }
    }
}
