//! What one promotion takes off.

use contracts::{Money, MoneyError};

use super::{
    gift::{Units, gift},
    goods::{Good, worth},
};
use crate::promotion::{Benefit, Level, Promotion};

/// What one promotion takes off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Saving {
    /// Off each line.
    pub(super) lines: Vec<Money>,
    /// Off the price of shipping.
    pub(super) shipping: Money,
    /// The units of each line that take part, if the promotion counts units.
    pub(super) used: Vec<u32>,
}

impl Saving {
    pub(super) fn total(&self) -> Result<Money, MoneyError> {
        self.lines.iter().try_fold(self.shipping, |sum, part| sum.plus(*part))
    }
}

/// Calculates what a promotion takes off what is left to pay. A percentage is rounded half up once per line, or once for
/// the order. What is taken off several lines together is split by the largest remainder. No amount becomes negative.
pub(super) fn saving(
    promotion: &Promotion,
    goods: &[Good],
    shipping: Option<(&str, Money)>,
    zero: Money,
) -> Result<Saving, MoneyError> {
    let mut saving = Saving { lines: vec![zero; goods.len()], shipping: zero, used: vec![0; goods.len()] };
    let is_in = |good: &Good| good.is_in(&promotion.rules.items);
    let lefts: Vec<_> = goods.iter().map(|good| if is_in(good) { good.left } else { zero }).collect();
    match (&promotion.benefit, promotion.level()) {
        (benefit, Level::Shipping) => {
            let Some((option, price)) = shipping else { return Ok(saving) };
            saving.shipping = match benefit {
                Benefit::Percentage(percent) => percent.of(price)?,
                Benefit::Fixed(amounts) => least(amounts.in_currency(price.currency).unwrap_or(zero), price),
                Benefit::FreeShipping { options } if options.is_empty() || options.iter().any(|own| own == option) => {
                    price
                }
                _ => zero,
            };
        }
        (Benefit::Percentage(percent), Level::Item) => {
            saving.lines = lefts.into_iter().map(|left| percent.of(left)).collect::<Result<_, _>>()?;
        }
        (Benefit::Percentage(percent), Level::Order) => {
            let off = percent.of(worth(goods, zero, is_in)?)?;
            saving.lines = off.split(&weights(&lefts));
        }
        (Benefit::Fixed(amounts), Level::Item | Level::Order) => {
            let off = least(amounts.in_currency(zero.currency).unwrap_or(zero), worth(goods, zero, is_in)?);
            saving.lines = off.split(&weights(&lefts));
        }
        (Benefit::FixedPrice(amounts), _) => {
            let Some(price) = amounts.in_currency(zero.currency) else { return Ok(saving) };
            for (off, good) in saving.lines.iter_mut().zip(goods).filter(|(_, good)| is_in(good)) {
                let over = good.left.minus(price.times(good.quantity)?)?;
                *off = Money { amount: over.amount.max(0), ..over };
            }
        }
        (Benefit::BuyXGetY(rule), _) => {
            let units = gift(rule, goods);
            let given =
                goods.iter().zip(&units).map(|(good, Units { given, .. })| rule.percent.of(good.worth_of(*given)));
            let off = Money::sum(zero.currency, given.collect::<Result<Vec<_>, _>>()?)?;
            saving.used = units.iter().map(|Units { bought, given }| bought + given).collect();
            let part: Vec<_> = goods.iter().zip(&saving.used).map(|(good, used)| good.worth_of(*used)).collect();
            // Every unit that took part gets its share, so that a unit that is returned takes its share along.
            saving.lines = off.split(&weights(&part));
        }
        (Benefit::FreeShipping { .. }, _) => {}
    }
    Ok(saving)
}

const fn least(one: Money, other: Money) -> Money {
    if one.amount < other.amount { one } else { other }
}

fn weights(amounts: &[Money]) -> Vec<u64> {
    amounts.iter().map(|amount| amount.amount.unsigned_abs()).collect()
}
