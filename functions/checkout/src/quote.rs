//! Creates quotes from priced carts.

use contracts::{Address, PromotionId, Quote, QuoteId, Sku};
use jiff::{SignedDuration, Timestamp};
use lambda::keyring::KeyRing;

use crate::{
    cart::{Cart, MOST_ORDERS, Status},
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
    Unsold(Vec<(usize, Sku, Unsold)>),
    /// These lines need more than the stock, by their place in the cart, with what is available.
    OutOfStock(Vec<(usize, Sku, u32)>),
    /// Too many orders of the cart can still be cancelled.
    TooManyOrders,
    /// A promotion of the cart takes nothing off, for another reason than that it does not combine.
    Promotion(promotion::Rejection),
    /// No shipping option is chosen.
    NotShipped,
    /// The chosen shipping option no longer exists.
    ShippingGone,
}

/// Creates the quote of a priced cart. `limited` are the promotions with a limit of uses. The stock is checked with the read model, which can be out of date. Inventory
/// decides when the order is placed.
pub(crate) fn quote(
    id: QuoteId,
    cart: &Cart,
    priced: &Priced,
    limited: &[PromotionId],
    ship_to: Option<Address>,
    now: Timestamp,
) -> Result<Quote, Rejection> {
    if cart.status != Status::Open {
        return Err(Rejection::Closed(cart.status));
    }
    if cart.lines.is_empty() {
        return Err(Rejection::Empty);
    }
    if cart.open_orders(now) >= MOST_ORDERS {
        return Err(Rejection::TooManyOrders);
    }
    let unsold: Vec<_> = priced.unsold().map(|(at, sku, why)| (at, sku.clone(), why)).collect();
    if !unsold.is_empty() {
        return Err(Rejection::Unsold(unsold));
    }
    let short = priced.short().filter(|(at, _, _)| !priced.lines[*at].line.may_be_held(now));
    let short: Vec<_> = short.map(|(at, sku, left)| (at, sku.clone(), left)).collect();
    if !short.is_empty() {
        return Err(Rejection::OutOfStock(short));
    }
    if let Some(why) = priced.refused().next() {
        return Err(Rejection::Promotion(why.clone()));
    }
    let ship_to = ship_to.ok_or(Rejection::NotShipped)?;
    let (option, _) = priced.shipping.as_ref().ok_or(Rejection::ShippingGone)?;
    Ok(Quote {
        jti: id,
        sub: cart.owner,
        exp: (now + VALID_FOR).as_second(),
        iat: now.as_second(),
        cart: cart.id,
        generation: cart.generation,
        lines: priced.sold().cloned().collect(),
        totals: priced.totals.clone(),
        redemptions: priced.saving().filter(|promotion| limited.contains(promotion)).collect(),
        shipping_option: option.id.clone(),
        ship_to,
    })
}
