//! A product as it is searched.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{CategoryId, Currency, ProductId, Sku, events::catalog::Price};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A product as it is searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The product.
    pub id: ProductId,
    /// The version of the product.
    pub product_version: u64,
    /// Its title.
    pub title: String,
    /// Its description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Its first picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The categories that a merchant put it in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_categories: Vec<CategoryId>,
    /// All categories that list it, with their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Named>,
    /// Its attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Its variants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<Offer>,
    /// What other services say of it.
    #[serde(default)]
    pub signals: Signals,
}

/// A category with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// The category.
    pub id: CategoryId,
    /// Its name.
    pub name: String,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The stock keeping unit.
    pub sku: Sku,
    /// The options that distinguish the variant from the others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Its prices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prices: Vec<Price>,
}

/// What other services say of a product, in steps so coarse that few changes matter.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signals {
    /// Whether a variant can be sold now.
    #[serde(default)]
    pub in_stock: bool,
    /// Its rating. `None` if it has no ratings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// The binary logarithm of the units sold lately, at most 16.
    #[serde(default)]
    pub popularity: u8,
}

/// The rating of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    /// The average in tenths: 10 to 50.
    pub tenths: u8,
    /// The number of ratings.
    pub count: u32,
}

impl Document {
    /// The lowest and the highest price at a time: in a currency, or in the currency that the product names first.
    pub fn price_at(&self, currency: Option<Currency>, now: Timestamp) -> Option<(i64, i64, Currency)> {
        let valid = || self.prices_at(now);
        let currency = currency.or_else(|| valid().next().map(|price| price.currency))?;
        let amounts = || valid().filter(|price| price.currency == currency).map(|price| price.amount);
        Some((amounts().min()?, amounts().max()?, currency))
    }

    /// The prices that are valid at a time.
    pub(crate) fn prices_at(&self, now: Timestamp) -> impl Iterator<Item = &Price> {
        self.variants.iter().flat_map(|variant| &variant.prices).filter(move |price| price.holds_at(now))
    }

    /// Whether a price of it begins or ends.
    pub(crate) fn has_windows(&self) -> bool {
        let mut prices = self.variants.iter().flat_map(|variant| &variant.prices);
        prices.any(|price| price.valid_from.is_some() || price.valid_to.is_some())
    }

    /// Its values by facet, each once: the facet's name, the value, and the text to show.
    pub(crate) fn facets(&self) -> BTreeSet<(&str, String, &str)> {
        let options = self.variants.iter().flat_map(|variant| &variant.options);
        let plain = self.attributes.iter().chain(options);
        let plain = plain.map(|(name, value)| (&**name, value.clone(), &**value));
        let categories = self.categories.iter().map(|one| (CATEGORY, one.id.to_string(), &*one.name));
        plain.filter(|(name, ..)| *name != CATEGORY).chain(categories).collect()
    }
}

/// The facet of the categories. An attribute of this name is no facet.
pub(crate) const CATEGORY: &str = "category";
