//! A promotion: a discount that customers get with a code, or without one.

mod automatic;
mod benefit;
mod code;
mod items;
mod limits;
mod redemption;
#[cfg(test)]
pub(crate) mod tests;

use std::{collections::BTreeSet, fmt};

use contracts::{
    Currency, CustomerGroupId, Money, PromotionId,
    events::checkout::{PromotionChanged, PromotionStatus},
};
use dynamo::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rates::Country;
pub(crate) use automatic::{Automatic, MOST_AUTOMATIC, MOST_LIMITED, MOST_NAMED};
pub(crate) use benefit::{Amounts, Benefit, BuyXGetY, Level, UnitSet};
pub(crate) use code::{AppliedCode, PromotionCode, applied_codes};
pub(crate) use items::Items;
pub(crate) use limits::{Limits, Usage};
pub(crate) use redemption::{Counted, Redemption};

/// The conditions of a promotion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) valid_from: Option<Timestamp>,
    /// The end of its validity, exclusive.
    pub(crate) valid_to: Option<Timestamp>,
    /// The minimum value of the matching items, after the promotions on items (for a promotion on items: before them).
    /// The promotion is then valid only for carts in these currencies.
    pub(crate) minimum: Option<Amounts>,
    /// The minimum number of matching units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) minimum_quantity: Option<u32>,
    /// The countries that it is valid for. All, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) countries: Vec<Country>,
    /// The customer groups that it is for. All customers, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) customer_groups: Vec<CustomerGroupId>,
    /// Whether it is only for the first order of a customer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) first_order: bool,
}

/// What a promotion is for, and how it goes with others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rules {
    /// What it is calculated on. If absent, the kind of the benefit decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) level: Option<Level>,
    /// The items that it is for, and whose value and number count for the terms.
    pub(crate) items: Items,
    /// On each level, promotions with a lower number go first.
    pub(crate) priority: u32,
    /// The levels of the promotions that it is taken together with, if these also name its own level.
    pub(crate) combines_with: BTreeSet<Level>,
}

impl Rules {
    /// The priority of a promotion that names none.
    pub(crate) const USUAL_PRIORITY: u32 = 500;
}

impl Default for Rules {
    fn default() -> Self {
        let (items, combines_with) = (Items::default(), BTreeSet::new());
        Self { level: None, items, priority: Self::USUAL_PRIORITY, combines_with }
    }
}

/// A promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Promotion {
    pub(crate) id: PromotionId,
    pub(crate) name: String,
    /// The code that customers apply. An automatic promotion has none: it applies to every cart that it is for.
    pub(crate) code: Option<PromotionCode>,
    pub(crate) benefit: Benefit,
    pub(crate) terms: Terms,
    pub(crate) rules: Rules,
    pub(crate) limits: Limits,
    /// The number of its further codes. Each of them can be used for one order.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(crate) single_use_codes: u32,
    pub(crate) paused: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) version: Version,
}

/// The content of a new promotion.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// If absent, the benefit is described.
    pub(crate) name: Option<String>,
    pub(crate) code: Option<PromotionCode>,
    pub(crate) benefit: Benefit,
    pub(crate) terms: Terms,
    pub(crate) rules: Rules,
    pub(crate) limits: Limits,
}

/// What can be changed of a promotion.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) valid_from: Option<Timestamp>,
    pub(crate) valid_to: Option<Timestamp>,
    pub(crate) limits: Limits,
    pub(crate) priority: u32,
    pub(crate) paused: bool,
}

/// The reason why a promotion cannot be created or changed, or is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The discount would be 0 because of this field.
    Nothing(&'static str),
    /// The promotion would end before it begins.
    NeverValid,
    /// The minimum is in no currency in which the promotion has an amount.
    MinimumElsewhere,
    /// There are too many automatic promotions that have not ended.
    TooManyAutomatic,
    /// It was used, or is held, more often than the new limit allows.
    LimitBelowUsage { redeemed: u32, held: u32 },
    /// It is automatic, and so it has no codes.
    Automatic,
    /// The code does not exist.
    Unknown,
    /// The promotion is not valid yet.
    NotYet(Timestamp),
    /// The promotion has ended.
    Ended,
    /// A merchant paused it.
    Paused,
    /// It was used as often as its limit allows.
    Exhausted,
    /// It is only for accounts with a verified address.
    NeedsAccount,
    /// The promotion is valid only for carts in these currencies.
    OnlyIn(Vec<Currency>),
    /// The matching items have less than this minimum value.
    Below(Money),
    /// There are fewer matching units than this.
    TooFew(u32),
    /// No item matches, or too few units of them.
    NoItems,
    /// It is for other customer groups.
    WrongGroup,
    /// The promotion is only for carts that are shipped to these countries.
    OtherCountry(Vec<Country>),
    /// It does not combine with a promotion that is applied, or as many are applied as can be.
    NotCombined,
}

impl Promotion {
    /// Creates a promotion.
    pub(crate) fn create(id: PromotionId, draft: Draft, now: Timestamp) -> Result<(Self, PromotionChanged), Rejection> {
        let Draft { name, code, benefit, terms, rules, limits } = draft;
        if let Some(pointer) = benefit.nothing() {
            return Err(Rejection::Nothing(pointer));
        }
        if terms.valid_to.is_some_and(|to| to <= terms.valid_from.unwrap_or(now)) {
            return Err(Rejection::NeverValid);
        }
        if let (Some(minimum), Some(own)) = (&terms.minimum, benefit.amounts())
            && !own.currencies().any(|currency| minimum.in_currency(currency).is_some())
        {
            return Err(Rejection::MinimumElsewhere);
        }
        let name = name.unwrap_or_else(|| benefit.to_string());
        let (ended_at, version) = (None, Version::default());
        let promotion = Self {
            id,
            name,
            code,
            benefit,
            terms,
            rules,
            limits,
            single_use_codes: 0,
            paused: false,
            created_at: now,
            ended_at,
            version,
        };
        let event = promotion.changed(&Usage::none(id), now);
        Ok((promotion, event))
    }

    /// What can be changed of it.
    pub(crate) fn settings(&self) -> Settings {
        let Terms { valid_from, valid_to, .. } = self.terms;
        let (limits, priority, paused) = (self.limits, self.rules.priority, self.paused);
        Settings { name: self.name.clone(), valid_from, valid_to, limits, priority, paused }
    }

    /// Changes the promotion. `None` if nothing is different.
    pub(crate) fn update(
        self,
        settings: Settings,
        usage: &Usage,
        now: Timestamp,
    ) -> Result<Option<(Self, PromotionChanged)>, Rejection> {
        if self.ended_at.is_some() {
            return Err(Rejection::Ended);
        }
        let Settings { name, valid_from, valid_to, limits, priority, paused } = settings;
        if valid_to.is_some_and(|to| to <= valid_from.unwrap_or(self.created_at)) {
            return Err(Rejection::NeverValid);
        }
        let terms = Terms { valid_from, valid_to, ..self.terms.clone() };
        let rules = Rules { priority, ..self.rules.clone() };
        let promotion = Self { name, terms, rules, limits, paused, ..self.clone() };
        if promotion.limits.total.is_some_and(|total| total < usage.counted()) {
            return Err(Rejection::LimitBelowUsage { redeemed: usage.redeemed, held: usage.held });
        }
        if promotion == self {
            return Ok(None);
        }
        let event = promotion.changed(usage, now);
        Ok(Some((promotion, event)))
    }

    /// Whether it can have further codes.
    pub(crate) fn takes_codes(&self) -> Result<(), Rejection> {
        if self.ended_at.is_some() {
            Err(Rejection::Ended)
        } else if self.code.is_none() {
            Err(Rejection::Automatic)
        } else {
            Ok(())
        }
    }

    /// Counts further codes, each of which can be used for one order.
    #[must_use]
    pub(crate) fn with_codes(self, count: usize) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Self { single_use_codes: self.single_use_codes.saturating_add(count), ..self }
    }

    /// Ends the promotion.
    pub(crate) fn end(mut self, now: Timestamp) -> Result<(Self, PromotionChanged), Rejection> {
        if self.ended_at.is_some() {
            return Err(Rejection::Ended);
        }
        self.ended_at = Some(now);
        let event = self.changed(&Usage::none(self.id), now);
        Ok((self, event))
    }

    fn changed(&self, usage: &Usage, now: Timestamp) -> PromotionChanged {
        let code = self.code.as_ref().map(ToString::to_string);
        PromotionChanged { promotion: self.id, code, status: self.status(usage, now) }
    }

    /// Whether it can be applied.
    pub(crate) fn status(&self, usage: &Usage, now: Timestamp) -> PromotionStatus {
        if self.has_ended(now) {
            PromotionStatus::Ended
        } else if self.paused {
            PromotionStatus::Paused
        } else if self.terms.valid_from.is_some_and(|from| now < from) {
            PromotionStatus::Scheduled
        } else if !usage.has_room(self.limits) {
            PromotionStatus::Exhausted
        } else {
            PromotionStatus::Active
        }
    }

    /// Whether its uses may be counted: it has a limit, or codes with one.
    pub(crate) const fn is_counted(&self) -> bool {
        self.limits.total.is_some() || self.single_use_codes > 0
    }

    /// What it is calculated on.
    pub(crate) fn level(&self) -> Level {
        self.rules.level.unwrap_or(self.benefit.level())
    }

    /// Its name in the steps of a calculation: the code, or the id if it has none.
    pub(crate) fn label(&self) -> String {
        self.code.as_ref().map_or_else(|| self.id.to_string(), ToString::to_string)
    }

    /// Whether it and another promotion are taken together: each must name the other's level.
    pub(crate) fn combines_with(&self, other: &Self) -> bool {
        self.rules.combines_with.contains(&other.level()) && other.rules.combines_with.contains(&self.level())
    }

    /// Its place among promotions that are equal otherwise: older ones come first.
    pub(crate) const fn age(&self) -> (Timestamp, PromotionId) {
        (self.created_at, self.id)
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&self, now: Timestamp) -> bool {
        self.ended_at.is_some() || self.terms.valid_to.is_some_and(|to| to <= now)
    }

    /// Checks whether it is valid at a time for carts in a currency.
    pub(crate) fn holds(&self, currency: Currency, now: Timestamp) -> Result<(), Rejection> {
        if self.has_ended(now) {
            return Err(Rejection::Ended);
        }
        if self.paused {
            return Err(Rejection::Paused);
        }
        if let Some(from) = self.terms.valid_from.filter(|from| now < *from) {
            return Err(Rejection::NotYet(from));
        }
        // No account has a verified address yet.
        if self.terms.first_order || self.limits.per_customer.is_some() {
            return Err(Rejection::NeedsAccount);
        }
        let other = |amounts: &&Amounts| amounts.in_currency(currency).is_none();
        match self.benefit.amounts().into_iter().chain(&self.terms.minimum).find(other) {
            Some(amounts) => Err(Rejection::OnlyIn(amounts.currencies().collect())),
            None => Ok(()),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl fmt::Display for Benefit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let amounts = |Amounts(amounts): &Amounts| {
            let amounts: Vec<_> = amounts.iter().map(Money::to_string).collect();
            amounts.join(" or ")
        };
        match self {
            Self::Percentage(percent) => write!(f, "{percent} % off"),
            Self::Fixed(fixed) => write!(f, "{} off", amounts(fixed)),
            Self::FixedPrice(price) => write!(f, "{} each", amounts(price)),
            Self::BuyXGetY(rule) => {
                let BuyXGetY { buy, get, percent, .. } = &**rule;
                write!(f, "buy {}, get {} with {percent} % off", buy.quantity, get.quantity)
            }
            Self::FreeShipping { .. } => f.write_str("free shipping"),
        }
    }
}
