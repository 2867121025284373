//! A variant of a product, as pages show it.

use std::collections::BTreeMap;

use contracts::{Currency, Money, Sku};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    item::{Band, Item},
    money,
};

/// A variant of a product.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownVariant")]
pub(crate) struct VariantView {
    pub(crate) sku: Sku,
    pub(crate) options: BTreeMap<String, String>,
    /// `null` if it has no price in the currency of the page.
    pub(crate) price: Option<Money>,
    #[serde(serialize_with = "crate::stock_view::shown")]
    #[schemars(with = "crate::stock_view::StockView")]
    pub(crate) stock: Band,
    /// Its picture. `null` if the product has none.
    pub(crate) picture: Option<String>,
    /// The other currencies that the shop shows and in which it has a price.
    pub(crate) other_prices: Vec<Money>,
    #[serde(skip)]
    pub(crate) path: String,
}

impl VariantView {
    pub(crate) fn of(
        item: &Item,
        sku: &Sku,
        options: &BTreeMap<String, String>,
        currency: Currency,
        now: Timestamp,
    ) -> Self {
        let sold_in = item.currencies_of(sku, now);
        let others = money::CHOICES.into_iter().filter(|other| *other != currency && sold_in.contains(other));
        Self {
            sku: sku.clone(),
            options: options.clone(),
            price: item.price_of(sku, currency, now),
            stock: item.band_of(sku),
            picture: item.picture_of(Some(sku)).map(str::to_owned),
            other_prices: others.filter_map(|other| item.price_of(sku, other, now)).collect(),
            path: format!("?sku={sku}"),
        }
    }

    /// The options in one text: `red, large`.
    pub(crate) fn label(&self) -> String {
        let values: Vec<_> = self.options.values().map(String::as_str).collect();
        if values.is_empty() { self.sku.to_string() } else { values.join(", ") }
    }
}

/// A text with an upper-case first letter.
pub(crate) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
