//! The quote: what checkout vouches for with its signature.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Address, CartId, OrderLine, QuoteId, Totals, UserId};

/// The claims of a signed quote (JWS, Ed25519). Whoever holds checkout's published key can verify
/// it, so an order needs no call to checkout and nobody can change a price. With them are signed `iss`, checkout of the
/// stage, `aud`, orders of the stage, and `nbf`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// The quote's own id: one order per quote, ever.
    pub jti: QuoteId,
    /// Whom it was made for.
    pub sub: UserId,
    /// Unix seconds after which it is void: 15 minutes after it was made.
    pub exp: i64,
    /// Unix seconds at which it was made.
    pub iat: i64,
    /// The cart that it prices.
    pub cart: CartId,
    /// What is bought: 1 to 40 lines, one per SKU.
    pub lines: Vec<OrderLine>,
    /// The sums.
    pub totals: Totals,
    /// The id of the chosen shipping option.
    pub shipping_option: String,
    /// Where it goes.
    pub ship_to: Address,
}

impl Quote {
    /// When the quote becomes void.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_second(self.exp).unwrap_or(Timestamp::MIN)
    }
}

/// One step of a quote's trace: which rule changed the price, and by how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Adjustment {
    /// The rule, such as `price`, `promotion:WELCOME10`, `shipping:standard`, `tax:GB`.
    pub rule: String,
    /// What the rule did, for a person to read.
    pub description: String,
    /// By how much it changed the total; negative takes off.
    pub amount: crate::Money,
}
