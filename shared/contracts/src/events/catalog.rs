//! What `catalog` states.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CategoryId, Currency, Money, ProductId, Sku};

/// A price of a variant, and when it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Minor units, without tax.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// From when on; always, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// Until when, exclusively; for ever, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
}

impl Price {
    /// The price as money.
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// Whether it holds at a time.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= now) && self.valid_to.is_none_or(|to| now < to)
    }
}

/// A variant of a product, as it is sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    /// What is counted and sold.
    pub sku: Sku,
    /// What tells it from its siblings: `{"colour": "red"}`.
    pub options: BTreeMap<String, String>,
    /// Its prices, in any number of currencies.
    pub prices: Vec<Price>,
}

/// A product as it is on sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// Which.
    pub id: ProductId,
    /// Its title.
    pub title: String,
    /// Its categories.
    pub categories: Vec<CategoryId>,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// A product went on sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductPublished {
    /// The product, whole.
    pub product: Product,
}

/// A product on sale was changed in anything but its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductChanged {
    /// The product, whole.
    pub product: Product,
    /// SKUs that it no longer has.
    #[serde(default)]
    pub removed: Vec<Sku>,
}

/// A product is no longer on sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductArchived {
    /// Which.
    pub product: ProductId,
    /// Its SKUs.
    pub skus: Vec<Sku>,
}

/// The prices of one variant were set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceChanged {
    /// Of which product.
    pub product: ProductId,
    /// The product's title.
    pub title: String,
    /// Of which variant.
    pub sku: Sku,
    /// All its prices from now on.
    pub prices: Vec<Price>,
}

/// A category was made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CategoryChanged {
    /// Which.
    pub category: CategoryId,
    /// Its name.
    pub name: String,
    /// The category above it; none for a root.
    pub parent: Option<CategoryId>,
}

super::events! { "souk.catalog":
    ProductPublished = "ProductPublished.v1",
    ProductChanged = "ProductChanged.v1",
    ProductArchived = "ProductArchived.v1",
    PriceChanged = "PriceChanged.v1",
    CategoryChanged = "CategoryChanged.v1",
}
