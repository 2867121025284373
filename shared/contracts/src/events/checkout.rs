//! The events of `checkout`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{CartId, UserId};

/// A key that quotes are signed with from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuoteKeyPublished {
    /// The key's id, as in the quote's header.
    pub kid: String,
    /// The Ed25519 public key, base64url.
    pub x: String,
    /// The time after which signatures of this key are invalid.
    pub expires_at: Timestamp,
}

/// A cart with items was abandoned: it was not changed for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartAbandoned {
    /// The cart.
    pub cart: CartId,
    /// The customer.
    pub customer: UserId,
    /// The number of units in the cart.
    pub units: u32,
}

/// A cart was merged into another cart. Its quotes can no longer be ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartMerged {
    /// The cart.
    pub cart: CartId,
    /// The generation of the cart.
    pub generation: u64,
    /// The cart that it was merged into.
    pub into: CartId,
}

/// A promotion was created or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionChanged {
    /// The promotion's code.
    pub code: String,
    /// Whether the promotion can be applied.
    pub active: bool,
}

/// Tax or shipping rates were set for a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RatesChanged {
    /// `tax` or `shipping`.
    pub kind: String,
    /// The country code (ISO 3166-1 alpha-2).
    pub country: String,
}

super::events! { "souk.checkout":
    QuoteKeyPublished = "QuoteKeyPublished.v1",
    CartAbandoned = "CartAbandoned.v1",
    CartMerged = "CartMerged.v1",
    PromotionChanged = "PromotionChanged.v1",
    RatesChanged = "RatesChanged.v1",
}
