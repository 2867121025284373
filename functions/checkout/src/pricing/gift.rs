//! Which units a promotion of the kind buy x, get y is about.

use std::cmp::Reverse;

use super::goods::Good;
use crate::promotion::BuyXGetY;

/// The units of a line that take part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Units {
    pub(super) bought: u32,
    pub(super) given: u32,
}

/// The units of each line that take part: the dearest are bought and the cheapest are given, as often as the units
/// suffice. It does not depend on the order of the lines, but for lines of the same price.
pub(super) fn gift(rule: &BuyXGetY, goods: &[Good]) -> Vec<Units> {
    let sets: Vec<_> = goods.iter().map(|good| (good.is_in(&rule.buy.items), good.is_in(&rule.get.items))).collect();
    let count = |wanted: fn(bool, bool) -> bool| -> u64 {
        let lines = goods.iter().zip(&sets).filter(|(_, (buy, get))| wanted(*buy, *get));
        lines.map(|(good, _)| u64::from(good.unused())).sum()
    };
    let (x, y) = (u64::from(rule.buy.quantity).max(1), u64::from(rule.get.quantity).max(1));
    // A unit is either bought or given. So the units of both sets together must suffice too.
    let suffices = [count(|buy, _| buy) / x, count(|_, get| get) / y, count(|buy, get| buy || get) / (x + y)];
    let most = rule.max_times.map_or(u64::MAX, u64::from);
    let times = suffices.into_iter().fold(most, u64::min);

    let mut units = vec![Units::default(); goods.len()];
    let mut by_price: Vec<usize> = (0..goods.len()).collect();
    by_price.sort_by_key(|at| Reverse(goods[*at].unit_price.amount));
    // Of the units that could be given too, as many are spared as the gifts need.
    let needed = (times * y).saturating_sub(count(|buy, get| get && !buy));
    let mut spare = count(|buy, get| buy && get).saturating_sub(needed);
    let mut to_buy = times * x;
    for at in by_price.iter().copied().filter(|at| sets[*at].0) {
        let limit = if sets[at].1 { to_buy.min(spare) } else { to_buy };
        let bought = limit.min(goods[at].unused().into());
        if sets[at].1 {
            spare -= bought;
        }
        to_buy -= bought;
        units[at].bought = u32::try_from(bought).unwrap_or(u32::MAX);
    }
    let mut to_give = times * y;
    for at in by_price.into_iter().rev().filter(|at| sets[*at].1) {
        let given = to_give.min((goods[at].unused() - units[at].bought).into());
        to_give -= given;
        units[at].given = u32::try_from(given).unwrap_or(u32::MAX);
    }
    units
}
