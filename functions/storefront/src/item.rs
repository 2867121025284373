//! The read model of a product: everything that a page shows of it, from the events of catalog and inventory.

use std::collections::BTreeMap;

use contracts::{
    CategoryId, Currency, Money, ProductId, Sku,
    events::{
        catalog::{Price, PriceChanged, Product, ProductArchived, ProductChanged, ProductPublished, Variant},
        inventory::StockChanged,
    },
};
use dynamo::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The largest number of units that a page counts down: "only 5 left".
pub(crate) const FEW: u32 = 5;

/// A product as the shop shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    pub(crate) id: ProductId,
    /// `None` if only prices are known so far.
    pub(crate) content: Option<Content>,
    /// The version of the product in the event that the content is of.
    seen: u64,
    /// The latest prices of each SKU.
    prices: BTreeMap<Sku, Priced>,
    /// How much there is of each SKU.
    bands: BTreeMap<Sku, Band>,
    pub(crate) is_archived: bool,
    /// The time of its first event.
    pub(crate) since: Timestamp,
    /// The last event of it.
    pub(crate) changed: Timestamp,
    pub(crate) version: Version,
}

/// What a merchant says of a product, but for its prices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) images: Vec<String>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) categories: Vec<CategoryId>,
    /// Each SKU with its options.
    pub(crate) variants: Vec<(Sku, BTreeMap<String, String>)>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Priced {
    prices: Vec<Price>,
    /// The version of the product in the event that they are of.
    seen: u64,
}

/// How much there is of a SKU, as far as a visitor is told. It changes much less often than the stock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Band {
    /// There is none, or it is not known yet.
    #[default]
    SoldOut,
    /// There are 1 to 5.
    OnlyLeft(u32),
    /// There are more than 5.
    InStock,
}

impl Band {
    pub(crate) const fn of(available: u32) -> Self {
        match available {
            0 => Self::SoldOut,
            1..=FEW => Self::OnlyLeft(available),
            _ => Self::InStock,
        }
    }
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

    pub(crate) const fn band(&self) -> Band {
        Band::of(self.available)
    }
}

contracts::event_set! {
    /// An event of the catalog about a product.
    #[derive(Debug)]
    pub(crate) enum ProductNews {
        Published(ProductPublished),
        Changed(ProductChanged),
        Archived(ProductArchived),
        Priced(PriceChanged),
    }
}

impl ProductNews {
    /// The product that it is about.
    pub(crate) fn product(&self) -> ProductId {
        match self {
            Self::Published(event) => event.product.id,
            Self::Changed(event) => event.product.id,
            Self::Archived(event) => event.product,
            Self::Priced(event) => event.product,
        }
    }

    /// The SKUs that it says are on sale.
    pub(crate) fn skus(&self) -> Vec<Sku> {
        match self {
            Self::Published(ProductPublished { product }) | Self::Changed(ProductChanged { product, .. }) => {
                product.variants.iter().map(|variant| variant.sku.clone()).collect()
            }
            Self::Archived(_) | Self::Priced(_) => Vec::new(),
        }
    }
}

impl Item {
    /// A product of which nothing is known yet.
    pub(crate) fn unknown(id: ProductId, since: Timestamp) -> Self {
        Self {
            id,
            content: None,
            seen: 0,
            prices: BTreeMap::new(),
            bands: BTreeMap::new(),
            is_archived: false,
            since,
            changed: since,
            version: Version::default(),
        }
    }

    /// The product after an event of a version of it, at a time. Events can come in any order.
    #[must_use]
    pub(crate) fn after(mut self, news: ProductNews, version: u64, at: Timestamp) -> Self {
        self.since = self.since.min(at);
        self.changed = self.changed.max(at);
        match news {
            ProductNews::Published(ProductPublished { product })
            | ProductNews::Changed(ProductChanged { product, .. }) => self.describe(product, version),
            ProductNews::Priced(PriceChanged { sku, prices, .. }) => self.price(sku, prices, version),
            // It is the last event of a product.
            ProductNews::Archived(_) => self.is_archived = true,
        }
        self
    }

    fn describe(&mut self, product: Product, version: u64) {
        let Product { title, description, images, attributes, categories, variants, .. } = product;
        let mut options = Vec::with_capacity(variants.len());
        for Variant { sku, options: own, prices } in variants {
            options.push((sku.clone(), own));
            self.price(sku, prices, version);
        }
        if version > self.seen {
            self.seen = version;
            self.content = Some(Content { title, description, images, attributes, categories, variants: options });
        }
    }

    fn price(&mut self, sku: Sku, prices: Vec<Price>, version: u64) {
        if self.prices.get(&sku).is_none_or(|known| known.seen < version) {
            self.prices.insert(sku, Priced { prices, seen: version });
        }
    }

    /// The product with the stock of its SKUs.
    #[must_use]
    pub(crate) fn stocked(mut self, stocks: &[Stock]) -> Self {
        let skus = self.content.iter().flat_map(|content| &content.variants).map(|(sku, _)| sku.clone());
        let band = |sku: Sku| {
            let stock = stocks.iter().find(|stock| stock.sku == sku);
            (sku, stock.map(Stock::band).unwrap_or_default())
        };
        self.bands = skus.map(band).collect();
        self
    }

    /// What the shop shows, while the product is on sale.
    pub(crate) fn on_sale(&self) -> Option<&Content> {
        self.content.as_ref().filter(|_| !self.is_archived)
    }

    /// The price of a SKU in a currency at a time.
    pub(crate) fn price_of(&self, sku: &Sku, currency: Currency, now: Timestamp) -> Option<Money> {
        let prices = &self.prices.get(sku)?.prices;
        prices.iter().find(|price| price.currency == currency && price.holds_at(now)).map(Price::money)
    }

    /// The currencies in which a SKU has a price at a time.
    pub(crate) fn currencies_of(&self, sku: &Sku, now: Timestamp) -> Vec<Currency> {
        let prices = self.prices.get(sku).into_iter().flat_map(|known| &known.prices);
        prices.filter(|price| price.holds_at(now)).map(|price| price.currency).collect()
    }

    /// How much there is of a SKU.
    pub(crate) fn band_of(&self, sku: &Sku) -> Band {
        self.bands.get(sku).copied().unwrap_or_default()
    }

    /// How much there is of the SKU of which there is most.
    pub(crate) fn band(&self) -> Band {
        self.bands.values().copied().max().unwrap_or_default()
    }

    /// The picture of a variant. If there are as many pictures as variants, each variant has its own.
    pub(crate) fn picture_of(&self, sku: Option<&Sku>) -> Option<&str> {
        let Content { images, variants, .. } = self.content.as_ref()?;
        let at = sku.and_then(|sku| variants.iter().position(|(own, _)| own == sku));
        let own = at.filter(|_| images.len() == variants.len()).and_then(|at| images.get(at));
        own.or_else(|| images.first()).map(String::as_str)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::SignedDuration;
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    pub(crate) fn sku(sku: &str) -> Sku {
        sku.parse().unwrap()
    }

    pub(crate) fn product(title: &str, variants: &[(&str, i64)]) -> Product {
        let price = |amount| Price { amount, currency: Currency::Eur, valid_from: None, valid_to: None };
        let variant = |(name, amount): &(&str, i64)| {
            let options = [("colour".to_owned(), name.to_lowercase())].into();
            Variant { sku: sku(name), options, prices: vec![price(*amount)] }
        };
        Product {
            id: Uuid::from_u128(1).into(),
            title: title.to_owned(),
            description: String::new(),
            images: Vec::new(),
            attributes: [].into(),
            categories: Vec::new(),
            listed_in: Vec::new(),
            tax_class: "standard".parse().unwrap(),
            variants: variants.iter().map(variant).collect(),
        }
    }

    fn published(title: &str, variants: &[(&str, i64)]) -> ProductNews {
        ProductNews::Published(ProductPublished { product: product(title, variants) })
    }

    fn changed(title: &str, variants: &[(&str, i64)]) -> ProductNews {
        ProductNews::Changed(ProductChanged { product: product(title, variants), removed: Vec::new() })
    }

    fn priced(name: &str, amount: i64) -> ProductNews {
        let price = Price { amount, currency: Currency::Eur, valid_from: None, valid_to: None };
        ProductNews::Priced(PriceChanged {
            product: Uuid::from_u128(1).into(),
            title: String::new(),
            listed_in: Vec::new(),
            tax_class: "standard".parse().unwrap(),
            sku: sku(name),
            prices: vec![price],
        })
    }

    fn after(news: Vec<(u64, ProductNews)>) -> Item {
        let start = Item::unknown(Uuid::from_u128(1).into(), NOW);
        news.into_iter().fold(start, |item, (version, news)| item.after(news, version, NOW))
    }

    fn amount(item: &Item, name: &str) -> Option<i64> {
        item.price_of(&sku(name), Currency::Eur, NOW).map(|price| price.amount)
    }

    #[test]
    fn the_events_of_a_product_lead_to_the_same_in_any_order() {
        let news = || {
            [
                (1, published("Lamp", &[("RED", 100), ("BLUE", 100)])),
                (2, priced("RED", 200)),
                (3, priced("BLUE", 300)),
                (4, changed("Desk lamp", &[("RED", 200), ("BLUE", 300)])),
                (5, priced("RED", 500)),
            ]
        };
        let orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 4, 0, 3, 1], [1, 0, 4, 2, 3]];
        for order in orders {
            let mut all: Vec<_> = news().into_iter().map(Some).collect();
            let item = after(order.into_iter().map(|at: usize| all[at].take().unwrap()).collect());
            let title = item.on_sale().map(|content| content.title.as_str());
            assert_eq!((title, amount(&item, "RED"), amount(&item, "BLUE")), (Some("Desk lamp"), Some(500), Some(300)));
        }
    }

    #[test]
    fn a_product_that_is_archived_is_not_sold_whatever_comes_later() {
        let archived =
            || ProductNews::Archived(ProductArchived { product: Uuid::from_u128(1).into(), skus: Vec::new() });
        let item = after(vec![(3, archived()), (1, published("Lamp", &[("RED", 100)]))]);
        assert_eq!(item.on_sale(), None);
        assert_eq!(item.content.map(|content| content.title).as_deref(), Some("Lamp"));
    }

    #[test]
    fn a_product_is_as_old_as_its_first_event() {
        let later = NOW + SignedDuration::from_hours(1);
        let item = Item::unknown(Uuid::from_u128(1).into(), later).after(priced("RED", 1), 2, later);
        assert_eq!(item.after(published("Lamp", &[]), 1, NOW).since, NOW);
    }

    #[test]
    fn a_visitor_is_told_the_number_of_the_last_five_units() {
        assert_eq!([0, 1, 5, 6].map(Band::of), [Band::SoldOut, Band::OnlyLeft(1), Band::OnlyLeft(5), Band::InStock]);
        let stock = |name: &str, available| Stock { sku: sku(name), available, version: 1 };
        let item = after(vec![(1, published("Lamp", &[("RED", 1), ("BLUE", 1), ("INK", 1)]))]);
        let item = item.stocked(&[stock("RED", 0), stock("BLUE", 3), stock("OTHER", 9)]);
        let bands = ["RED", "BLUE", "INK"].map(|name| item.band_of(&sku(name)));
        assert_eq!(bands, [Band::SoldOut, Band::OnlyLeft(3), Band::SoldOut]);
        assert_eq!(item.band(), Band::OnlyLeft(3));
    }

    #[test]
    fn each_variant_has_its_own_picture_if_there_are_as_many() {
        let item = |images: &[&str]| {
            let images = images.iter().map(|image| (*image).to_owned()).collect();
            let product = Product { images, ..product("Lamp", &[("RED", 1), ("BLUE", 1)]) };
            after(vec![(1, ProductNews::Published(ProductPublished { product }))])
        };
        let (own, shared) = (item(&["/red", "/blue"]), item(&["/one", "/two", "/three"]));
        assert_eq!((own.picture_of(Some(&sku("BLUE"))), own.picture_of(None)), (Some("/blue"), Some("/red")));
        assert_eq!(shared.picture_of(Some(&sku("BLUE"))), Some("/one"));
        assert_eq!(item(&[]).picture_of(None), None);
    }

    #[test]
    fn a_price_is_in_its_currency_and_time() {
        let item = after(vec![(1, published("Lamp", &[("RED", 100)]))]);
        assert_eq!(item.price_of(&sku("RED"), Currency::Gbp, NOW), None);
        assert_eq!(item.currencies_of(&sku("RED"), NOW), [Currency::Eur]);
        assert_eq!(item.currencies_of(&sku("BLUE"), NOW), []);
    }
}
