//! What `checkout` states.

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
    /// From when on nothing signed with it is valid.
    pub expires_at: Timestamp,
}

/// A cart with something in it was left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CartAbandoned {
    /// Which.
    pub cart: CartId,
    /// Whose.
    pub customer: UserId,
    /// How many units are in it.
    pub units: u32,
}

/// A promotion was made, or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionChanged {
    /// Its code.
    pub code: String,
    /// Whether it can be applied.
    pub active: bool,
}

/// Tax or shipping rates were set for a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RatesChanged {
    /// `tax` or `shipping`.
    pub kind: String,
    /// ISO 3166-1 alpha-2.
    pub country: String,
}

super::events! { "souk.checkout":
    QuoteKeyPublished = "QuoteKeyPublished.v1",
    CartAbandoned = "CartAbandoned.v1",
    PromotionChanged = "PromotionChanged.v1",
    RatesChanged = "RatesChanged.v1",
}
