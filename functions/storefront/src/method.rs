//! A payment method, as a visitor recognises it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{texts::Texts, variant::capitalized};

/// The cards behind the provider's test methods: reference, brand and last four digits.
const TEST_CARDS: [(&str, &str, &str); 3] =
    [("pm_card_visa", "visa", "4242"), ("pm_sandbox_3ds", "visa", "3220"), ("pm_card_chargeDeclined", "visa", "0002")];

/// A payment method: the provider's reference, and what its owner recognises it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Method {
    pub(crate) reference: String,
    pub(crate) brand: Option<String>,
    pub(crate) last4: Option<String>,
    /// Whether it is one of the provider's test methods.
    #[serde(default)]
    pub(crate) is_test: bool,
}

/// A payment method that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "MethodChoice")]
pub(crate) struct MethodView {
    /// The payment provider's reference.
    pub(crate) reference: String,
    pub(crate) name: String,
    /// What happens with it, if that is known.
    pub(crate) note: Option<String>,
    /// Whether it is the chosen one.
    pub(crate) is_chosen: bool,
}

impl Method {
    /// One of the provider's test methods.
    pub(crate) fn test(reference: &str) -> Self {
        let card = TEST_CARDS.into_iter().find(|(own, ..)| *own == reference);
        let (brand, last4) = card.map(|(_, brand, last4)| (brand.to_owned(), last4.to_owned())).unzip();
        Self { reference: reference.to_owned(), brand, last4, is_test: true }
    }

    /// Its name.
    pub(crate) fn name(&self, texts: Texts) -> String {
        if let Some(known) = texts.find(&format!("method-{}", self.reference)).filter(|_| self.is_test) {
            return known;
        }
        let brand = self.brand.as_deref().map(|brand| named(brand, texts));
        match (&self.last4, brand) {
            (Some(last4), brand) => {
                let ending = texts.with("method-ending", "last4", last4);
                format!("{} {ending}", brand.unwrap_or_else(|| texts.plain("method-card")))
            }
            (None, Some(brand)) => brand,
            (None, None) => self.reference.clone(),
        }
    }

    /// How it can be chosen.
    pub(crate) fn view(&self, is_chosen: bool, texts: Texts) -> MethodView {
        let note = self.is_test.then(|| {
            let known = texts.find(&format!("note-{}", self.reference));
            known.unwrap_or_else(|| texts.plain("note-test"))
        });
        MethodView { reference: self.reference.clone(), name: self.name(texts), note, is_chosen }
    }
}

/// The name of a brand: `Visa` for `visa`.
pub(crate) fn named(brand: &str, texts: Texts) -> String {
    match brand {
        "amex" => "American Express".to_owned(),
        "sepa" => texts.plain("method-sepa"),
        _ => capitalized(brand),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_named_as_its_owner_knows_it() {
        let some = |text: &str| Some(text.to_owned());
        let method = |brand, last4| Method { reference: "pm_1".to_owned(), brand, last4, is_test: false };
        let name = |method: Method| method.name(Texts::default());
        assert_eq!(name(method(some("visa"), some("4242"))), "Visa ending in 4242");
        assert_eq!(name(method(None, some("4242"))), "Card ending in 4242");
        assert_eq!(name(method(some("amex"), None)), "American Express");
        assert_eq!(name(method(None, None)), "pm_1");
    }

    #[test]
    fn a_test_method_says_what_happens_with_it() {
        let view = |reference: &str| Method::test(reference).view(false, Texts::default());
        assert_eq!(view("pm_card_visa").name, "Visa ending in 4242");
        assert!(view("pm_card_chargeDeclined").note.unwrap().contains("refuses"));
        let other = view("pm_other");
        assert_eq!((other.name.as_str(), other.note.as_deref()), ("pm_other", Some("Test card.")));
        // The brand of a saved method is not the key of a text.
        let saved = Method { is_test: false, brand: None, last4: None, ..Method::test("pm_card_visa") };
        assert_eq!(
            (saved.name(Texts::default()).as_str(), saved.view(true, Texts::default()).note),
            ("pm_card_visa", None)
        );
    }
}
