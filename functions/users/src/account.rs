//! An account and its roles.

use contracts::{
    CustomerGroupId, Role, Sealed, UserId,
    events::users::{CustomerGroupChanged, ProfileChanged, RolesChanged, UserRegistered},
};
use dynamo::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{password::PasswordHash, subject::Profile};

/// The maximum number of customer groups of an account. Each access token contains them.
pub(crate) const MOST_GROUPS: usize = 10;

/// An account. A guest has no account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    pub(crate) id: UserId,
    pub(crate) roles: Vec<Role>,
    /// The customer groups, in the order in which the user joined them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) groups: Vec<CustomerGroupId>,
    pub(crate) password: PasswordHash,
    pub(crate) profile: Sealed<Profile>,
    pub(crate) registered_at: Timestamp,
    pub(crate) version: Version,
}

/// The reason why an account cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The account already has these roles.
    SameRoles,
    /// An account has at least one role.
    NoRole,
    /// The role `guest` is only for callers without an account.
    Guest,
    /// Administrators cannot remove their own role `admin`, so that at least one remains.
    OwnAdmin,
    /// The account is a member of the group, or is not one, already.
    SameGroups,
    /// The account is a member of as many groups as allowed.
    TooManyGroups,
}

impl Account {
    /// Creates the account of a customer, with a new id or the id of a guest.
    pub(crate) fn register(
        id: UserId,
        password: PasswordHash,
        profile: Sealed<Profile>,
        now: Timestamp,
    ) -> (Self, UserRegistered) {
        let roles = vec![Role::Customer];
        let event = UserRegistered { user: id, roles: roles.clone() };
        let (groups, version) = (Vec::new(), Version::default());
        (Self { id, roles, groups, password, profile, registered_at: now, version }, event)
    }

    /// Replaces the hash of the same password with one that has the current parameters.
    pub(crate) fn rehash(mut self, password: PasswordHash) -> Self {
        self.password = password;
        self
    }

    /// Replaces the profile.
    pub(crate) fn rename(mut self, profile: Sealed<Profile>) -> (Self, ProfileChanged) {
        self.profile = profile;
        let event = ProfileChanged { user: self.id, fields: vec!["name".to_owned()] };
        (self, event)
    }

    /// Sets all roles, on behalf of an administrator.
    pub(crate) fn set_roles(self, mut roles: Vec<Role>, by: UserId) -> Result<(Self, RolesChanged), Rejection> {
        roles.sort_unstable();
        roles.dedup();
        if roles.is_empty() {
            Err(Rejection::NoRole)
        } else if roles.contains(&Role::Guest) {
            Err(Rejection::Guest)
        } else if by == self.id && !roles.contains(&Role::Admin) {
            Err(Rejection::OwnAdmin)
        } else if roles == self.roles {
            Err(Rejection::SameRoles)
        } else {
            Ok(self.with_roles(roles))
        }
    }

    /// Adds the role `admin`.
    pub(crate) fn grant_admin(self) -> Result<(Self, RolesChanged), Rejection> {
        if self.roles.contains(&Role::Admin) {
            return Err(Rejection::SameRoles);
        }
        let mut roles = self.roles.clone();
        roles.push(Role::Admin);
        roles.sort_unstable();
        Ok(self.with_roles(roles))
    }

    /// Adds the account to a customer group.
    pub(crate) fn join(mut self, group: CustomerGroupId) -> Result<(Self, CustomerGroupChanged), Rejection> {
        if self.groups.contains(&group) {
            return Err(Rejection::SameGroups);
        }
        if self.groups.len() >= MOST_GROUPS {
            return Err(Rejection::TooManyGroups);
        }
        self.groups.push(group);
        let event = CustomerGroupChanged { group, user: self.id, member: true };
        Ok((self, event))
    }

    /// Removes the account from a customer group.
    pub(crate) fn leave(mut self, group: CustomerGroupId) -> Result<(Self, CustomerGroupChanged), Rejection> {
        let at = self.groups.iter().position(|own| *own == group).ok_or(Rejection::SameGroups)?;
        self.groups.remove(at);
        let event = CustomerGroupChanged { group, user: self.id, member: false };
        Ok((self, event))
    }

    fn with_roles(mut self, roles: Vec<Role>) -> (Self, RolesChanged) {
        self.roles.clone_from(&roles);
        let event = RolesChanged { user: self.id, roles };
        (self, event)
    }
}

#[cfg(test)]
mod tests {
    use lambda::testing::{START, user};
    use uuid::Uuid;

    use super::*;

    fn account() -> Account {
        let hash: PasswordHash = serde_json::from_str("\"hash\"").unwrap();
        Account::register(user(1), hash, Sealed::from_ciphertext(String::new()), START).0
    }

    #[test]
    fn whoever_registers_is_a_customer() {
        assert_eq!(account().roles, [Role::Customer]);
    }

    #[test]
    fn roles_are_a_set() {
        let (merchant, event) =
            account().set_roles(vec![Role::Merchant, Role::Customer, Role::Merchant], user(2)).unwrap();
        assert_eq!(event.roles, [Role::Customer, Role::Merchant]);
        assert_eq!(
            merchant.clone().set_roles(vec![Role::Merchant, Role::Customer], user(2)),
            Err(Rejection::SameRoles)
        );
    }

    #[test]
    fn an_account_is_no_guests_and_has_a_role() {
        assert_eq!(account().set_roles(vec![], user(2)), Err(Rejection::NoRole));
        assert_eq!(account().set_roles(vec![Role::Guest], user(2)), Err(Rejection::Guest));
    }

    #[test]
    fn administrators_stay_administrators_until_another_says_otherwise() {
        let (admin, event) = account().grant_admin().unwrap();
        assert_eq!(event.roles, [Role::Customer, Role::Admin]);
        assert_eq!(admin.clone().grant_admin(), Err(Rejection::SameRoles));
        assert_eq!(admin.clone().set_roles(vec![Role::Customer], user(1)), Err(Rejection::OwnAdmin));
        assert!(admin.set_roles(vec![Role::Customer], user(2)).is_ok());
    }

    #[test]
    fn an_account_joins_and_leaves_a_group_once() {
        let group = Uuid::from_u128(1).into();
        let (member, joined) = account().join(group).unwrap();
        assert_eq!((member.groups.clone(), joined.member), (vec![group], true));
        assert_eq!(member.clone().join(group), Err(Rejection::SameGroups));
        let (left, event) = member.leave(group).unwrap();
        assert_eq!((left.groups.len(), event.member), (0, false));
        assert_eq!(left.leave(group), Err(Rejection::SameGroups));
    }

    #[test]
    fn an_account_is_in_ten_groups_at_most() {
        let group = |n| Uuid::from_u128(n).into();
        let full = (1..=10).fold(account(), |account, n| account.join(group(n)).unwrap().0);
        assert_eq!(full.clone().join(group(11)), Err(Rejection::TooManyGroups));
        assert_eq!(full.join(group(10)), Err(Rejection::SameGroups));
    }
}
