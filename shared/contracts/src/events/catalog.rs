//! The events of `catalog`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CategoryId, Currency, CustomerGroupId, Money, PriceListId, ProductId, Sku, TaxClass};

/// A price of a variant, and the period in which it is valid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// The amount in minor units. The tax rates of the country that it is sold to say whether it contains the tax.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
    /// The time from which the price is valid. If absent, there is no start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// The time until which the price is valid, exclusive. If absent, there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
}

impl Price {
    /// The price as money.
    pub const fn money(&self) -> Money {
        Money::new(self.amount, self.currency)
    }

    /// Returns whether the price is valid at a time.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= now) && self.valid_to.is_none_or(|to| now < to)
    }
}

/// A variant of a product on sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Variant {
    /// The stock keeping unit.
    pub sku: Sku,
    /// The options that distinguish the variant from the others: `{"colour": "red"}`.
    pub options: BTreeMap<String, String>,
    /// Its prices, in any number of currencies.
    pub prices: Vec<Price>,
}

/// A product on sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    /// The id.
    pub id: ProductId,
    /// Its title.
    pub title: String,
    /// Its description, in plain text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The paths or URLs of its images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<String>,
    /// Its attributes by name: `{"material": "oak"}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, String>,
    /// Its categories.
    pub categories: Vec<CategoryId>,
    /// Its categories and all categories above them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed_in: Vec<CategoryId>,
    /// Its tax class.
    #[serde(default, skip_serializing_if = "TaxClass::is_standard")]
    pub tax_class: TaxClass,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// A product went on sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductPublished {
    /// The complete product.
    pub product: Product,
}

/// A product on sale was changed, except for its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductChanged {
    /// The complete product.
    pub product: Product,
    /// The SKUs that were removed.
    #[serde(default)]
    pub removed: Vec<Sku>,
}

/// A product is no longer on sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProductArchived {
    /// The id.
    pub product: ProductId,
    /// Its SKUs.
    pub skus: Vec<Sku>,
}

/// The prices of one variant were set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceChanged {
    /// The product's id.
    pub product: ProductId,
    /// The product's title.
    pub title: String,
    /// The product's categories and all categories above them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed_in: Vec<CategoryId>,
    /// The product's tax class.
    #[serde(default, skip_serializing_if = "TaxClass::is_standard")]
    pub tax_class: TaxClass,
    /// The SKU of the variant.
    pub sku: Sku,
    /// All current prices of the variant.
    pub prices: Vec<Price>,
}

/// A category was created or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CategoryChanged {
    /// The id.
    pub category: CategoryId,
    /// Its name.
    pub name: String,
    /// The parent category. `None` for a root category.
    pub parent: Option<CategoryId>,
}

/// What a price list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PriceListKind {
    /// The prices of a sale.
    Sale,
    /// The prices of customer groups.
    Group,
}

/// A price list: which carts its prices are for. Its prices are in [`ListPricesChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceList {
    /// The id.
    pub id: PriceListId,
    /// The name.
    pub name: String,
    /// The currency of its prices.
    pub currency: Currency,
    /// What it is for.
    pub kind: PriceListKind,
    /// The customer groups that it is for. If empty, it is for everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customer_groups: Vec<CustomerGroupId>,
    /// The country codes (ISO 3166-1 alpha-2) that it is for. If empty, it is for all countries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
    /// The time from which the list is valid. If absent, there is no start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Timestamp>,
    /// The time until which the list is valid, exclusive. If absent, there is no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// 0 to 1000. If several lists have a price for a SKU, the list with the lowest number applies.
    pub priority: u32,
    /// Whether the list was deleted. A deleted list cannot be restored.
    #[serde(default)]
    pub deleted: bool,
}

/// A price list was created, changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PriceListChanged {
    /// The complete list, without its prices.
    pub list: PriceList,
}

/// A price that applies from a minimum quantity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PriceTier {
    /// The minimum number of units of the SKU in the cart, 1 to 999.
    pub min_quantity: u32,
    /// The price of each unit in minor units of the list's currency.
    pub amount: i64,
}

/// All prices of a SKU in a price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SkuPrices {
    /// The SKU.
    pub sku: Sku,
    /// The product that the SKU belongs to.
    pub product: ProductId,
    /// The prices, each with a different minimum quantity, in ascending order of the minimum quantity. Empty if the
    /// list no longer has a price of the SKU.
    pub tiers: Vec<PriceTier>,
}

/// The prices of some SKUs in a price list were set. The prices of a list have versions of their own: `metadata.aggregate` is
/// not that of [`PriceListChanged`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPricesChanged {
    /// The price list.
    pub list: PriceListId,
    /// The SKUs whose prices changed, at most 50, each with all its prices in the list.
    pub prices: Vec<SkuPrices>,
}

super::events! { "souk.catalog":
    ProductPublished = "ProductPublished.v1",
    ProductChanged = "ProductChanged.v1",
    ProductArchived = "ProductArchived.v1",
    PriceChanged = "PriceChanged.v1",
    CategoryChanged = "CategoryChanged.v1",
    PriceListChanged = "PriceListChanged.v1",
    ListPricesChanged = "ListPricesChanged.v1",
}
