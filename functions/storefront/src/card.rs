//! A product in a list of products.

use std::collections::BTreeSet;

use contracts::{Money, ProductId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    aisle::Aisles,
    item::{Band, Content, Item},
    link,
    shell::Shell,
};

/// A product in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ProductCard")]
pub(crate) struct CardView {
    pub(crate) id: ProductId,
    pub(crate) title: String,
    /// The path of its page.
    pub(crate) path: String,
    /// Its first picture. `null` if it has none.
    pub(crate) picture: Option<String>,
    /// The lowest price of its variants in the currency of the page. `null` if it has none in that currency.
    pub(crate) price: Option<Money>,
    /// Whether other variants cost more.
    pub(crate) is_from: bool,
    #[serde(serialize_with = "crate::stock_view::shown")]
    #[schemars(with = "crate::stock_view::StockView")]
    pub(crate) stock: Band,
    /// What can be chosen, such as `3 colours`. Empty if there is no choice.
    pub(crate) choices: String,
    /// The class with the colour of its department.
    #[serde(skip)]
    pub(crate) hue: &'static str,
}

impl CardView {
    /// The card of a product. `None` if it is not on sale.
    pub(crate) fn of(item: &Item, aisles: &Aisles, shell: &Shell, now: Timestamp) -> Option<Self> {
        let content = item.on_sale()?;
        let prices = content.variants.iter().filter_map(|(sku, _)| item.price_of(sku, shell.currency(), now));
        let prices: Vec<_> = prices.collect();
        let price = prices.iter().min_by_key(|price| price.amount).copied();
        Some(Self {
            id: item.id,
            title: content.title.clone(),
            path: link::product(item.id, &content.title),
            picture: item.picture_of(None).map(str::to_owned),
            is_from: prices.iter().any(|other| Some(*other) != price),
            price,
            stock: item.band(),
            choices: choices(content, shell),
            hue: content.categories.first().map(|id| aisles.hue(*id)).unwrap_or_default(),
        })
    }
}

/// What can be chosen: the number of values of the option that has several, if it is one with a name that is known.
fn choices(content: &Content, shell: &Shell) -> String {
    let count = content.variants.len() as u64;
    if count < 2 {
        return String::new();
    }
    let names: BTreeSet<_> = content.variants.iter().flat_map(|(_, options)| options.keys()).collect();
    let name = names.first().filter(|_| names.len() == 1);
    // A merchant can give an option any name. Not every name can be part of a key.
    let name = name.filter(|name| name.bytes().all(|byte| byte.is_ascii_lowercase()));
    let text = name.and_then(|name| shell.texts.find_counted(&format!("choices-{name}"), count));
    text.unwrap_or_else(|| shell.n("choices", count))
}
