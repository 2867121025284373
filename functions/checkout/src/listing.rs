//! The read model of a SKU, from the events of other services: its prices and its stock.

use contracts::{
    CategoryId, Currency, Money, PriceListId, ProductId, Sku, TaxClass,
    events::{
        catalog::{
            ListPricesChanged, Price, PriceChanged, Product, ProductArchived, ProductChanged, ProductPublished,
            SkuPrices,
        },
        inventory::StockChanged,
    },
};
use dynamo::Version;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The latest data of the catalog about a SKU. A SKU always belongs to the same product, so the versions of that
/// product order all events about the SKU, but for its prices in price lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Listing {
    pub(crate) sku: Sku,
    pub(crate) product: ProductId,
    /// `None` if the SKU is no longer sold, or if only prices in lists are known yet.
    offer: Option<Offer>,
    /// The version of the product in its latest event, 0 if there was none. A listing from before there were price lists has it
    /// as its own version.
    #[serde(default)]
    seen: Option<u64>,
    /// The prices in price lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) lists: Vec<ListedPrices>,
    pub(crate) version: Version,
}

/// The prices of a SKU in a price list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedPrices {
    pub(crate) list: PriceListId,
    /// Each minimum quantity with the price of one unit, in ascending order of the quantities. None if the prices were removed.
    #[serde(with = "row")]
    pub(crate) tiers: Vec<(u32, i64)>,
    /// The version of the list's prices in their latest event.
    pub(crate) seen: u64,
}

/// Stores prices as one row of numbers. If each pair were a list of its own, they would take a third more space.
mod row {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(tiers: &[(u32, i64)], serializer: S) -> Result<S::Ok, S::Error> {
        let row: Vec<_> = tiers.iter().flat_map(|(least, amount)| [i64::from(*least), *amount]).collect();
        row.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(u32, i64)>, D::Error> {
        let row = Vec::<i64>::deserialize(deserializer)?;
        let pair = |pair: &[i64]| match *pair {
            [least, amount] => Some((u32::try_from(least).ok()?, amount)),
            _ => None,
        };
        row.chunks(2)
            .map(pair)
            .collect::<Option<_>>()
            .ok_or_else(|| D::Error::custom("not pairs of quantity and amount"))
    }
}

impl ListedPrices {
    /// The price of one unit for a number of units.
    pub(crate) fn amount(&self, quantity: u32) -> Option<i64> {
        let reached = self.tiers.iter().rev().find(|(least, _)| *least <= quantity);
        reached.map(|(_, amount)| *amount)
    }
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
    /// A SKU that is on sale at one price, and has one in a price list.
    pub(crate) fn at_price(
        (product, sku): (ProductId, Sku),
        title: String,
        tax_class: TaxClass,
        price: Price,
        listed: Option<(PriceListId, i64)>,
    ) -> Self {
        let offer = Some(Offer { title, tax_class, categories: Vec::new(), prices: vec![price] });
        let lists = listed.into_iter().map(|(list, amount)| ListedPrices { list, tiers: vec![(1, amount)], seen: 0 });
        Self { sku, product, offer, seen: Some(1), lists: lists.collect(), version: Version::default() }
    }

    fn seen(&self) -> u64 {
        self.seen.unwrap_or_else(|| self.version.number())
    }

    /// The SKU, and its price in a currency at a time.
    pub(crate) fn price(&self, currency: Currency, now: Timestamp) -> Result<(&Offer, Money), Unsold> {
        let unsold = if self.seen() == 0 { Unsold::Unknown } else { Unsold::Withdrawn };
        let offer = self.offer.as_ref().ok_or(unsold)?;
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

/// The data of an event about one SKU.
#[derive(Debug)]
pub(crate) struct SkuNews {
    pub(crate) sku: Sku,
    product: ProductId,
    /// The version of the aggregate that the event is of.
    version: u64,
    told: Told,
}

#[derive(Debug)]
enum Told {
    /// What the product says about the SKU. `None` if it is no longer sold.
    Offer(Option<Offer>),
    /// All prices in a list.
    Prices { list: PriceListId, tiers: Vec<(u32, i64)> },
}

impl ProductNews {
    /// The data of the event about each SKU, with the product's version.
    pub(crate) fn by_sku(self, version: u64) -> Vec<SkuNews> {
        let told = |product, sku, offer| SkuNews { sku, product, version, told: Told::Offer(offer) };
        match self {
            Self::Published(ProductPublished { product }) => offered(product, version).collect(),
            Self::Changed(ProductChanged { product, removed }) => {
                let id = product.id;
                let removed = removed.into_iter().map(|sku| told(id, sku, None));
                offered(product, version).chain(removed).collect()
            }
            Self::Archived(ProductArchived { product, skus }) => {
                skus.into_iter().map(|sku| told(product, sku, None)).collect()
            }
            Self::Priced(PriceChanged { product, title, listed_in, tax_class, sku, prices }) => {
                vec![told(product, sku, Some(Offer { title, tax_class, categories: listed_in, prices }))]
            }
        }
    }
}

fn offered(product: Product, version: u64) -> impl Iterator<Item = SkuNews> {
    let Product { id, title, listed_in, tax_class, variants, .. } = product;
    variants.into_iter().map(move |variant| {
        let (title, tax_class, categories) = (title.clone(), tax_class.clone(), listed_in.clone());
        let offer = Offer { title, tax_class, categories, prices: variant.prices };
        SkuNews { sku: variant.sku, product: id, version, told: Told::Offer(Some(offer)) }
    })
}

/// The data of a change of prices about each SKU, with the version of the list's prices.
pub(crate) fn prices_by_sku(ListPricesChanged { list, prices }: ListPricesChanged, version: u64) -> Vec<SkuNews> {
    let by_sku = |SkuPrices { sku, product, tiers }: SkuPrices| {
        let tiers = tiers.into_iter().map(|tier| (tier.min_quantity, tier.amount)).collect();
        SkuNews { sku, product, version, told: Told::Prices { list, tiers } }
    };
    prices.into_iter().map(by_sku).collect()
}

impl SkuNews {
    /// The listing after the event. `None` if a later event is known. Prices of lists that are known to be deleted are left
    /// out.
    pub(crate) fn apply(self, known: Option<&Listing>, is_deleted: impl Fn(PriceListId) -> bool) -> Option<Listing> {
        let Self { sku, product, version, told } = self;
        let new =
            || Listing { sku, product, offer: None, seen: Some(0), lists: Vec::new(), version: Version::default() };
        let mut listing = known.cloned().unwrap_or_else(new);
        match told {
            Told::Offer(_) if listing.seen() >= version => return None,
            Told::Offer(offer) => (listing.offer, listing.seen) = (offer, Some(version)),
            // Prices that were left out are not learned again.
            Told::Prices { list, .. } if is_deleted(list) => return None,
            Told::Prices { list, tiers } => {
                if listing.lists.iter().any(|known| known.list == list && known.seen >= version) {
                    return None;
                }
                // From now on, its own version counts its changes.
                listing.seen = Some(listing.seen());
                listing.lists.retain(|known| known.list != list && !is_deleted(known.list));
                listing.lists.push(ListedPrices { list, tiers, seen: version });
            }
        }
        Some(listing)
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
        told(sku, 1, Told::Offer(Some(offer))).apply(None, |_| false).unwrap()
    }

    fn told(sku: &str, version: u64, told: Told) -> SkuNews {
        SkuNews { sku: sku.parse().unwrap(), product: Uuid::from_u128(1).into(), version, told }
    }

    fn prices(list: u128, version: u64, amount: i64) -> SkuNews {
        told("LAMP", version, Told::Prices { list: Uuid::from_u128(list).into(), tiers: vec![(1, amount)] })
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
            description: String::new(),
            images: Vec::new(),
            attributes: [].into(),
            listed_in: vec![Uuid::from_u128(2).into()],
            tax_class: "reduced".parse().unwrap(),
            variants: vec![variant("RED"), variant("BLUE")],
        };
        let changed = ProductChanged { product, removed: vec!["GREEN".parse().unwrap()] };
        let news = ProductNews::Changed(changed).by_sku(7).into_iter();
        let listings: Vec<_> = news.filter_map(|news| news.apply(None, |_| false)).collect();
        let sold: Vec<_> = listings.iter().map(|listing| (listing.sku.as_str(), listing.offer.is_some())).collect();
        assert_eq!(sold, [("RED", true), ("BLUE", true), ("GREEN", false)]);
        assert!(listings.iter().all(|listing| listing.seen() == 7));
        let classes = listings.iter().filter_map(|listing| Some(listing.offer.as_ref()?.tax_class.as_str()));
        assert_eq!(classes.collect::<Vec<_>>(), ["reduced", "reduced"]);
        let categories = listings.iter().filter_map(|listing| Some(listing.offer.as_ref()?.categories.len()));
        assert_eq!(categories.collect::<Vec<_>>(), [1, 1]);
    }

    #[test]
    fn the_prices_of_each_list_have_versions_of_their_own() {
        let none = |_| false;
        let listing = prices(1, 5, 50).apply(Some(&listed("LAMP", Vec::new())), none).unwrap();
        assert!(prices(1, 5, 51).apply(Some(&listing), none).is_none());
        assert!(prices(1, 4, 49).apply(Some(&listing), none).is_none());
        let listing = prices(2, 1, 10).apply(Some(&listing), none).unwrap();
        let listing = prices(1, 6, 60).apply(Some(&listing), none).unwrap();
        let amounts: Vec<_> = listing.lists.iter().map(|prices| prices.amount(1)).collect();
        assert_eq!(amounts, [Some(10), Some(60)]);
        assert!(told("LAMP", 1, Told::Offer(None)).apply(Some(&listing), none).is_none(), "the product has its own");
        let gone = told("LAMP", 2, Told::Offer(None)).apply(Some(&listing), none).unwrap();
        assert_eq!(gone.lists, listing.lists);
    }

    #[test]
    fn a_sku_of_which_only_list_prices_are_known_is_unknown() {
        let listing = prices(1, 1, 50).apply(None, |_| false).unwrap();
        assert_eq!(listing.price(Currency::Eur, NOW), Err(Unsold::Unknown));
        let gone = told("LAMP", 1, Told::Offer(None)).apply(Some(&listing), |_| false).unwrap();
        assert_eq!(gone.price(Currency::Eur, NOW), Err(Unsold::Withdrawn));
    }

    /// The number of bytes that `DynamoDB` counts for a value.
    fn bytes(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Null | serde_json::Value::Bool(_) => 1,
            serde_json::Value::Number(number) => number.to_string().len().div_ceil(2) + 1,
            serde_json::Value::String(text) => text.len(),
            serde_json::Value::Array(items) => 3 + items.iter().map(|item| 1 + bytes(item)).sum::<usize>(),
            serde_json::Value::Object(fields) => {
                3 + fields.iter().map(|(name, value)| 1 + name.len() + bytes(value)).sum::<usize>()
            }
        }
    }

    #[test]
    fn a_sku_with_ten_prices_in_each_of_fifty_lists_has_eight_kilobytes() {
        let tiers: Vec<_> = (0..10).map(|tier| (990 + tier, 999_999 - i64::from(tier))).collect();
        let prices =
            |list: u128| told("LAMP", 99, Told::Prices { list: Uuid::from_u128(list).into(), tiers: tiers.clone() });
        let listing = listed("LAMP", vec![always(999_999, Currency::Eur)]);
        let full = (0..50).fold(listing, |listing, list| prices(list).apply(Some(&listing), |_| false).unwrap());
        let stored = serde_json::to_value(&full).unwrap();
        assert!(bytes(&stored) <= 8 * 1024, "{}", bytes(&stored));
        assert_eq!(serde_json::from_value::<Listing>(stored).unwrap(), full);
    }

    #[test]
    fn prices_of_deleted_lists_are_left_out() {
        let listing = prices(1, 1, 50).apply(None, |_| false).unwrap();
        let deleted: PriceListId = Uuid::from_u128(1).into();
        let listing = prices(2, 1, 60).apply(Some(&listing), |list| list == deleted).unwrap();
        assert!(prices(1, 1, 50).apply(Some(&listing), |list| list == deleted).is_none());
        assert_eq!(listing.lists.iter().map(|prices| prices.amount(1)).collect::<Vec<_>>(), [Some(60)]);
    }

    #[test]
    fn a_listing_from_before_there_were_price_lists_keeps_its_version() {
        let stored =
            serde_json::json!({"sku": "LAMP", "product": ProductId::from(Uuid::nil()), "offer": null, "version": 7});
        let listing: Listing = serde_json::from_value(stored).unwrap();
        assert_eq!(listing.seen(), 7);
        let listing = prices(1, 1, 50).apply(Some(&listing), |_| false).unwrap();
        let saved = Listing { version: serde_json::from_value(serde_json::json!(8)).unwrap(), ..listing };
        assert_eq!(saved.seen(), 7);
    }
}
