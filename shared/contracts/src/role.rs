//! The roles of a principal.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A role of a user. The roles decide which operations the user may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A customer without an account.
    Guest,
    /// A customer with an account.
    Customer,
    /// Manages the catalog, stock, prices and promotions.
    Merchant,
    /// Delivers shipments.
    Courier,
    /// Reads orders, payments, shipments and accounts of everyone, refunds payments and cancels orders.
    Support,
    /// May do what every other role may do, also where a text names only another role. A cart, and the addresses and payment
    /// methods of an account, are accessible only to their owner.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [Self::Guest, Self::Customer, Self::Merchant, Self::Courier, Self::Support, Self::Admin];

    /// The role's name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Customer => "customer",
            Self::Merchant => "merchant",
            Self::Courier => "courier",
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that does not name a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a role: {0}")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}
