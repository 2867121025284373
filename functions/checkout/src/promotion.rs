//! A promotion: a code for a discount.

mod benefit;
mod code;
mod items;

use std::{collections::BTreeSet, fmt};

use contracts::{Currency, Money, events::checkout::PromotionChanged};
use dynamo::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rates::Country;
pub(crate) use benefit::{Amounts, Benefit, BuyXGetY, Level, UnitSet};
pub(crate) use code::{PromotionCode, codes};
pub(crate) use items::Items;

/// The conditions of a promotion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) valid_from: Option<Timestamp>,
    /// The end of its validity, exclusive.
    pub(crate) valid_to: Option<Timestamp>,
    /// The minimum value of the matching items, after the promotions on items (for a promotion on items: before them). The promotion is then valid only for carts
    /// in this currency.
    pub(crate) minimum: Option<Money>,
    /// The minimum number of matching units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) minimum_quantity: Option<u32>,
    /// The countries that it is valid for. All, if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) countries: Vec<Country>,
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
    pub(crate) code: PromotionCode,
    pub(crate) benefit: Benefit,
    pub(crate) terms: Terms,
    #[serde(default)]
    pub(crate) rules: Rules,
    pub(crate) created_at: Timestamp,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) version: Version,
}

/// The reason why a promotion cannot be created or is not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// Another promotion has the code. It may have ended.
    Taken,
    /// The discount would be 0.
    Nothing,
    /// The promotion would end before it begins.
    NeverValid,
    /// The minimum is in a currency in which the promotion has no amount.
    MinimumElsewhere,
    /// The code does not exist.
    Unknown,
    /// The promotion is not valid yet.
    NotYet(Timestamp),
    /// The promotion has ended.
    Ended,
    /// The promotion is valid only for carts in these currencies.
    OnlyIn(Vec<Currency>),
    /// The matching items have less than this minimum value.
    Below(Money),
    /// There are fewer matching units than this.
    TooFew(u32),
    /// No item matches, or too few units of them.
    NoItems,
    /// The promotion is only for carts that are shipped to these countries.
    OtherCountry(Vec<Country>),
    /// It does not combine with a promotion that is applied.
    NotCombined,
}

impl Promotion {
    /// Creates a promotion, unless its code is in use.
    pub(crate) fn create(
        existing: Option<&Self>,
        code: PromotionCode,
        benefit: Benefit,
        terms: Terms,
        rules: Rules,
        now: Timestamp,
    ) -> Result<(Self, PromotionChanged), Rejection> {
        if benefit.is_nothing() {
            return Err(Rejection::Nothing);
        }
        if terms.valid_to.is_some_and(|to| to <= terms.valid_from.unwrap_or(now)) {
            return Err(Rejection::NeverValid);
        }
        let has = |minimum: Money| benefit.amounts().is_none_or(|own| own.in_currency(minimum.currency).is_some());
        if !terms.minimum.is_none_or(has) {
            return Err(Rejection::MinimumElsewhere);
        }
        if existing.is_some() {
            return Err(Rejection::Taken);
        }
        let event = PromotionChanged { code: code.to_string(), active: true };
        let promotion =
            Self { code, benefit, terms, rules, created_at: now, ended_at: None, version: Version::default() };
        Ok((promotion, event))
    }

    /// Ends the promotion.
    pub(crate) fn end(mut self, now: Timestamp) -> Result<(Self, PromotionChanged), Rejection> {
        if self.ended_at.is_some() {
            return Err(Rejection::Ended);
        }
        self.ended_at = Some(now);
        let event = PromotionChanged { code: self.code.to_string(), active: false };
        Ok((self, event))
    }

    /// What it is calculated on.
    pub(crate) fn level(&self) -> Level {
        self.rules.level.unwrap_or(self.benefit.level())
    }

    /// Whether it and another promotion are taken together: each must name the other's level.
    pub(crate) fn combines_with(&self, other: &Self) -> bool {
        self.rules.combines_with.contains(&other.level()) && other.rules.combines_with.contains(&self.level())
    }

    /// Its place among promotions that are equal otherwise: older ones come first.
    pub(crate) fn age(&self) -> (Timestamp, &PromotionCode) {
        (self.created_at, &self.code)
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&self, now: Timestamp) -> bool {
        self.ended_at.is_some() || self.terms.valid_to.is_some_and(|to| to <= now)
    }

    /// Checks whether it is valid at a time for carts in a currency.
    pub(crate) fn holds(&self, currency: Currency, now: Timestamp) -> Result<(), Rejection> {
        let Terms { valid_from, minimum, .. } = &self.terms;
        if self.has_ended(now) {
            return Err(Rejection::Ended);
        }
        if let Some(from) = valid_from.filter(|from| now < *from) {
            return Err(Rejection::NotYet(from));
        }
        if let Some(minimum) = minimum.filter(|minimum| minimum.currency != currency) {
            return Err(Rejection::OnlyIn(vec![minimum.currency]));
        }
        match self.benefit.amounts().filter(|amounts| amounts.in_currency(currency).is_none()) {
            Some(Amounts(amounts)) => Err(Rejection::OnlyIn(amounts.iter().map(|amount| amount.currency).collect())),
            None => Ok(()),
        }
    }
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const LATER: Timestamp = Timestamp::constant(60, 0);

    fn eur(amount: i64) -> Money {
        Money::new(amount, Currency::Eur)
    }

    pub(crate) fn promotion(benefit: Benefit, terms: Terms) -> Promotion {
        Promotion::create(None, "SPRING".parse().unwrap(), benefit, terms, Rules::default(), NOW).unwrap().0
    }

    pub(crate) fn percentage(percent: &str) -> Benefit {
        Benefit::Percentage(percent.parse().unwrap())
    }

    #[test]
    fn a_promotion_holds_at_its_time_and_in_its_currency() {
        let holds = |promotion: &Promotion, now| promotion.holds(Currency::Eur, now);
        let with = |terms| promotion(percentage("10"), terms);
        let late = with(Terms { valid_from: Some(LATER), ..Terms::default() });
        assert_eq!((holds(&late, NOW), holds(&late, LATER)), (Err(Rejection::NotYet(LATER)), Ok(())));
        let early = with(Terms { valid_to: Some(LATER), ..Terms::default() });
        assert_eq!((holds(&early, NOW), holds(&early, LATER)), (Ok(()), Err(Rejection::Ended)));
        let large = with(Terms { minimum: Some(eur(5000)), ..Terms::default() });
        assert_eq!(
            (holds(&large, NOW), large.holds(Currency::Jpy, NOW)),
            (Ok(()), Err(Rejection::OnlyIn(vec![Currency::Eur])))
        );
        let fixed = promotion(Benefit::Fixed(eur(500).into()), Terms::default());
        assert_eq!(
            (holds(&fixed, NOW), fixed.holds(Currency::Gbp, NOW)),
            (Ok(()), Err(Rejection::OnlyIn(vec![Currency::Eur])))
        );
    }

    #[test]
    fn a_promotion_ends_once_and_its_code_stays_taken() {
        let (ended, event) = promotion(percentage("10"), Terms::default()).end(NOW).unwrap();
        assert!(!event.active);
        assert_eq!(ended.holds(Currency::Eur, NOW), Err(Rejection::Ended));
        assert_eq!(ended.clone().end(NOW), Err(Rejection::Ended));
        let again = Promotion::create(
            Some(&ended),
            ended.code.clone(),
            ended.benefit.clone(),
            Terms::default(),
            Rules::default(),
            NOW,
        );
        assert_eq!(again, Err(Rejection::Taken));
    }

    #[test]
    fn a_promotion_that_could_never_take_anything_off_is_refused() {
        let create =
            |benefit, terms| Promotion::create(None, "SPRING".parse().unwrap(), benefit, terms, Rules::default(), NOW);
        assert_eq!(create(percentage("0"), Terms::default()), Err(Rejection::Nothing));
        assert_eq!(create(Benefit::Fixed(eur(0).into()), Terms::default()), Err(Rejection::Nothing));
        let over = Terms { valid_to: Some(NOW), ..Terms::default() };
        assert_eq!(create(percentage("1"), over), Err(Rejection::NeverValid));
    }

    #[test]
    fn promotions_are_taken_together_if_each_names_the_level_of_the_other() {
        let of = |level, with: &[Level]| {
            let combines_with = with.iter().copied().collect();
            let rules = Rules { level: Some(level), combines_with, ..Rules::default() };
            Promotion { rules, ..promotion(percentage("10"), Terms::default()) }
        };
        let item = of(Level::Item, &[Level::Order]);
        assert!(item.combines_with(&of(Level::Order, &[Level::Item])));
        assert!(!item.combines_with(&of(Level::Order, &[])) && !of(Level::Order, &[]).combines_with(&item));
        assert!(!item.combines_with(&item), "the same level must be named too");
        assert!(of(Level::Item, &[Level::Item]).combines_with(&of(Level::Item, &[Level::Item])));
    }

    #[test]
    fn a_promotion_that_was_stored_before_there_were_levels_is_read() {
        let mut before = serde_json::to_value(promotion(percentage("10"), Terms::default())).unwrap();
        before.as_object_mut().unwrap().remove("rules");
        let read: Promotion = serde_json::from_value(before).unwrap();
        assert_eq!((read.level(), read.rules), (Level::Order, Rules::default()));
    }
}
