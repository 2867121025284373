//! The promotions that apply without a code.

use dynamo::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Benefit, BuyXGetY, Promotion, Rejection};

/// The maximum number of automatic promotions that have not ended. Each cart is priced with all of them.
pub(crate) const MOST_AUTOMATIC: usize = 50;
/// The maximum number of those with a limit. What they hold for a cart is written in one transaction with its quote.
pub(crate) const MOST_LIMITED: usize = 10;
/// The maximum number of products, categories and SKUs that they name together, so that they fit into one item.
pub(crate) const MOST_NAMED: usize = 2000;

/// A copy of all automatic promotions that have not ended. It is one item, which is read with each cart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Automatic {
    pub(crate) promotions: Vec<Promotion>,
    pub(crate) version: Version,
}

impl Automatic {
    /// Adds a promotion, or replaces it. Promotions that have ended are removed.
    pub(crate) fn with(mut self, promotion: &Promotion, now: Timestamp) -> Result<Self, Rejection> {
        self.promotions.retain(|own| own.id != promotion.id);
        self.promotions.push(promotion.clone());
        self.promotions.retain(|own| !own.has_ended(now));
        let limited = self.promotions.iter().filter(|own| own.limits.total.is_some()).count();
        let named: usize = self.promotions.iter().map(named).sum();
        if self.promotions.len() > MOST_AUTOMATIC || limited > MOST_LIMITED || named > MOST_NAMED {
            return Err(Rejection::TooManyAutomatic);
        }
        Ok(self)
    }
}

/// The number of products, categories and SKUs that a promotion names.
fn named(promotion: &Promotion) -> usize {
    let of_benefit = match &promotion.benefit {
        Benefit::BuyXGetY(rule) => {
            let BuyXGetY { buy, get, .. } = &**rule;
            buy.items.named() + get.items.named()
        }
        Benefit::Percentage(_) | Benefit::Fixed(_) | Benefit::FixedPrice(_) | Benefit::FreeShipping { .. } => 0,
    };
    promotion.rules.items.named() + of_benefit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::promotion::{
        Items, Limits, Terms, UnitSet,
        tests::{automatic, percentage},
    };

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const LATER: Timestamp = Timestamp::constant(60, 0);

    fn with(count: usize, make: impl Fn(usize) -> Promotion) -> Result<Automatic, Rejection> {
        (0..count).try_fold(Automatic::default(), |all, at| all.with(&make(at), NOW))
    }

    fn numbered(at: usize) -> Promotion {
        automatic(at as u128, percentage("10"), Terms::default())
    }

    #[test]
    fn fifty_automatic_promotions_can_exist_that_have_not_ended() {
        let full = with(MOST_AUTOMATIC, numbered).unwrap();
        assert_eq!(full.clone().with(&numbered(50), NOW), Err(Rejection::TooManyAutomatic));
        let changed = Promotion { paused: true, ..numbered(7) };
        let all = full.clone().with(&changed, NOW).unwrap().promotions;
        assert!(all.len() == MOST_AUTOMATIC && all.contains(&changed) && !all.contains(&numbered(7)));
        let ended = full.with(&Promotion { ended_at: Some(NOW), ..numbered(7) }, NOW).unwrap();
        assert_eq!(ended.promotions.len(), MOST_AUTOMATIC - 1);
        assert!(ended.with(&numbered(50), NOW).is_ok());
    }

    #[test]
    fn a_promotion_whose_time_is_over_makes_room() {
        let short =
            |at: usize| automatic(at as u128, percentage("10"), Terms { valid_to: Some(LATER), ..Terms::default() });
        let full = with(MOST_AUTOMATIC, short).unwrap();
        assert_eq!(full.with(&numbered(50), LATER).unwrap().promotions, [numbered(50)]);
    }

    #[test]
    fn ten_of_them_can_have_a_limit() {
        let limited = |at| Promotion { limits: Limits { total: Some(1), per_customer: None }, ..numbered(at) };
        let ten = with(MOST_LIMITED, limited).unwrap();
        assert_eq!(ten.clone().with(&limited(10), NOW), Err(Rejection::TooManyAutomatic));
        assert!(ten.with(&numbered(10), NOW).is_ok());
    }

    #[test]
    fn together_they_name_two_thousand_items() {
        let skus = |count| Items { skus: vec!["LAMP".parse().unwrap(); count], ..Items::default() };
        let naming = |at: usize, count| {
            let mut promotion = numbered(at);
            promotion.rules.items = skus(count);
            promotion
        };
        let full = with(20, |at| naming(at, 100)).unwrap();
        let set = |count| UnitSet { quantity: 1, items: skus(count) };
        let rule = BuyXGetY { buy: set(1), get: set(2), percent: "1".parse().unwrap(), max_times: None };
        let mut promotion = naming(0, 4);
        promotion.benefit = Benefit::BuyXGetY(Box::new(rule));
        assert_eq!(named(&promotion), 7);
        assert_eq!(full.with(&naming(20, 1), NOW), Err(Rejection::TooManyAutomatic));
    }
}
