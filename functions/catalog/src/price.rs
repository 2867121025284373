//! The prices of a variant. At most one price per currency is valid at any time.

use contracts::events::catalog::Price;

/// The reason why a price is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The price would never be valid.
    EndsBeforeItBegins,
    /// Another price of the same currency is valid at the same time.
    Overlaps { other: usize },
}

/// Finds the first invalid price. Returns its position in the list, and the reason.
pub(crate) fn check(prices: &[Price]) -> Result<(), (usize, Rejection)> {
    for (at, price) in prices.iter().enumerate() {
        if price.valid_from.zip(price.valid_to).is_some_and(|(from, to)| to <= from) {
            return Err((at, Rejection::EndsBeforeItBegins));
        }
        if let Some(other) = prices[..at].iter().position(|other| overlap(price, other)) {
            return Err((at, Rejection::Overlaps { other }));
        }
    }
    Ok(())
}

fn overlap(one: &Price, other: &Price) -> bool {
    let begins_in_time =
        |a: &Price, b: &Price| a.valid_from.zip(b.valid_to).is_none_or(|(begins, ended)| begins < ended);
    one.currency == other.currency && begins_in_time(one, other) && begins_in_time(other, one)
}

#[cfg(test)]
mod tests {
    use contracts::Currency;
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn price(currency: Currency, from: Option<i64>, to: Option<i64>) -> Price {
        let time = |second| Timestamp::from_second(second).unwrap();
        Price { amount: 100, currency, valid_from: from.map(time), valid_to: to.map(time) }
    }

    #[test]
    fn one_price_may_follow_another() {
        let (before, after) = (price(Currency::Eur, None, Some(10)), price(Currency::Eur, Some(10), None));
        assert_eq!(check(&[before.clone(), after.clone()]), Ok(()));
        assert_eq!(check(&[after, before]), Ok(()));
    }

    #[test]
    fn two_prices_of_one_currency_never_hold_at_once() {
        let always = price(Currency::Eur, None, None);
        let sometimes = price(Currency::Eur, Some(5), Some(10));
        assert_eq!(check(&[always.clone(), sometimes.clone()]), Err((1, Rejection::Overlaps { other: 0 })));
        assert_eq!(check(&[price(Currency::Usd, None, None), sometimes]), Ok(()));
        assert_eq!(
            check(&[always.clone(), price(Currency::Usd, None, None), always]),
            Err((2, Rejection::Overlaps { other: 0 }))
        );
    }

    #[test]
    fn a_price_ends_after_it_begins() {
        assert_eq!(check(&[price(Currency::Eur, Some(5), Some(5))]), Err((0, Rejection::EndsBeforeItBegins)));
    }

    proptest! {
        #[test]
        fn what_passes_leaves_no_doubt_at_any_time(windows in proptest::collection::vec((0i64..20, 0i64..20), 0..5), now in 0i64..20) {
            let prices: Vec<_> = windows.into_iter().map(|(from, to)| price(Currency::Eur, Some(from), Some(to))).collect();
            let now = Timestamp::from_second(now).unwrap();
            let holding = prices.iter().filter(|price| price.holds_at(now)).count();
            prop_assert!(check(&prices).is_err() || holding <= 1);
        }
    }
}
