//! A price list: prices for customer groups, countries or a time. Its prices are stored beside it.

use contracts::{
    Currency, CustomerGroupId, PriceListId,
    events::catalog::{self, PriceListChanged, PriceListKind},
};
use dynamo::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The maximum number of lists that are not deleted.
pub(crate) const MOST_LISTS: usize = 50;
/// The priority of a list that names none.
pub(crate) const USUAL_PRIORITY: u32 = 500;

/// The part of a price list that can be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Terms {
    pub(crate) name: String,
    pub(crate) customer_groups: Vec<CustomerGroupId>,
    pub(crate) countries: Vec<String>,
    pub(crate) valid_from: Option<Timestamp>,
    /// The end of its validity, exclusive.
    pub(crate) valid_to: Option<Timestamp>,
    pub(crate) priority: u32,
}

/// A price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PriceList {
    pub(crate) id: PriceListId,
    pub(crate) currency: Currency,
    pub(crate) kind: PriceListKind,
    pub(crate) terms: Terms,
    pub(crate) deleted: bool,
    pub(crate) version: Version,
}

/// The lists that are not deleted. They are one item, so that their number is exact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LivingLists {
    lists: Vec<PriceListId>,
    pub(crate) version: Version,
}

/// The reason why a price list cannot be created or changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The list would never be valid.
    EndsBeforeItBegins,
    /// A list of the kind `group` names no customer group.
    NoGroup,
    /// There are as many lists as allowed.
    TooMany,
}

impl Terms {
    fn check(&self, kind: PriceListKind) -> Result<(), Rejection> {
        if self.valid_from.zip(self.valid_to).is_some_and(|(from, to)| to <= from) {
            return Err(Rejection::EndsBeforeItBegins);
        }
        if kind == PriceListKind::Group && self.customer_groups.is_empty() {
            return Err(Rejection::NoGroup);
        }
        Ok(())
    }
}

impl PriceList {
    /// Creates a list without prices.
    pub(crate) fn create(
        id: PriceListId,
        currency: Currency,
        kind: PriceListKind,
        terms: Terms,
    ) -> Result<(Self, PriceListChanged), Rejection> {
        terms.check(kind)?;
        let list = Self { id, currency, kind, terms, deleted: false, version: Version::default() };
        let event = list.changed();
        Ok((list, event))
    }

    /// Replaces the part that can be changed. `None` if it is the same.
    pub(crate) fn update(self, terms: Terms) -> Result<Option<(Self, PriceListChanged)>, Rejection> {
        terms.check(self.kind)?;
        if terms == self.terms {
            return Ok(None);
        }
        let list = Self { terms, ..self };
        let event = list.changed();
        Ok(Some((list, event)))
    }

    /// Deletes the list for ever. `None` if it was deleted before.
    pub(crate) fn delete(self) -> Option<(Self, PriceListChanged)> {
        let list = (!self.deleted).then_some(Self { deleted: true, ..self })?;
        let event = list.changed();
        Some((list, event))
    }

    fn changed(&self) -> PriceListChanged {
        let Self { id, currency, kind, deleted, .. } = *self;
        let Terms { name, customer_groups, countries, valid_from, valid_to, priority } = self.terms.clone();
        let list = catalog::PriceList {
            id,
            name,
            currency,
            kind,
            customer_groups,
            countries,
            valid_from,
            valid_to,
            priority,
            deleted,
        };
        PriceListChanged { list }
    }
}

impl LivingLists {
    /// Adds a list.
    pub(crate) fn add(mut self, list: PriceListId) -> Result<Self, Rejection> {
        if self.lists.len() >= MOST_LISTS {
            return Err(Rejection::TooMany);
        }
        self.lists.push(list);
        Ok(self)
    }

    /// Removes a list.
    pub(crate) fn remove(mut self, list: PriceListId) -> Self {
        self.lists.retain(|living| *living != list);
        self
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn terms() -> Terms {
        Terms {
            name: "Summer".to_owned(),
            customer_groups: Vec::new(),
            countries: Vec::new(),
            valid_from: None,
            valid_to: None,
            priority: USUAL_PRIORITY,
        }
    }

    fn id(n: u128) -> PriceListId {
        Uuid::from_u128(n).into()
    }

    fn create(kind: PriceListKind, terms: Terms) -> Result<(PriceList, PriceListChanged), Rejection> {
        PriceList::create(id(1), Currency::Eur, kind, terms)
    }

    #[test]
    fn a_list_ends_after_it_begins() {
        let at = |second| Some(Timestamp::from_second(second).unwrap());
        let window = |from, to| Terms { valid_from: at(from), valid_to: at(to), ..terms() };
        assert_eq!(create(PriceListKind::Sale, window(5, 5)), Err(Rejection::EndsBeforeItBegins));
        let (list, _) = create(PriceListKind::Sale, window(5, 6)).unwrap();
        assert_eq!(list.update(window(6, 5)), Err(Rejection::EndsBeforeItBegins));
    }

    #[test]
    fn a_list_of_groups_names_a_group() {
        assert_eq!(create(PriceListKind::Group, terms()), Err(Rejection::NoGroup));
        assert!(create(PriceListKind::Sale, terms()).is_ok());
        let grouped = Terms { customer_groups: vec![Uuid::nil().into()], ..terms() };
        let (list, _) = create(PriceListKind::Group, grouped).unwrap();
        assert_eq!(list.update(terms()), Err(Rejection::NoGroup));
    }

    #[test]
    fn a_list_that_changes_nothing_states_nothing() {
        let (list, created) = create(PriceListKind::Sale, terms()).unwrap();
        assert!(!created.list.deleted);
        assert_eq!(list.clone().update(terms()), Ok(None));
        let (_, changed) = list.update(Terms { priority: 1, ..terms() }).unwrap().unwrap();
        assert_eq!(changed.list.priority, 1);
    }

    #[test]
    fn a_list_is_deleted_once() {
        let (list, _) = create(PriceListKind::Sale, terms()).unwrap();
        let (deleted, event) = list.delete().unwrap();
        assert!(event.list.deleted);
        assert_eq!(deleted.delete(), None);
    }

    #[test]
    fn there_are_fifty_living_lists_at_most() {
        let full = (1..=50).fold(LivingLists::default(), |living, n| living.add(id(n)).unwrap());
        assert_eq!(full.clone().add(id(51)), Err(Rejection::TooMany));
        assert!(full.remove(id(7)).add(id(51)).is_ok());
    }
}
