//! References to payment methods, in saved payment methods and in orders.

/// The maximum length of a reference, without its prefix.
const LONGEST: usize = 64;
/// The minimum number of digits of a card number (ISO/IEC 7812).
const CARD_NUMBER: usize = 12;

/// Checks that a text is the payment provider's reference of a payment method, `pm_…`, and not a card number.
pub fn payment_reference(text: &str, (): &()) -> garde::Result {
    let below = text.strip_prefix("pm_").unwrap_or_default();
    let form = (1..=LONGEST).contains(&below.len()) && below.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !form {
        return Err(garde::Error::new("must be the payment provider's reference, such as pm_card_visa"));
    }
    no_card_number(text, &())
}

/// Checks that a text does not contain anything that looks like a card number.
pub fn no_card_number(text: &str, (): &()) -> garde::Result {
    let digits = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '_')).collect::<String>();
    let longest = digits.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    if longest < CARD_NUMBER { Ok(()) } else { Err(garde::Error::new("must not be a card number")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_the_providers_and_no_card_number() {
        let longest = format!("pm_{}", "x".repeat(64));
        for text in ["pm_card_visa", "pm_1MqLiJLkdIwHu7ixUEgbFdYF", longest.as_str()] {
            assert!(payment_reference(text, &()).is_ok(), "{text}");
        }
        let longer = format!("{longest}x");
        for text in ["", "pm_", "card_visa", "pm_card visa", "4242424242424242", "pm_4242_4242_4242_4242", &longer] {
            assert!(payment_reference(text, &()).is_err(), "{text}");
        }
    }
}
