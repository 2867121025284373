//! Creates quotes from priced carts.

use contracts::{Address, Quote, QuoteId, Sku};
use jiff::{SignedDuration, Timestamp};
use lambda::keyring::KeyRing;

use crate::{
    cart::{Cart, Status},
    listing::Unsold,
    pricing::Priced,
    promotion,
};

/// The time for which a quote is valid.
const VALID_FOR: SignedDuration = SignedDuration::from_mins(15);

/// The keys that quotes are signed with.
pub(crate) type QuoteKeys = KeyRing<{ VALID_FOR.as_secs() }>;

/// The reason why a cart cannot be quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The cart was ordered or merged.
    Closed(Status),
    /// The cart is empty.
    Empty,
    /// These lines cannot be bought.
    Unsold(Vec<(Sku, Unsold)>),
    /// The promotion of the cart is not valid.
    Promotion(promotion::Rejection),
    /// No shipping option is chosen.
    NotShipped,
    /// The chosen shipping option no longer exists.
    ShippingGone,
}

/// Creates the quote of a priced cart. It does not check the stock: the read model can be out of date, and inventory
/// decides when the order is placed.
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
