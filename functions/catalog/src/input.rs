//! The input that several operations take: products, variants and prices.

use std::collections::BTreeMap;

use contracts::{
    CategoryId, Currency, ProductId, Sku, TaxClass,
    events::catalog::{Price, Variant},
};
use garde::Validate;
use jiff::Timestamp;
use lambda::LongText;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    category::Category,
    product::{Change, Content, Product, Rejection, Status},
};

/// The maximum length of the texts of a product, in characters. That of a name and of a text is for attributes and options.
pub(crate) const LONGEST_TITLE: usize = 200;
pub(crate) const LONGEST_DESCRIPTION: usize = 10_000;
pub(crate) const LONGEST_NAME: usize = 50;
pub(crate) const LONGEST_TEXT: usize = 500;
/// The maximum number of entries of the lists of a product. Options and prices are those of a variant.
pub(crate) const MOST_CATEGORIES: usize = 5;
pub(crate) const MOST_IMAGES: usize = 20;
pub(crate) const MOST_ATTRIBUTES: usize = 50;
pub(crate) const MOST_VARIANTS: usize = 40;
pub(crate) const MOST_OPTIONS: usize = 10;
pub(crate) const MOST_PRICES: usize = 20;

/// A new product.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateProduct {
    #[garde(length(chars, min = 1, max = LONGEST_TITLE))]
    title: String,
    #[garde(length(chars, max = LONGEST_DESCRIPTION))]
    #[serde(default)]
    description: LongText,
    /// `published` or `draft`. Defaults to `published`.
    #[garde(skip)]
    status: Option<Status>,
    /// The categories of the product. It is also listed in all categories above these.
    #[garde(length(max = MOST_CATEGORIES))]
    #[serde(default)]
    pub(crate) category_ids: Vec<CategoryId>,
    /// URLs of pictures, the main picture first.
    #[garde(length(max = MOST_IMAGES), inner(custom(image)))]
    #[serde(default)]
    images: Vec<String>,
    /// Attributes by name: `{"material": "steel"}`.
    #[garde(custom(texts(MOST_ATTRIBUTES, |text: &LongText| Some(text))))]
    #[serde(default)]
    attributes: BTreeMap<String, LongText>,
    /// The tax class, which the tax rates of a country have a percentage for. Defaults to `standard`.
    #[garde(skip)]
    #[serde(default)]
    tax_class: TaxClass,
    #[garde(length(max = MOST_VARIANTS), dive)]
    variants: Vec<VariantInput>,
}

impl CreateProduct {
    /// Creates the product. `categories` are those of its categories that exist.
    pub(crate) fn create(self, id: ProductId, categories: &[Category]) -> Result<Change, Rejection> {
        let (status, content) = self.into_content();
        Product::create(id, status.unwrap_or(Status::Published), content, categories)
    }

    /// The status, if it is given, and the content.
    pub(crate) fn into_content(self) -> (Option<Status>, Content) {
        let Self { title, description, status, category_ids, images, attributes, tax_class, variants } = self;
        let variants = variants.into_iter().map(Variant::from).collect();
        let attributes = attributes.into_iter().map(|(name, text)| (name, text.into())).collect();
        let description = description.into();
        (status, Content { title, description, categories: category_ids, images, attributes, tax_class, variants })
    }

    /// The SKUs of its variants.
    pub(crate) fn skus(&self) -> impl Iterator<Item = &Sku> {
        self.variants.iter().map(|variant| &variant.sku)
    }
}

/// A variant of a product.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VariantInput {
    /// The stock keeping unit. No other product can ever use it.
    #[garde(skip)]
    pub(crate) sku: Sku,
    /// The options that distinguish the variant from the others: `{"colour": "red"}`.
    #[garde(custom(texts(MOST_OPTIONS, |text: &String| Some(text))))]
    #[serde(default)]
    options: BTreeMap<String, String>,
    /// At most one price per currency at any time.
    #[garde(length(max = MOST_PRICES), dive)]
    prices: Vec<PriceInput>,
}

/// A price, and when it is valid.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriceInput {
    #[garde(skip)]
    currency: Currency,
    /// The amount in minor units. May be 0. It contains the tax in the countries whose tax rates are `included`.
    #[garde(range(min = 0, max = 1_000_000_000))]
    amount: i64,
    /// The time from which the price is valid. If absent, the price is valid at once.
    #[garde(skip)]
    valid_from: Option<Timestamp>,
    /// The time until which the price is valid, exclusive. If absent, there is no end.
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

/// Checks the code of a country.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
pub(crate) fn country(code: &str, (): &()) -> garde::Result {
    if addresses::is_country(code) { Ok(()) } else { Err(garde::Error::new(addresses::UNKNOWN_COUNTRY)) }
}

/// Checks short texts by name. `text` is the text of a value; in a patch there may be none.
pub(crate) fn texts<T>(
    most: usize,
    text: impl Fn(&T) -> Option<&str>,
) -> impl FnOnce(&BTreeMap<String, T>, &()) -> garde::Result {
    move |texts, ()| {
        let short = |text: &str, most| (1..=most).contains(&text.chars().count());
        let fits = |(name, value): (&String, &T)| {
            short(name, LONGEST_NAME) && text(value).is_none_or(|text| short(text, LONGEST_TEXT))
        };
        if texts.len() <= most && texts.iter().all(fits) {
            return Ok(());
        }
        let bounds = format!(
            "must have at most {most} names of 1 to {LONGEST_NAME} characters, each with a text of 1 to {LONGEST_TEXT} characters"
        );
        Err(garde::Error::new(bounds))
    }
}

/// Checks the URL of a picture: an HTTPS URL, or a path of the shop. Several in one text are not a URL.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that garde calls")]
pub(crate) fn image(address: &str, (): &()) -> garde::Result {
    let known = address.starts_with("https://") || (address.starts_with('/') && !address.starts_with("//"));
    let plain = address.len() <= 2000 && !address.contains(|c: char| c.is_whitespace() || c.is_control());
    let single = ![",http", ";http", "|"].iter().any(|joint| address.contains(joint));
    if known && plain && single {
        Ok(())
    } else {
        Err(garde::Error::new("must be one https URL or one path that starts with /"))
    }
}
