//! What operations take of a product alike: variants and prices.

use std::collections::BTreeMap;

use contracts::{
    Currency, Sku,
    events::catalog::{Price, Variant},
};
use garde::Validate;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

/// A variant of a product.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VariantInput {
    /// What is counted and sold: one product's for ever.
    #[garde(skip)]
    pub(crate) sku: Sku,
    /// What tells it from its siblings: `{"colour": "red"}`.
    #[garde(custom(texts(10)))]
    #[serde(default)]
    options: BTreeMap<String, String>,
    /// One per currency at any time.
    #[garde(length(max = 20), dive)]
    prices: Vec<PriceInput>,
}

/// A price, and when it holds.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceInput {
    #[garde(skip)]
    currency: Currency,
    /// Minor units, without tax. What is given away costs 0.
    #[garde(range(min = 0, max = 1_000_000_000))]
    amount: i64,
    /// From when on; always, when absent.
    #[garde(skip)]
    valid_from: Option<Timestamp>,
    /// Until when, exclusively; for ever, when absent.
    #[garde(skip)]
    valid_to: Option<Timestamp>,
}

impl From<VariantInput> for Variant {
    fn from(VariantInput { sku, options, prices }: VariantInput) -> Self {
        Self { sku, options, prices: prices.into_iter().map(Price::from).collect() }
    }
}

impl From<PriceInput> for Price {
    fn from(PriceInput { currency, amount, valid_from, valid_to }: PriceInput) -> Self {
        Self { amount, currency, valid_from, valid_to }
    }
}

/// Bounds of short texts by name; in a patch a text may be null.
pub(crate) fn texts<T: Clone + Into<Option<String>>>(
    most: usize,
) -> impl FnOnce(&BTreeMap<String, T>, &()) -> garde::Result {
    move |texts, ()| {
        let short = |text: &str, most| (1..=most).contains(&text.chars().count());
        let fits = |(name, text): (&String, &T)| {
            short(name, 50) && text.clone().into().is_none_or(|text: String| short(&text, 500))
        };
        if texts.len() <= most && texts.iter().all(fits) {
            return Ok(());
        }
        let bounds = format!("at most {most} names of 1 to 50 characters, with texts of 1 to 500");
        Err(garde::Error::new(bounds))
    }
}

/// Pictures are fetched over HTTPS, or from the shop itself.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
pub(crate) fn image(address: &str, (): &()) -> garde::Result {
    let known = address.starts_with("https://") || (address.starts_with('/') && !address.starts_with("//"));
    let plain = address.len() <= 2000 && !address.contains(|c: char| c.is_whitespace() || c.is_control());
    if known && plain { Ok(()) } else { Err(garde::Error::new("must be an https address, or a path of the shop")) }
}
