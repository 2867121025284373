//! Converts rejections into problems for the caller.

use contracts::QuoteId;
use lambda::{Problem, jws::InvalidToken};

use crate::{order::Rejection, store::Claim};

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::AlreadyDone => Self::AlreadyDone,
            Rejection::Unexpected { status } => {
                Self::new(409, "unexpected-status", "The order's status does not allow this")
                    .detail(format_args!("It is {}.", status.as_str()))
            }
            Rejection::AlreadyShipped { status } => {
                Self::new(409, "order-already-shipped", "The order was already shipped")
                    .detail(format_args!("It is {}; it can only be returned.", status.as_str()))
            }
            Rejection::AlreadyCancelled => Self::new(409, "order-already-cancelled", "The order is already cancelled")
                .detail("A cancelled order cannot be changed."),
        }
    }
}

/// The problem of an invalid quote.
pub(crate) fn invalid_quote(reason: InvalidToken) -> Problem {
    match reason {
        InvalidToken::Expired => Problem::new(422, "quote-expired", "The quote has expired")
            .detail("A quote is valid for 15 minutes. Request a new one."),
        InvalidToken::Forged | InvalidToken::UnknownKey => not_this_quote(),
    }
}

/// The quote was not made by checkout, was changed, or was made for another caller.
pub(crate) fn not_this_quote() -> Problem {
    Problem::new(422, "invalid-quote", "The quote is invalid")
        .detail("Send the quote unchanged, as the caller who requested it.")
}

/// The quote belongs to a generation of a cart that was ordered or merged.
pub(crate) fn already_claimed(claim: Claim, quote: QuoteId) -> Problem {
    match claim {
        Claim::Ordered { order, quote: used } if used == quote => {
            Problem::new(409, "quote-already-used", "The quote was used before")
                .detail(format_args!("It was used for the order {order}."))
        }
        Claim::Ordered { order, .. } => Problem::new(409, "cart-already-ordered", "The cart was already ordered")
            .detail(format_args!("The order {order} was placed from it. Request a new quote to order what is left.")),
        Claim::Merged { into } => Problem::new(409, "cart-closed", "The cart is closed")
            .detail(format_args!("It was merged into the cart {into}. Request a quote of that cart.")),
    }
}
