//! Why a payment was declined, in words that a customer understands.

/// The reason for display, by the payment provider's code. The codes are those of Stripe
/// (<https://docs.stripe.com/declines/codes>). For a lost or stolen card, and for suspected fraud, the customer gets the
/// general reason, as Stripe recommends.
pub(crate) fn decline_reason(code: &str) -> &'static str {
    match code {
        "insufficient_funds" => "The card does not have enough funds. Use another card.",
        "card_velocity_exceeded" | "withdrawal_count_limit_exceeded" => {
            "The limit of the card is exceeded. Use another card."
        }
        "expired_card" => "The card has expired. Use another card.",
        "incorrect_cvc"
        | "incorrect_number"
        | "incorrect_zip"
        | "invalid_cvc"
        | "invalid_expiry_month"
        | "invalid_expiry_year"
        | "invalid_number" => "The card details are wrong. Check them, or use another card.",
        "card_not_supported" | "currency_not_supported" => {
            "The card cannot be used for this purchase. Use another card."
        }
        "authentication_required" | "payment_intent_authentication_failure" => {
            "The payment was not approved with your bank. Order again and approve it, or use another card."
        }
        "canceled"
        | "issuer_not_available"
        | "processing_error"
        | "provider-unreachable"
        | "reenter_transaction"
        | "try_again_later" => "The payment could not be processed. Order again later, or use another card.",
        _ => "Your bank declined the payment. Ask your bank, or use another card.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_reads_what_to_do_and_never_the_code() {
        for code in ["insufficient_funds", "expired_card", "authentication_required", "canceled", "do_not_honor"] {
            let reason = decline_reason(code);
            assert!(reason.ends_with("another card."), "{reason}");
            assert!(!reason.contains(code), "{reason}");
        }
    }

    #[test]
    fn a_thief_does_not_read_that_the_card_is_reported_stolen() {
        for code in ["lost_card", "stolen_card", "pickup_card", "fraudulent"] {
            assert_eq!(decline_reason(code), decline_reason("generic_decline"));
        }
    }
}
