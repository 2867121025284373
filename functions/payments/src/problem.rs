//! Converts rejections into problems for the caller.

use lambda::Problem;

use crate::{payment::Rejection, webhook::InvalidWebhook};

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::AlreadyDone => Self::AlreadyDone,
            Rejection::NotPaid { status } => {
                Self::new(409, "not-paid", "Nothing was paid").detail(format_args!("The payment is {status}."))
            }
            Rejection::NotCaptured { status } => Self::new(409, "not-captured", "The payment was not captured")
                .detail(format_args!("The payment is {status}.")),
            Rejection::WrongCurrency { currency } => {
                Self::invalid("/amount/currency", format_args!("must be {currency}, as it was paid"))
            }
            Rejection::TooMuch { refundable } => {
                Self::new(409, "refund-too-large", "The refund is larger than the refundable amount")
                    .detail(format_args!("At most {refundable} can be refunded."))
            }
            Rejection::TooManyRefunds => Self::new(409, "too-many-refunds", "The payment has too many refunds")
                .detail("Refund the rest in the payment provider's dashboard."),
        }
    }
}

impl From<InvalidWebhook> for Problem {
    fn from(invalid: InvalidWebhook) -> Self {
        match invalid {
            InvalidWebhook::Forged => Self::new(400, "invalid-signature", "The signature is invalid")
                .detail("Sign the body with the webhook's secret, and send it unchanged."),
            InvalidWebhook::Stale => Self::new(400, "stale-signature", "The signature is too old")
                .detail("Sign the body again with the current time."),
            InvalidWebhook::Malformed => Self::new(400, "malformed-webhook", "The body is not an event")
                .detail("Send an event of the payment provider as JSON."),
        }
    }
}
