//! Lines and totals, which are the same in a quote and in its order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Money, ProductId, Sku};

/// One line of a quote or an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// The SKU.
    pub sku: Sku,
    /// The product that the SKU is a variant of.
    pub product: ProductId,
    /// The product's title at the time of the quote.
    pub title: String,
    /// The number of units, 1 to 999.
    pub quantity: u32,
    /// The price of one unit, before discounts and without tax.
    pub unit_price: Money,
    /// The discount on the whole line. Not negative.
    pub discount: Money,
    /// The tax on the line after the discount.
    pub tax: Money,
    /// `unitPrice × quantity − discount`, without tax.
    pub total: Money,
}

/// The totals of a quote or an order: `total = items + shipping + tax − discount`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// The sum of all lines, before discounts.
    pub items: Money,
    /// The sum of all discounts. Not negative.
    pub discount: Money,
    /// The price of shipping, without tax.
    pub shipping: Money,
    /// The tax on lines and shipping.
    pub tax: Money,
    /// The amount to pay.
    pub total: Money,
}
