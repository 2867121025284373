//! The choice of the price list that a line has its price from.

use contracts::{Currency, CustomerGroupId, PriceListId};
use jiff::Timestamp;

use crate::{
    listing::ListedPrices,
    price_list::{PriceList, PriceLists},
    rates::Country,
};

/// What decides which price lists a line has prices from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Buyer<'a> {
    pub(crate) currency: Currency,
    pub(crate) now: Timestamp,
    /// The customer groups of the caller.
    pub(crate) groups: &'a [CustomerGroupId],
    /// The country that the cart is shipped to, once it is known.
    pub(crate) country: Option<&'a Country>,
    /// The number of units of the SKU in the cart.
    pub(crate) quantity: u32,
}

/// The list that a line has its price from, and the price of one unit: of the lists that are for the buyer, the one with the
/// lowest number as its priority, then with the lowest price, then with the lowest id. `None` if no list has a price.
pub(crate) fn choose(lists: &PriceLists, prices: &[ListedPrices], buyer: &Buyer<'_>) -> Option<(PriceListId, i64)> {
    let candidates = prices.iter().filter_map(|prices| {
        let list = lists.list(prices.list).filter(|list| buyer.is_addressed_by(list))?;
        Some((list.priority, prices.amount(buyer.quantity)?, list.id))
    });
    candidates.min().map(|(_, amount, list)| (list, amount))
}

impl Buyer<'_> {
    fn is_addressed_by(&self, list: &PriceList) -> bool {
        let PriceList { groups, countries, .. } = list;
        let is_in = |country: &Country| countries.iter().any(|code| code == country.as_str());
        list.currency == self.currency
            && list.valid_from.is_none_or(|from| from <= self.now)
            && list.valid_to.is_none_or(|to| self.now < to)
            && (groups.is_empty() || groups.iter().any(|group| self.groups.contains(group)))
            && (countries.is_empty() || self.country.is_some_and(is_in))
    }
}

#[cfg(test)]
mod tests {
    use contracts::events::catalog;
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;
    use crate::{
        price_list::tests::{for_all, known},
        rates::tests::country,
    };

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn anyone() -> Buyer<'static> {
        Buyer { currency: Currency::Eur, now: NOW, groups: &[], country: None, quantity: 1 }
    }

    fn prices(list: &catalog::PriceList, tiers: &[(u32, i64)]) -> ListedPrices {
        ListedPrices { list: list.id, tiers: tiers.to_vec(), seen: 1 }
    }

    /// The price of a line from one list with the price 5.
    fn from(list: catalog::PriceList, buyer: &Buyer<'_>) -> Option<i64> {
        let listed = prices(&list, &[(1, 5)]);
        choose(&known([list]), &[listed], buyer).map(|(_, amount)| amount)
    }

    #[test]
    fn a_list_counts_in_its_currency() {
        assert_eq!(from(for_all(1), &anyone()), Some(5));
        assert_eq!(from(for_all(1), &Buyer { currency: Currency::Gbp, ..anyone() }), None);
    }

    #[test]
    fn a_list_counts_from_its_beginning_until_before_its_end() {
        let hour = SignedDuration::from_hours(1);
        let list = catalog::PriceList { valid_from: Some(NOW), valid_to: Some(NOW + hour), ..for_all(1) };
        let at = |now| from(list.clone(), &Buyer { now, ..anyone() });
        let moment = SignedDuration::from_nanos(1);
        assert_eq!(
            [at(NOW - moment), at(NOW), at(NOW + hour - moment), at(NOW + hour)],
            [None, Some(5), Some(5), None]
        );
    }

    #[test]
    fn a_list_of_groups_counts_for_their_members() {
        let group = |n| CustomerGroupId::from(Uuid::from_u128(n));
        let list = catalog::PriceList { customer_groups: vec![group(1), group(2)], ..for_all(1) };
        let of = |groups: &[CustomerGroupId]| from(list.clone(), &Buyer { groups, ..anyone() });
        assert_eq!([of(&[]), of(&[group(3)]), of(&[group(3), group(2)])], [None, None, Some(5)]);
    }

    #[test]
    fn a_list_of_countries_counts_once_the_country_is_known() {
        let list = catalog::PriceList { countries: vec!["DE".to_owned(), "FR".to_owned()], ..for_all(1) };
        let to = |country: Option<&Country>| from(list.clone(), &Buyer { country, ..anyone() });
        assert_eq!([to(None), to(Some(&country("GB"))), to(Some(&country("FR")))], [None, None, Some(5)]);
    }

    #[test]
    fn the_highest_minimum_that_the_quantity_reaches_counts() {
        let list = for_all(1);
        let (lists, listed) = (known([list.clone()]), [prices(&list, &[(2, 9), (10, 7), (20, 8)])]);
        let of = |quantity| choose(&lists, &listed, &Buyer { quantity, ..anyone() }).map(|(_, amount)| amount);
        let chosen = [1, 2, 9, 10, 19, 20, 999].map(of);
        assert_eq!(chosen, [None, Some(9), Some(9), Some(7), Some(7), Some(8), Some(8)]);
    }

    #[test]
    fn the_lowest_priority_counts_then_the_lowest_price_then_the_lowest_id() {
        let list = |number, priority| catalog::PriceList { priority, ..for_all(number) };
        let chosen = |offers: &[(u128, u32, i64)]| {
            let lists: Vec<_> = offers.iter().map(|(number, priority, _)| list(*number, *priority)).collect();
            let listed: Vec<_> =
                lists.iter().zip(offers).map(|(list, (.., amount))| prices(list, &[(1, *amount)])).collect();
            choose(&known(lists), &listed, &anyone()).map(|(list, amount)| (list.uuid().as_u128(), amount))
        };
        assert_eq!(chosen(&[(1, 500, 5), (2, 499, 9)]), Some((2, 9)));
        assert_eq!(chosen(&[(1, 500, 9), (2, 500, 5), (3, 500, 7)]), Some((2, 5)));
        assert_eq!(chosen(&[(3, 500, 5), (1, 500, 5), (2, 500, 5)]), Some((1, 5)));
        assert_eq!(chosen(&[]), None);
    }

    #[test]
    fn prices_of_a_list_that_is_not_known_do_not_count() {
        assert_eq!(choose(&PriceLists::default(), &[prices(&for_all(1), &[(1, 5)])], &anyone()), None);
    }
}
