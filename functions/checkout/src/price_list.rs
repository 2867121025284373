//! The read model of the catalog's price lists. Their prices are in the read model of each SKU.

use contracts::{Currency, CustomerGroupId, PriceListId, events::catalog};
use dynamo::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The number of deleted lists that are remembered, so that a late event does not bring one back.
const DELETED_KEPT: usize = 100;

/// All price lists. They are one item, which is read with each cart, so a change of a list is one write however many SKUs have
/// prices in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceLists {
    lists: Vec<PriceList>,
    /// The lists that were deleted last, oldest first.
    deleted: Vec<PriceListId>,
    pub(crate) version: Version,
}

/// A price list: which carts its prices are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceList {
    pub(crate) id: PriceListId,
    pub(crate) currency: Currency,
    /// The customer groups that it is for. If empty, everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<CustomerGroupId>,
    /// The country codes that it is for. If empty, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) countries: Vec<String>,
    pub(crate) valid_from: Option<Timestamp>,
    /// The end of its validity, exclusive.
    pub(crate) valid_to: Option<Timestamp>,
    /// The list with the lowest number counts.
    pub(crate) priority: u32,
    /// The version of the list in its latest event.
    seen: u64,
}

impl PriceLists {
    /// Lists in a currency that are for everyone, at any time.
    pub(crate) fn for_everyone(ids: impl Iterator<Item = PriceListId>, currency: Currency) -> Self {
        let list = |id| PriceList {
            id,
            currency,
            groups: Vec::new(),
            countries: Vec::new(),
            valid_from: None,
            valid_to: None,
            priority: 0,
            seen: 0,
        };
        Self { lists: ids.map(list).collect(), ..Self::default() }
    }

    /// Replaces a list with that of an event. `None` if a later event of the list is known.
    pub(crate) fn apply(mut self, list: catalog::PriceList, seen: u64) -> Option<Self> {
        let catalog::PriceList { id, currency, valid_from, valid_to, priority, deleted, .. } = list;
        if self.is_deleted(id) || self.list(id).is_some_and(|known| known.seen >= seen) {
            return None;
        }
        self.lists.retain(|known| known.id != id);
        if deleted {
            self.deleted.push(id);
            self.deleted.drain(..self.deleted.len().saturating_sub(DELETED_KEPT));
        } else {
            let (groups, countries) = (list.customer_groups, list.countries);
            self.lists.push(PriceList { id, currency, groups, countries, valid_from, valid_to, priority, seen });
        }
        Some(self)
    }

    /// A list that is not deleted.
    pub(crate) fn list(&self, id: PriceListId) -> Option<&PriceList> {
        self.lists.iter().find(|list| list.id == id)
    }

    /// Whether the list is known to be deleted.
    pub(crate) fn is_deleted(&self, id: PriceListId) -> bool {
        self.deleted.contains(&id)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use contracts::events::catalog::PriceListKind;
    use uuid::Uuid;

    use super::*;

    /// A list in euros for everyone, with a number as its id.
    pub(crate) fn for_all(number: u128) -> catalog::PriceList {
        catalog::PriceList {
            id: Uuid::from_u128(number).into(),
            name: "Sale".to_owned(),
            currency: Currency::Eur,
            kind: PriceListKind::Sale,
            customer_groups: Vec::new(),
            countries: Vec::new(),
            valid_from: None,
            valid_to: None,
            priority: 500,
            deleted: false,
        }
    }

    /// The read model of some lists.
    pub(crate) fn known(lists: impl IntoIterator<Item = catalog::PriceList>) -> PriceLists {
        lists.into_iter().fold(PriceLists::default(), |known, list| known.apply(list, 1).unwrap())
    }

    #[test]
    fn the_latest_event_of_a_list_counts_whatever_comes_first() {
        let with = |priority| catalog::PriceList { priority, ..for_all(1) };
        let priority = |lists: &PriceLists| lists.list(for_all(1).id).unwrap().priority;
        let lists = PriceLists::default().apply(with(2), 2).unwrap();
        assert_eq!(lists.clone().apply(with(1), 1), None);
        assert_eq!(lists.clone().apply(with(2), 2), None);
        let lists = lists.apply(with(3), 3).unwrap();
        assert_eq!((priority(&lists), lists.lists.len()), (3, 1));
        let other = lists.apply(for_all(2), 1).unwrap();
        assert_eq!(other.lists.len(), 2, "each list has versions of its own");
    }

    #[test]
    fn a_deleted_list_does_not_come_back() {
        let gone = catalog::PriceList { deleted: true, ..for_all(1) };
        let lists = known([for_all(1)]).apply(gone.clone(), 3).unwrap();
        assert!(lists.list(gone.id).is_none() && lists.is_deleted(gone.id));
        assert_eq!(lists.clone().apply(for_all(1), 2), None);
        assert_eq!(lists.apply(gone, 3), None);
    }

    #[test]
    fn the_lists_that_were_deleted_last_are_remembered() {
        let gone = |number| catalog::PriceList { deleted: true, ..for_all(number) };
        let lists = known((0..101).map(gone));
        assert_eq!(lists.deleted.len(), 100);
        assert!(!lists.is_deleted(gone(0).id) && lists.is_deleted(gone(1).id) && lists.is_deleted(gone(100).id));
    }
}
