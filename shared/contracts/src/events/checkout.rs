//! The events of `checkout`.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CartId, PromotionId, UserId};

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

/// Whether a promotion can be applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PromotionStatus {
    /// Its time has not begun.
    Scheduled,
    /// It can be applied.
    Active,
    /// A merchant paused it.
    Paused,
    /// Its total limit is reached. Uses that quotes hold count, so it becomes active again if one of them lapses or is
    /// released.
    Exhausted,
    /// A merchant ended it, or its time is over.
    Ended,
}

/// A promotion was created, changed or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionChanged {
    /// The promotion.
    pub promotion: PromotionId,
    /// Its code. `None` if it is applied without a code.
    pub code: Option<String>,
    /// Its status at the time of the event. No event is published when its start or end time passes or when its limit
    /// is reached.
    pub status: PromotionStatus,
}

/// The state of a use of a promotion with a total limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RedemptionState {
    /// A quote holds it.
    Held,
    /// An order was placed from the quote.
    Redeemed,
    /// The order was cancelled before dispatch.
    Released,
    /// No order was known an hour after the last quote expired.
    Lapsed,
}

/// The state of a use of a promotion with a total limit changed. A cart has at most one use of each promotion per
/// generation. The generation of a cart increases with each order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RedemptionChanged {
    /// The promotion.
    pub promotion: PromotionId,
    /// The cart.
    pub cart: CartId,
    /// The generation of the cart.
    pub generation: u64,
    /// The new state of the use.
    pub state: RedemptionState,
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

/// The event of an order arrived after the order's use of a promotion had lapsed. The use is still counted, so the
/// promotion may have been used more often than its limit allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PromotionOverrun {
    /// The promotion.
    pub promotion: PromotionId,
    /// The cart.
    pub cart: CartId,
    /// The generation of the cart.
    pub generation: u64,
}

super::events! { "souk.checkout":
    QuoteKeyPublished = "QuoteKeyPublished.v1",
    CartAbandoned = "CartAbandoned.v1",
    CartMerged = "CartMerged.v1",
    PromotionChanged = "PromotionChanged.v2",
    RedemptionChanged = "RedemptionChanged.v1",
    PromotionOverrun = "PromotionOverrun.v1",
    RatesChanged = "RatesChanged.v1",
}
