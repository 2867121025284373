//! The events of `users`. No event contains a name, an e-mail address or any other personal data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CustomerGroupId, Role, UserId};

/// An account was created, for a new user or for a guest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRegistered {
    /// The user.
    pub user: UserId,
    /// The roles of the new account.
    pub roles: Vec<Role>,
}

/// A user changed their own profile, addresses or payment methods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProfileChanged {
    /// The user.
    pub user: UserId,
    /// The names of the fields that changed, such as `name` or `addresses`.
    pub fields: Vec<String>,
}

/// An administrator set a user's roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RolesChanged {
    /// The user.
    pub user: UserId,
    /// All roles of the user.
    pub roles: Vec<Role>,
}

/// A user joined or left a customer group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CustomerGroupChanged {
    /// The group.
    pub group: CustomerGroupId,
    /// The user.
    pub user: UserId,
    /// Whether the user is a member of the group now.
    pub member: bool,
}

/// A key that access tokens are signed with from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SigningKeyPublished {
    /// The key's id, as in the token's header.
    pub kid: String,
    /// The Ed25519 public key, base64url.
    pub x: String,
    /// The time after which signatures of this key are invalid.
    pub expires_at: Timestamp,
}

super::events! { "souk.users":
    UserRegistered = "UserRegistered.v1",
    ProfileChanged = "ProfileChanged.v1",
    RolesChanged = "RolesChanged.v1",
    CustomerGroupChanged = "CustomerGroupChanged.v1",
    SigningKeyPublished = "SigningKeyPublished.v1",
}
