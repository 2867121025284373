//! A product in the search index, and the stock that it depends on.

use std::collections::BTreeMap;

use contracts::{ProductId, Sku, events::catalog::Variant, events::inventory::StockChanged};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use search::{Document, Named, Offer, Signals};
use serde::{Deserialize, Serialize};

use crate::{
    category::Category,
    product::{Product, Status},
};

/// A product in the search index. It is found by the time of its last change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    pub(crate) id: ProductId,
    pub(crate) changed_at: Timestamp,
    /// The time of the event that caused the change. `None` if the entry was rebuilt.
    #[serde(default)]
    pub(crate) happened_at: Option<Timestamp>,
    /// `None` if the product is no longer on sale.
    #[serde(default)]
    pub(crate) document: Option<Document>,
    pub(crate) version: Version,
}

/// Whether a SKU can be sold, from inventory's events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stocked {
    pub(crate) sku: Sku,
    pub(crate) available: bool,
    /// The version of the level.
    pub(crate) version: u64,
}

impl Stocked {
    pub(crate) fn of(event: StockChanged, version: u64) -> Self {
        Self { sku: event.sku, available: event.available > 0, version }
    }
}

impl Entry {
    /// How long the last change took from its event to the entry.
    pub(crate) fn lag(&self) -> Option<SignedDuration> {
        self.happened_at.map(|happened_at| self.changed_at.duration_since(happened_at))
    }

    /// The entry of a product as it is now, if that differs from its entry so far. A draft has none.
    pub(crate) fn next(
        before: Option<Self>,
        product: &Product,
        categories: &[Category],
        stock: &[Stocked],
        (happened_at, now): (Option<Timestamp>, Timestamp),
    ) -> Option<Self> {
        let document = match product.status {
            Status::Draft => return None,
            Status::Published => Some(document(product, categories, stock)),
            Status::Archived => None,
        };
        let unchanged = before.as_ref().is_some_and(|before| before.document == document);
        // A draft that was archived was never on sale.
        if unchanged || (before.is_none() && document.is_none()) {
            return None;
        }
        // A search for changes since a time must find this one, even if clocks differ.
        let after = before.as_ref().map_or(Timestamp::MIN, |before| before.changed_at);
        let version = before.map(|before| before.version).unwrap_or_default();
        Some(Self { id: product.id, changed_at: now.max(after), happened_at, document, version })
    }
}

fn document(product: &Product, categories: &[Category], stock: &[Stocked]) -> Document {
    let content = &product.content;
    let named = |id| categories.iter().find(|category| category.id == id);
    let listed = product.listed.iter().filter_map(|id| named(*id));
    let available = |variant: &Variant| stock.iter().any(|one| one.available && one.sku == variant.sku);
    Document {
        id: product.id,
        product_version: product.version.number(),
        title: content.title.clone(),
        text: content.description.clone(),
        image: content.images.first().cloned(),
        own_categories: content.categories.clone(),
        categories: listed.map(|category| Named { id: category.id, name: category.name.clone() }).collect(),
        attributes: content.attributes.clone(),
        variants: content.variants.iter().map(offer).collect(),
        signals: Signals { in_stock: content.variants.iter().any(available), ..Signals::default() },
    }
}

fn offer(variant: &Variant) -> Offer {
    let options: BTreeMap<_, _> = variant.options.clone();
    Offer { sku: variant.sku.clone(), options, prices: variant.prices.clone() }
}
