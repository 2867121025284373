//! The quote, which checkout signs.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Address, CartId, OrderLine, PromotionId, QuoteId, Totals, UserId};

/// The claims of a signed quote (JWS, Ed25519). Services verify it with checkout's published key, so `orders` does
/// not call checkout and a caller cannot change a price. The token also contains `iss` (checkout of the stage), `aud`
/// (orders of the stage) and `nbf`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// The quote's id. A quote can be used for one order only.
    pub jti: QuoteId,
    /// The caller that it was made for.
    pub sub: UserId,
    /// The time at which it expires, in Unix seconds: 15 minutes after `iat`.
    pub exp: i64,
    /// The time at which it was made, in Unix seconds.
    pub iat: i64,
    /// The cart of the quote.
    pub cart: CartId,
    /// The generation of the cart. All quotes of one generation can be used for one order only.
    #[serde(default)]
    pub generation: u64,
    /// The lines, 1 to 40, one per SKU.
    pub lines: Vec<OrderLine>,
    /// The totals.
    pub totals: Totals,
    /// The promotions that are held for this generation of the cart, because they can be used a limited number of times.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redemptions: Vec<PromotionId>,
    /// The id of the chosen shipping option.
    pub shipping_option: String,
    /// The shipping address.
    pub ship_to: Address,
}

impl Quote {
    /// The time at which the quote expires.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_second(self.exp).unwrap_or(Timestamp::MIN)
    }
}

/// A step in the calculation of a price: a rule, and the amount that it adds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Adjustment {
    /// The rule: `price` (the catalog's price), `price:` and the id of a price list, `promotion:` and the code of a
    /// promotion (or its id, if it has no code), `shipping:` and the id of a shipping option, or `tax:` and a country,
    /// with its region if that has its own rates: `tax:US-CA`.
    pub rule: String,
    /// A description of the change, for display.
    pub description: String,
    /// The change of the total. Negative amounts reduce it.
    pub amount: crate::Money,
}
