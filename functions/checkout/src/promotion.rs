//! A promotion: a code for a discount.

use std::{borrow::Cow, fmt, str::FromStr};

use contracts::{Currency, Money, MoneyError, events::checkout::PromotionChanged};
use dynamo::Version;
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::rates::Percent;

/// The code of a promotion: 3 to 32 of the characters `A-Z 0-9 - _`. Lower case is accepted and converted to upper
/// case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct PromotionCode(String);

/// A text that is not a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be 3 to 32 of the characters A-Z 0-9 - _")]
pub(crate) struct InvalidCode;

impl FromStr for PromotionCode {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let code = (3..=32).contains(&text.len()) && text.bytes().all(allowed);
        if code { Ok(Self(text.to_ascii_uppercase())) } else { Err(InvalidCode) }
    }
}

impl TryFrom<String> for PromotionCode {
    type Error = InvalidCode;

    fn try_from(text: String) -> Result<Self, InvalidCode> {
        text.parse()
    }
}

impl From<PromotionCode> for String {
    fn from(PromotionCode(code): PromotionCode) -> Self {
        code
    }
}

impl fmt::Display for PromotionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl JsonSchema for PromotionCode {
    fn schema_name() -> Cow<'static, str> {
        "PromotionCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[A-Za-z0-9_-]{3,32}$"})
    }
}

/// The discount of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Benefit {
    /// A percentage of all lines.
    Percentage(Percent),
    /// A fixed amount, at most the value of the lines.
    Fixed(Money),
}

/// The conditions of a promotion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) valid_from: Option<Timestamp>,
    /// The end of its validity, exclusive.
    pub(crate) valid_to: Option<Timestamp>,
    /// The minimum value of the lines. The promotion is then valid only for carts in this currency.
    pub(crate) minimum: Option<Money>,
}

/// A promotion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Promotion {
    pub(crate) code: PromotionCode,
    pub(crate) benefit: Benefit,
    pub(crate) terms: Terms,
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
    /// The code does not exist.
    Unknown,
    /// The promotion is not valid yet.
    NotYet(Timestamp),
    /// The promotion has ended.
    Ended,
    /// The promotion is valid only for carts in this currency.
    OnlyIn(Currency),
    /// The lines have less than this minimum value.
    Below(Money),
}

impl Promotion {
    /// Creates a promotion, unless its code is in use.
    pub(crate) fn create(
        existing: Option<&Self>,
        code: PromotionCode,
        benefit: Benefit,
        terms: Terms,
        now: Timestamp,
    ) -> Result<(Self, PromotionChanged), Rejection> {
        let nothing = match benefit {
            Benefit::Percentage(percent) => percent.is_zero(),
            Benefit::Fixed(amount) => amount.amount <= 0,
        };
        if nothing {
            return Err(Rejection::Nothing);
        }
        if terms.valid_to.is_some_and(|to| to <= terms.valid_from.unwrap_or(now)) {
            return Err(Rejection::NeverValid);
        }
        if existing.is_some() {
            return Err(Rejection::Taken);
        }
        let event = PromotionChanged { code: code.to_string(), active: true };
        Ok((Self { code, benefit, terms, created_at: now, ended_at: None, version: Version::default() }, event))
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

    /// Checks whether it is valid at a time for carts in a currency.
    pub(crate) fn holds(&self, currency: Currency, now: Timestamp) -> Result<(), Rejection> {
        let Terms { valid_from, valid_to, minimum } = &self.terms;
        let fixed = if let Benefit::Fixed(amount) = self.benefit { Some(amount) } else { None };
        if self.ended_at.is_some() || valid_to.is_some_and(|to| to <= now) {
            return Err(Rejection::Ended);
        }
        if let Some(from) = valid_from.filter(|from| now < *from) {
            return Err(Rejection::NotYet(from));
        }
        match [fixed, *minimum].into_iter().flatten().find(|amount| amount.currency != currency) {
            Some(amount) => Err(Rejection::OnlyIn(amount.currency)),
            None => Ok(()),
        }
    }

    /// The discount on lines of a given value, at most that value.
    ///
    /// # Errors
    /// The inner result has the reason why the promotion is not valid.
    pub(crate) fn discount(&self, items: Money, now: Timestamp) -> Result<Result<Money, Rejection>, MoneyError> {
        if let Err(rejection) = self.holds(items.currency, now) {
            return Ok(Err(rejection));
        }
        if let Some(minimum) = self.terms.minimum.filter(|minimum| items.amount < minimum.amount) {
            return Ok(Err(Rejection::Below(minimum)));
        }
        let discount = match self.benefit {
            Benefit::Percentage(percent) => percent.of(items)?,
            Benefit::Fixed(amount) => Money { amount: amount.amount.min(items.amount), ..items },
        };
        Ok(Ok(discount))
    }
}

impl fmt::Display for Benefit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percentage(percent) => write!(f, "{percent} % off"),
            Self::Fixed(amount) => write!(f, "{amount} off"),
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
        Promotion::create(None, "SPRING".parse().unwrap(), benefit, terms, NOW).unwrap().0
    }

    pub(crate) fn percentage(percent: &str) -> Benefit {
        Benefit::Percentage(percent.parse().unwrap())
    }

    fn discount(promotion: &Promotion, items: Money) -> Result<i64, Rejection> {
        promotion.discount(items, NOW).unwrap().map(|discount| discount.amount)
    }

    #[test]
    fn a_code_is_the_same_in_either_case() {
        assert_eq!("spring-26".parse::<PromotionCode>().unwrap().to_string(), "SPRING-26");
        for text in ["", "AB", "SPRING 26", "ÄÖÜ", &"A".repeat(33)] {
            assert_eq!(text.parse::<PromotionCode>(), Err(InvalidCode), "{text}");
        }
    }

    #[test]
    fn a_promotion_takes_off_a_share_or_an_amount_and_never_more_than_there_is() {
        assert_eq!(discount(&promotion(percentage("10"), Terms::default()), eur(4995)), Ok(500));
        assert_eq!(discount(&promotion(percentage("100"), Terms::default()), eur(4995)), Ok(4995));
        let fixed = promotion(Benefit::Fixed(eur(500)), Terms::default());
        assert_eq!((discount(&fixed, eur(4995)), discount(&fixed, eur(300))), (Ok(500), Ok(300)));
        assert_eq!(discount(&fixed, Money::new(300, Currency::Gbp)), Err(Rejection::OnlyIn(Currency::Eur)));
    }

    #[test]
    fn a_promotion_holds_on_its_terms() {
        let with = |terms| promotion(percentage("10"), terms);
        let late = with(Terms { valid_from: Some(LATER), ..Terms::default() });
        assert_eq!(discount(&late, eur(1)), Err(Rejection::NotYet(LATER)));
        let early = with(Terms { valid_to: Some(LATER), ..Terms::default() });
        assert_eq!(early.holds(Currency::Eur, NOW), Ok(()));
        assert_eq!(early.holds(Currency::Eur, LATER), Err(Rejection::Ended));
        let large = with(Terms { minimum: Some(eur(5000)), ..Terms::default() });
        assert_eq!(discount(&large, eur(4999)), Err(Rejection::Below(eur(5000))));
        assert_eq!(discount(&large, eur(5000)), Ok(500));
        assert_eq!(large.holds(Currency::Jpy, NOW), Err(Rejection::OnlyIn(Currency::Eur)));
    }

    #[test]
    fn a_promotion_ends_once_and_its_code_stays_taken() {
        let (ended, event) = promotion(percentage("10"), Terms::default()).end(NOW).unwrap();
        assert!(!event.active);
        assert_eq!(discount(&ended, eur(1)), Err(Rejection::Ended));
        assert_eq!(ended.clone().end(NOW), Err(Rejection::Ended));
        let again = Promotion::create(Some(&ended), ended.code.clone(), ended.benefit, Terms::default(), NOW);
        assert_eq!(again, Err(Rejection::Taken));
    }

    #[test]
    fn a_promotion_that_could_never_take_anything_off_is_refused() {
        let create = |benefit, terms| Promotion::create(None, "SPRING".parse().unwrap(), benefit, terms, NOW);
        assert_eq!(create(percentage("0"), Terms::default()), Err(Rejection::Nothing));
        assert_eq!(create(Benefit::Fixed(eur(0)), Terms::default()), Err(Rejection::Nothing));
        let over = Terms { valid_to: Some(NOW), ..Terms::default() };
        assert_eq!(create(percentage("1"), over), Err(Rejection::NeverValid));
    }
}
