//! What is bought: lines and totals, the same in a quote and in an order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Money, ProductId, Sku};

/// One line of a quote or an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// What.
    pub sku: Sku,
    /// The product that the SKU is a variant of.
    pub product: ProductId,
    /// The product's title when it was quoted.
    pub title: String,
    /// How many, 1 to 999.
    pub quantity: u32,
    /// Price of one, before discounts, without tax.
    pub unit_price: Money,
    /// What discounts take off the whole line, not negative.
    pub discount: Money,
    /// Tax on the line after discount.
    pub tax: Money,
    /// `unitPrice × quantity − discount`, without tax.
    pub total: Money,
}

/// The sums of a quote or an order: `total = items + shipping + tax − discount`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// All lines before discounts.
    pub items: Money,
    /// All discounts, not negative.
    pub discount: Money,
    /// Shipping, without tax.
    pub shipping: Money,
    /// Tax on lines and shipping.
    pub tax: Money,
    /// What is paid.
    pub total: Money,
}
