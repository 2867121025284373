//! Rejections, as problems that a caller is told.

use lambda::Problem;

use crate::{payment::Rejection, webhook::InvalidWebhook};

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::AlreadyDone => Self::AlreadyDone,
            Rejection::NotPaid { status } => {
                Self::new(409, "not-paid", "Nothing was paid").detail(format_args!("The payment is {status:?}."))
            }
            Rejection::NotCaptured { status } => Self::new(409, "not-captured", "The money was not taken")
                .detail(format_args!("The payment is {status:?}.")),
            Rejection::WrongCurrency { currency } => {
                Self::invalid("/amount/currency", format_args!("must be {currency}, as it was paid"))
            }
            Rejection::TooMuch { refundable } => Self::new(409, "refund-too-large", "That is more than is left")
                .detail(format_args!("{refundable} can be given back.")),
            Rejection::TooManyRefunds => {
                Self::new(409, "too-many-refunds", "The payment was given back in too many parts")
            }
        }
    }
}

impl From<InvalidWebhook> for Problem {
    fn from(invalid: InvalidWebhook) -> Self {
        match invalid {
            InvalidWebhook::Forged => Self::new(400, "invalid-signature", "The signature does not hold"),
            InvalidWebhook::Stale => Self::new(400, "stale-signature", "The signature is too old"),
            InvalidWebhook::Malformed => Self::new(400, "malformed-webhook", "This is no event"),
        }
    }
}
