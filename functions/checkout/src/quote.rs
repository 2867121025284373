//! A quote: what checkout vouches for, made from a priced cart.

use contracts::{Address, Quote, QuoteId, Sku};
use jiff::{SignedDuration, Timestamp};
use lambda::keyring::KeyRing;

use crate::{
    cart::{Cart, Status},
    listing::Unsold,
    pricing::Priced,
    promotion,
};

/// How long a quote holds.
const VALID_FOR: SignedDuration = SignedDuration::from_mins(15);

/// The keys that quotes are signed with.
pub(crate) type QuoteKeys = KeyRing<{ VALID_FOR.as_secs() }>;

/// Why a cart cannot be quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// It was ordered or merged.
    Closed(Status),
    /// There is nothing in it.
    Empty,
    /// These lines cannot be bought.
    Unsold(Vec<(Sku, Unsold)>),
    /// Its promotion takes nothing off any more.
    Promotion(promotion::Rejection),
    /// No way of shipping is chosen.
    NotShipped,
    /// The chosen way of shipping is not there any more.
    ShippingGone,
}

/// Quotes a cart as it is priced. Stock does not decide: what checkout knows of it is a moment old, and
/// inventory alone counts.
pub(crate) fn quote(
    id: QuoteId,
    cart: &Cart,
    priced: &Priced,
    ship_to: Option<Address>,
    now: Timestamp,
) -> Result<Quote, Rejection> {
    if cart.status != Status::Open {
        return Err(Rejection::Closed(cart.status));
    }
    if cart.lines.is_empty() {
        return Err(Rejection::Empty);
    }
    let unsold: Vec<_> = priced.unsold().map(|(sku, why)| (sku.clone(), why)).collect();
    if !unsold.is_empty() {
        return Err(Rejection::Unsold(unsold));
    }
    priced.promotion.clone().map_err(Rejection::Promotion)?;
    let ship_to = ship_to.ok_or(Rejection::NotShipped)?;
    let (option, _) = priced.shipping.as_ref().ok_or(Rejection::ShippingGone)?;
    Ok(Quote {
        jti: id,
        sub: cart.owner,
        exp: (now + VALID_FOR).as_second(),
        iat: now.as_second(),
        cart: cart.id,
        lines: priced.sold().cloned().collect(),
        totals: priced.totals.clone(),
        shipping_option: option.id.clone(),
        ship_to,
    })
}
