//! The read model of a SKU, from the events of other services: its prices and its stock.

use contracts::{
    CategoryId, Currency, Money, ProductId, Sku, TaxClass,
    events::{
        catalog::{Price, PriceChanged, Product, ProductArchived, ProductChanged, ProductPublished},
        inventory::StockChanged,
    },
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The latest data of the catalog about a SKU. A SKU always belongs to the same product, so the versions of that
/// product order all events about the SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listing {
    pub(crate) sku: Sku,
    pub(crate) product: ProductId,
    /// `None` if the SKU is no longer sold.
    offer: Option<Offer>,
    /// The version of the product in the latest event.
    pub(crate) version: u64,
}

/// A SKU on sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Offer {
    pub(crate) title: String,
    #[serde(default, skip_serializing_if = "TaxClass::is_standard")]
    pub(crate) tax_class: TaxClass,
    /// The categories of the product and all categories above them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) categories: Vec<CategoryId>,
    /// At most one price per currency is valid at any time.
    prices: Vec<Price>,
}

/// The reason why a SKU cannot be bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsold {
    /// No product with this SKU is known.
    Unknown,
    /// The SKU is no longer sold.
    Withdrawn,
    /// The SKU has no price in this currency at this time.
    NotIn(Currency),
}

impl Listing {
    fn offered(product: ProductId, version: u64, sku: Sku, offer: Offer) -> Self {
        Self { sku, product, offer: Some(offer), version }
    }

    /// A SKU that is on sale at one price.
    pub(crate) fn at_price(product: ProductId, sku: Sku, title: String, tax_class: TaxClass, price: Price) -> Self {
        let offer = Offer { title, tax_class, categories: Vec::new(), prices: vec![price] };
        Self::offered(product, 0, sku, offer)
    }

    fn withdrawn(product: ProductId, version: u64, sku: Sku) -> Self {
        Self { sku, product, offer: None, version }
    }

    /// The SKU, and its price in a currency at a time.
    pub(crate) fn price(&self, currency: Currency, now: Timestamp) -> Result<(&Offer, Money), Unsold> {
        let offer = self.offer.as_ref().ok_or(Unsold::Withdrawn)?;
        let price = offer.prices.iter().find(|price| price.currency == currency && price.holds_at(now));
        Ok((offer, price.ok_or(Unsold::NotIn(currency))?.money()))
    }
}

contracts::event_set! {
    /// An event of the catalog about SKUs.
    #[derive(Debug)]
    pub(crate) enum ProductNews {
        Published(ProductPublished),
        Changed(ProductChanged),
        Archived(ProductArchived),
        Priced(PriceChanged),
    }
}

impl ProductNews {
    /// The data of the event about each SKU, with the product's version.
    pub(crate) fn listings(self, version: u64) -> Vec<Listing> {
        match self {
            Self::Published(ProductPublished { product }) => offered(product, version).collect(),
            Self::Changed(ProductChanged { product, removed }) => {
                let id = product.id;
                let removed = removed.into_iter().map(move |sku| Listing::withdrawn(id, version, sku));
                offered(product, version).chain(removed).collect()
            }
            Self::Archived(ProductArchived { product, skus }) => {
                skus.into_iter().map(|sku| Listing::withdrawn(product, version, sku)).collect()
            }
            Self::Priced(PriceChanged { product, title, listed_in, tax_class, sku, prices }) => {
                vec![Listing::offered(product, version, sku, Offer { title, tax_class, categories: listed_in, prices })]
            }
        }
    }
}

fn offered(product: Product, version: u64) -> impl Iterator<Item = Listing> {
    let Product { id, title, listed_in, tax_class, variants, .. } = product;
    variants.into_iter().map(move |variant| {
        let (title, tax_class, categories) = (title.clone(), tax_class.clone(), listed_in.clone());
        let offer = Offer { title, tax_class, categories, prices: variant.prices };
        Listing::offered(id, version, variant.sku, offer)
    })
}

/// The latest stock of a SKU from inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stock {
    pub(crate) sku: Sku,
    pub(crate) available: u32,
    /// The version of the level.
    pub(crate) version: u64,
}

impl Stock {
    pub(crate) fn of(event: StockChanged, version: u64) -> Self {
        Self { sku: event.sku, available: event.available, version }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use contracts::events::catalog::Variant;
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    pub(crate) fn always(amount: i64, currency: Currency) -> Price {
        Price { amount, currency, valid_from: None, valid_to: None }
    }

    pub(crate) fn listed(sku: &str, prices: Vec<Price>) -> Listing {
        taxed(sku, TaxClass::STANDARD, prices)
    }

    pub(crate) fn taxed(sku: &str, tax_class: TaxClass, prices: Vec<Price>) -> Listing {
        let offer = Offer { title: sku.to_owned(), tax_class, categories: Vec::new(), prices };
        Listing::offered(Uuid::from_u128(1).into(), 1, sku.parse().unwrap(), offer)
    }

    #[test]
    fn a_price_holds_in_its_currency_and_time() {
        let hour = SignedDuration::from_hours(1);
        let first = Price { valid_to: Some(NOW + hour), ..always(5, Currency::Eur) };
        let then = Price { valid_from: Some(NOW + hour), ..always(10, Currency::Eur) };
        let listing = listed("LAMP", vec![then, first, always(8, Currency::Gbp)]);
        let at = |now, currency| listing.price(currency, now).map(|(_, price)| price.amount);
        assert_eq!((at(NOW, Currency::Eur), at(NOW + hour, Currency::Eur)), (Ok(5), Ok(10)));
        assert_eq!((at(NOW, Currency::Gbp), at(NOW, Currency::Jpy)), (Ok(8), Err(Unsold::NotIn(Currency::Jpy))));
    }

    #[test]
    fn a_changed_product_says_what_it_sells_and_what_it_no_longer_sells() {
        let prices = vec![always(1, Currency::Eur)];
        let variant = |sku: &str| Variant { sku: sku.parse().unwrap(), options: [].into(), prices: prices.clone() };
        let product = Product {
            id: Uuid::from_u128(1).into(),
            title: "Lamp".to_owned(),
            categories: Vec::new(),
            listed_in: vec![Uuid::from_u128(2).into()],
            tax_class: "reduced".parse().unwrap(),
            variants: vec![variant("RED"), variant("BLUE")],
        };
        let changed = ProductChanged { product, removed: vec!["GREEN".parse().unwrap()] };
        let listings = ProductNews::Changed(changed).listings(7);
        let told: Vec<_> = listings.iter().map(|listing| (listing.sku.as_str(), listing.offer.is_some())).collect();
        assert_eq!(told, [("RED", true), ("BLUE", true), ("GREEN", false)]);
        assert!(listings.iter().all(|listing| listing.version == 7));
        let classes = listings.iter().filter_map(|listing| Some(listing.offer.as_ref()?.tax_class.as_str()));
        assert_eq!(classes.collect::<Vec<_>>(), ["reduced", "reduced"]);
        let categories = listings.iter().filter_map(|listing| Some(listing.offer.as_ref()?.categories.len()));
        assert_eq!(categories.collect::<Vec<_>>(), [1, 1]);
    }
}
