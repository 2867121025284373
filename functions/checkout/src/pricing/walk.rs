//! Which promotions apply to a cart, and what they take off.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use contracts::{CustomerGroupId, Money, MoneyError, PromotionId};
use jiff::Timestamp;

use super::{
    goods::{Good, worth},
    saving::{Saving, saving},
};
use crate::{
    promotion::{Benefit, Level, Promotion, Rejection},
    rates::{Country, ShippingOption},
};

/// What promotions depend on beside the goods.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sale<'a> {
    /// Zero in the currency of the cart.
    pub(super) zero: Money,
    pub(super) now: Timestamp,
    /// The country that is shipped to, if it is chosen.
    pub(super) country: Option<&'a Country>,
    /// The customer groups of the caller.
    pub(super) groups: &'a [CustomerGroupId],
    /// The chosen shipping option, if it exists.
    pub(super) option: Option<&'a ShippingOption>,
    /// The promotions that were used as often as their limits allow.
    pub(super) exhausted: &'a [PromotionId],
}

/// A promotion, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Verdict<'a> {
    pub(super) promotion: &'a Promotion,
    /// What it took off, or why it did not apply.
    pub(super) saving: Result<Saving, Rejection>,
}

/// What came of each promotion: first those that apply, in the order in which they
/// were taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome<'a> {
    pub(super) verdicts: Vec<Verdict<'a>>,
    /// The price of shipping before promotions. It depends on what is left to pay for the goods.
    pub(super) shipping: Option<Money>,
}

/// Decides which promotions apply to the goods, and takes them off.
///
/// The promotions are walked by priority, then by what each would save alone, then by age; those that would save nothing
/// come last. A promotion is taken if it combines with all that were taken before, and these are fewer than [`MOST_TAKEN`]. The taken ones are applied level by level. The result depends neither on the
/// order of the goods nor on that of the promotions.
pub(super) fn apply<'a>(
    promotions: impl IntoIterator<Item = &'a Promotion>,
    goods: Vec<Good>,
    sale: &Sale<'_>,
) -> Result<Outcome<'a>, MoneyError> {
    let mut sorted: Vec<(usize, Good)> = goods.into_iter().enumerate().collect();
    sorted.sort_by(|(_, a), (_, b)| a.sku.cmp(&b.sku));
    let (order, base): (Vec<usize>, Vec<Good>) = sorted.into_iter().unzip();

    let (mut walk, mut refused) = (Vec::new(), Vec::new());
    for promotion in promotions {
        match sale.check(promotion, &base)? {
            Ok(alone) => walk.push((promotion, alone)),
            Err(why) => refused.push((promotion, why)),
        }
    }
    // What would save nothing blocks no other.
    walk.sort_by_key(|(promotion, alone)| {
        (alone.amount == 0, promotion.rules.priority, Reverse(alone.amount), promotion.age())
    });
    let (applied, shipping) = loop {
        let (mut applied, mut shipping) = (Vec::new(), None);
        let failed = sale.take_off(&take(&walk), &mut applied, &mut base.clone(), &mut shipping)?;
        let Some((promotion, why)) = failed else { break (applied, shipping) };
        // It blocked others for nothing, so the walk begins again without it.
        walk.retain(|(other, _)| !std::ptr::eq(*other, promotion));
        refused.push((promotion, why));
    };
    let is_applied =
        |promotion: &Promotion| applied.iter().any(|(own, _): &(&Promotion, _)| std::ptr::eq(*own, promotion));
    let left: Vec<_> =
        walk.iter().map(|(promotion, _)| *promotion).filter(|promotion| !is_applied(promotion)).collect();
    refused.extend(left.into_iter().map(|promotion| (promotion, Rejection::NotCombined)));
    refused.sort_by_key(|(promotion, _)| promotion.age());

    let unsorted = |mut saving: Saving| {
        let (lines, used) = (saving.lines.clone(), saving.used.clone());
        for (sorted, at) in order.iter().enumerate() {
            (saving.lines[*at], saving.used[*at]) = (lines[sorted], used[sorted]);
        }
        saving
    };
    let applied = applied.into_iter().map(|(promotion, saving)| Verdict { promotion, saving: Ok(unsorted(saving)) });
    let refused = refused.into_iter().map(|(promotion, why)| Verdict { promotion, saving: Err(why) });
    Ok(Outcome { verdicts: applied.chain(refused).collect(), shipping })
}

/// The maximum number of promotions that are taken off a cart. Each line names all of them, and an event has at most 64 KB:
/// 45 KB for 40 lines with the longest titles, and 18 KB for five promotions of each.
pub(super) const MOST_TAKEN: usize = 5;

/// The promotions that are taken on a walk.
fn take<'a>(walk: &[(&'a Promotion, Money)]) -> Vec<&'a Promotion> {
    let mut taken = Vec::<&Promotion>::new();
    for (promotion, _) in walk {
        if taken.len() < MOST_TAKEN && taken.iter().all(|other| promotion.combines_with(other)) {
            taken.push(promotion);
        }
    }
    taken
}

impl Sale<'_> {
    /// What a promotion saves alone, or why it does not apply.
    fn check(&self, promotion: &Promotion, goods: &[Good]) -> Result<Result<Money, Rejection>, MoneyError> {
        if let Err(why) = promotion.holds(self.zero.currency, self.now) {
            return Ok(Err(why));
        }
        if self.exhausted.contains(&promotion.id) {
            return Ok(Err(Rejection::Exhausted));
        }
        let groups = &promotion.terms.customer_groups;
        if !groups.is_empty() && !groups.iter().any(|group| self.groups.contains(group)) {
            return Ok(Err(Rejection::WrongGroup));
        }
        let countries = &promotion.terms.countries;
        if !countries.is_empty() && !self.country.is_some_and(|country| countries.contains(country)) {
            return Ok(Err(Rejection::OtherCountry(countries.clone())));
        }
        if let Err(why) = self.suffices(promotion, goods)? {
            return Ok(Err(why));
        }
        let saving = saving(promotion, goods, self.shipping(goods)?, self.zero)?;
        if self.has_nothing(promotion, &saving) {
            return Ok(Err(Rejection::NoItems));
        }
        saving.total().map(Ok)
    }

    /// Whether there are enough matching goods.
    fn suffices(&self, promotion: &Promotion, goods: &[Good]) -> Result<Result<(), Rejection>, MoneyError> {
        let is_in = |good: &Good| good.is_in(&promotion.rules.items);
        let units: u64 = goods.iter().filter(|good| is_in(good)).map(|good| u64::from(good.quantity)).sum();
        if units == 0 {
            return Ok(Err(Rejection::NoItems));
        }
        if let Some(least) = promotion.terms.minimum_quantity.filter(|least| units < u64::from(*least)) {
            return Ok(Err(Rejection::TooFew(least)));
        }
        match promotion.terms.minimum.as_ref().and_then(|minimum| minimum.in_currency(self.zero.currency)) {
            Some(minimum) if worth(goods, self.zero, is_in)?.amount < minimum.amount => {
                Ok(Err(Rejection::Below(minimum)))
            }
            _ => Ok(Ok(())),
        }
    }

    /// Whether there are too few units for it, or shipping by another option than it is for.
    fn has_nothing(&self, promotion: &Promotion, saving: &Saving) -> bool {
        match (&promotion.benefit, self.option) {
            (Benefit::BuyXGetY(_), _) => saving.used.iter().all(|used| *used == 0),
            (Benefit::FreeShipping { options }, Some(option)) => !options.is_empty() && !options.contains(&option.id),
            _ => false,
        }
    }

    /// The chosen option, and its price for the goods.
    fn shipping(&self, goods: &[Good]) -> Result<Option<(&str, Money)>, MoneyError> {
        let Some(option) = self.option else { return Ok(None) };
        Ok(option.price_for(worth(goods, self.zero, |_| true)?).map(|price| (&*option.id, price)))
    }

    /// Takes promotions off, level by level. Returns the first whose goods are worth too little after the levels before.
    fn take_off<'a>(
        &self,
        taken: &[&'a Promotion],
        applied: &mut Vec<(&'a Promotion, Saving)>,
        goods: &mut [Good],
        shipping: &mut Option<Money>,
    ) -> Result<Option<(&'a Promotion, Rejection)>, MoneyError> {
        let mut after_items = Vec::new();
        for level in [Level::Item, Level::Order, Level::Shipping] {
            if level == Level::Order {
                after_items = goods.to_vec();
            }
            let mut price = if level == Level::Shipping { self.shipping(goods)? } else { None };
            *shipping = price.map(|(_, price)| price);
            for promotion in taken.iter().filter(|promotion| promotion.level() == level) {
                // The minimum of a promotion on the order or on shipping counts after the promotions on items.
                if level != Level::Item
                    && let Err(why) = self.suffices(promotion, &after_items)?
                {
                    return Ok(Some((promotion, why)));
                }
                let saving = saving(promotion, goods, price, self.zero)?;
                if self.has_nothing(promotion, &saving) {
                    return Ok(Some((promotion, Rejection::NoItems)));
                }
                for (good, (off, used)) in goods.iter_mut().zip(saving.lines.iter().zip(&saving.used)) {
                    good.left = good.left.minus(*off)?;
                    good.used += used;
                }
                price = match price {
                    Some((option, left)) => Some((option, left.minus(saving.shipping)?)),
                    None => None,
                };
                applied.push((*promotion, saving));
            }
        }
        Ok(None)
    }
}
