//! A user's payment methods: references to those that the payment provider stores, never card numbers.

use std::fmt;

use contracts::{PaymentMethodId, Sealed, UserId, events::users::ProfileChanged, no_card_number, payment_reference};
use dynamo::Version;
use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The maximum number of payment methods of a user.
pub(crate) const MOST: usize = 20;

/// A payment method: the provider's reference, and the data by which its owner recognises it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PaymentMethod {
    /// The payment provider's reference: `pm_…`.
    #[garde(custom(payment_reference))]
    pub(crate) reference: String,
    /// The brand: `visa`, `sepa`, …
    #[garde(length(chars, min = 1, max = 30), inner(custom(no_card_number)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) brand: Option<String>,
    /// The last four digits of the number.
    #[garde(inner(custom(four_digits)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last4: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
fn four_digits(text: &str, (): &()) -> garde::Result {
    let four = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    if four { Ok(()) } else { Err(garde::Error::new("must be four digits")) }
}

impl fmt::Debug for PaymentMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentMethod").finish_non_exhaustive()
    }
}

/// A user's payment methods, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wallet {
    pub(crate) owner: UserId,
    pub(crate) methods: Vec<SavedMethod>,
    pub(crate) version: Version,
}

/// A payment method, sealed with its owner's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SavedMethod {
    pub(crate) id: PaymentMethodId,
    pub(crate) sealed: Sealed<PaymentMethod>,
}

/// Why the payment methods cannot be changed this way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// There are as many payment methods as allowed.
    Full,
}

impl Wallet {
    /// An empty wallet.
    pub(crate) fn new(owner: UserId) -> Self {
        Self { owner, methods: Vec::new(), version: Version::default() }
    }

    /// Adds a payment method.
    pub(crate) fn add(
        mut self,
        id: PaymentMethodId,
        sealed: Sealed<PaymentMethod>,
    ) -> Result<(Self, ProfileChanged), Rejection> {
        if self.methods.len() >= MOST {
            return Err(Rejection::Full);
        }
        self.methods.push(SavedMethod { id, sealed });
        Ok(self.changed())
    }

    /// Removes a payment method. `None` if there is no such payment method.
    pub(crate) fn remove(mut self, id: PaymentMethodId) -> Option<(Self, ProfileChanged)> {
        let before = self.methods.len();
        self.methods.retain(|saved| saved.id != id);
        (self.methods.len() < before).then(|| self.changed())
    }

    fn changed(self) -> (Self, ProfileChanged) {
        let event = ProfileChanged { user: self.owner, fields: vec!["paymentMethods".to_owned()] };
        (self, event)
    }
}

#[cfg(test)]
mod tests {
    use lambda::testing::user;
    use uuid::Uuid;

    use super::*;

    fn valid(reference: &str, brand: &str, last4: &str) -> bool {
        let [brand, last4] = [brand, last4].map(|text| Some(text.to_owned()));
        PaymentMethod { reference: reference.to_owned(), brand, last4 }.validate().is_ok()
    }

    #[test]
    fn a_reference_of_the_provider_is_kept() {
        assert!(valid("pm_card_visa", "visa", "4242"));
        assert!(valid("pm_1MqLiJLkdIwHu7ixUEgbFdYF", "Visa Debit", "0000"));
    }

    #[test]
    fn what_looks_like_a_card_number_is_refused_wherever_it_stands() {
        for (reference, brand, last4) in [
            ("4242424242424242", "visa", "4242"),
            ("pm_4242424242424242", "visa", "4242"),
            ("pm_4242_4242_4242_4242", "visa", "4242"),
            ("pm_card_visa", "4242 4242-4242 4242", "4242"),
            ("pm_card_visa", "visa", "4242424242424242"),
            ("pm_", "visa", "4242"),
            ("pm_card visa", "visa", "4242"),
            ("pm_card_visa", "visa", "424"),
        ] {
            assert!(!valid(reference, brand, last4), "{reference} {brand} {last4}");
        }
    }

    #[test]
    fn a_wallet_holds_twenty_payment_methods() {
        let id = |n| Uuid::from_u128(n).into();
        let sealed = || Sealed::from_ciphertext(String::new());
        let full = (1..=20).fold(Wallet::new(user(1)), |wallet, n| wallet.add(id(n), sealed()).unwrap().0);
        assert_eq!(full.clone().add(id(21), sealed()), Err(Rejection::Full));
        let (left, event) = full.remove(id(7)).unwrap();
        assert_eq!((left.methods.len(), event.fields), (19, vec!["paymentMethods".to_owned()]));
        assert_eq!(left.remove(id(7)), None);
    }
}
