//! A user's addresses. If there are any, exactly one is the default.

use contracts::{Address, AddressId, Sealed, UserId, events::users::ProfileChanged};
use dynamo::Version;
use serde::{Deserialize, Serialize};

/// The maximum number of addresses of a user.
pub(crate) const MOST: usize = 20;

/// A user's addresses, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AddressBook {
    pub(crate) owner: UserId,
    pub(crate) addresses: Vec<SavedAddress>,
    pub(crate) default: Option<AddressId>,
    pub(crate) version: Version,
}

/// An address, sealed with its owner's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedAddress {
    pub(crate) id: AddressId,
    pub(crate) sealed: Sealed<Address>,
    /// Counts the changes of this address alone.
    pub(crate) revision: u64,
}

/// Why the addresses cannot be changed this way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// There are as many addresses as allowed.
    Full,
    /// There is no such address.
    NotThere,
}

impl AddressBook {
    /// An empty address book.
    pub(crate) fn new(owner: UserId) -> Self {
        Self { owner, addresses: Vec::new(), default: None, version: Version::default() }
    }

    pub(crate) fn find(&self, id: AddressId) -> Result<&SavedAddress, Rejection> {
        self.addresses.iter().find(|saved| saved.id == id).ok_or(Rejection::NotThere)
    }

    /// Adds an address; the first one is the default.
    pub(crate) fn add(
        mut self,
        id: AddressId,
        sealed: Sealed<Address>,
        default: bool,
    ) -> Result<(Self, ProfileChanged), Rejection> {
        if self.addresses.len() >= MOST {
            return Err(Rejection::Full);
        }
        self.addresses.push(SavedAddress { id, sealed, revision: 1 });
        Ok(self.changed(default.then_some(id)))
    }

    /// Replaces an address.
    pub(crate) fn update(
        mut self,
        id: AddressId,
        sealed: Sealed<Address>,
        default: bool,
    ) -> Result<(Self, ProfileChanged), Rejection> {
        let saved = self.addresses.iter_mut().find(|saved| saved.id == id).ok_or(Rejection::NotThere)?;
        saved.sealed = sealed;
        saved.revision += 1;
        Ok(self.changed(default.then_some(id)))
    }

    /// Removes an address. If it was the default, the oldest one left becomes the default. `None` if there is no such
    /// address.
    pub(crate) fn remove(mut self, id: AddressId) -> Option<(Self, ProfileChanged)> {
        let before = self.addresses.len();
        self.addresses.retain(|saved| saved.id != id);
        (self.addresses.len() < before).then(|| self.changed(None))
    }

    fn changed(mut self, default: Option<AddressId>) -> (Self, ProfileChanged) {
        let still_there = |id: &AddressId| self.addresses.iter().any(|saved| saved.id == *id);
        let oldest = self.addresses.first().map(|saved| saved.id);
        self.default = default.or(self.default).filter(still_there).or(oldest);
        let event = ProfileChanged { user: self.owner, fields: vec!["addresses".to_owned()] };
        (self, event)
    }
}

#[cfg(test)]
mod tests {
    use lambda::testing::user;
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> AddressId {
        Uuid::from_u128(number).into()
    }

    fn sealed() -> Sealed<Address> {
        Sealed::from_ciphertext(String::new())
    }

    fn book(count: u128) -> AddressBook {
        (1..=count).fold(AddressBook::new(user(1)), |book, n| book.add(id(n), sealed(), false).unwrap().0)
    }

    #[test]
    fn the_first_address_is_the_default_until_another_is() {
        assert_eq!(book(2).default, Some(id(1)));
        let (changed, event) = book(2).update(id(2), sealed(), true).unwrap();
        assert_eq!((changed.default, changed.find(id(2)).unwrap().revision), (Some(id(2)), 2));
        assert_eq!(event.fields, ["addresses"]);
    }

    #[test]
    fn the_oldest_address_left_takes_the_place_of_a_removed_default() {
        let (left, _) = book(3).remove(id(1)).unwrap();
        assert_eq!(left.default, Some(id(2)));
        let (left, _) = left.remove(id(2)).unwrap().0.remove(id(3)).unwrap();
        assert_eq!(left.default, None);
    }

    #[test]
    fn an_address_book_holds_twenty_addresses() {
        assert_eq!(book(20).add(id(21), sealed(), false), Err(Rejection::Full));
        assert_eq!(book(2).remove(id(3)), None);
        assert_eq!(book(2).update(id(3), sealed(), true), Err(Rejection::NotThere));
    }
}
