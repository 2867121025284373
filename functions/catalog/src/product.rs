//! A product. It is a draft, then published, then archived.

use std::collections::{BTreeMap, BTreeSet};

use contracts::{
    CategoryId, ProductId, Sku, TaxClass,
    events::catalog::{self as stated, PriceChanged, ProductArchived, ProductChanged, ProductPublished, Variant},
};
use dynamo::Version;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{category::Category, price};

/// The maximum number of SKUs of a product, including removed ones.
const MOST_SKUS: usize = 200;
/// The maximum size of a product as JSON, in bytes. So its event stays below 64 KB, and a page of products below
/// Lambda's limit of 6 MB.
const LARGEST: usize = 48 * 1024;

/// The status of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ProductStatus")]
pub(crate) enum Status {
    /// Not on sale yet, and not listed. A caller who knows its id can read it.
    Draft,
    /// On sale.
    Published,
    /// Not on sale any more. This is final.
    Archived,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

/// The content of a product, which a merchant sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) categories: Vec<CategoryId>,
    pub(crate) images: Vec<String>,
    pub(crate) attributes: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "TaxClass::is_standard")]
    pub(crate) tax_class: TaxClass,
    pub(crate) variants: Vec<Variant>,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Product {
    pub(crate) id: ProductId,
    pub(crate) status: Status,
    pub(crate) content: Content,
    /// Its categories and all categories above them. It is in their lists while it is on sale.
    pub(crate) listed: BTreeSet<CategoryId>,
    /// Every SKU that it ever had. A SKU never moves to another product, because stock and orders refer to it.
    pub(crate) skus: BTreeSet<Sku>,
    pub(crate) version: Version,
}

/// The reason why a product cannot be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The product is archived.
    Archived,
    /// The status cannot change in this way.
    Status { from: Status, to: Status },
    /// The category does not exist.
    UnknownCategory { at: usize },
    /// An earlier variant has the same SKU.
    RepeatedSku { at: usize },
    /// A price is invalid. `variant` is its variant, if the request can contain several.
    Price { variant: Option<usize>, at: usize, why: price::Rejection },
    /// The product has no variant with this SKU.
    NoSuchVariant,
    /// The product would exceed the maximum number of SKUs.
    TooManySkus { most: usize },
    /// The product is too large.
    TooLarge { bytes: usize, most: usize },
}

contracts::event_set! {
    /// An event of a product.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) enum ProductEvent {
        Published(ProductPublished),
        Changed(ProductChanged),
        Priced(PriceChanged),
        Archived(ProductArchived),
    }
}

/// A product after a change, with everything that is saved with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) product: Product,
    /// `None` for a change of a draft.
    pub(crate) event: Option<ProductEvent>,
    /// The SKUs that are new.
    pub(crate) claimed: BTreeSet<Sku>,
    /// The categories whose lists no longer contain it.
    pub(crate) unlisted: BTreeSet<CategoryId>,
}

impl Product {
    /// Creates a product, on sale or as a draft. `categories` are the categories of its content that exist.
    pub(crate) fn create(
        id: ProductId,
        status: Status,
        content: Content,
        categories: &[Category],
    ) -> Result<Change, Rejection> {
        let listed = listed(&content.categories, categories)?;
        let blank = Self {
            id,
            status: Status::Draft,
            content: Content::default(),
            listed: BTreeSet::new(),
            skus: BTreeSet::new(),
            version: Version::default(),
        };
        blank.edit(status, content, listed)
    }

    /// Changes the content or the status. Returns `None` if nothing changes. `categories` are the categories of the
    /// content that exist, if they change.
    pub(crate) fn update(
        self,
        status: Status,
        content: Content,
        categories: &[Category],
    ) -> Result<Option<Change>, Rejection> {
        if self.status == Status::Archived {
            return Err(Rejection::Archived);
        }
        if self.status == status && self.content == content {
            return Ok(None);
        }
        let listed = if content.categories == self.content.categories {
            self.listed.clone()
        } else {
            listed(&content.categories, categories)?
        };
        self.edit(status, content, listed).map(Some)
    }

    /// Sets all prices of a variant. Returns `None` if nothing changes.
    pub(crate) fn set_prices(mut self, sku: &Sku, prices: Vec<stated::Price>) -> Result<Option<Change>, Rejection> {
        if self.status == Status::Archived {
            return Err(Rejection::Archived);
        }
        price::check(&prices).map_err(|(at, why)| Rejection::Price { variant: None, at, why })?;
        let variant = self.content.variants.iter_mut().find(|variant| variant.sku == *sku);
        let variant = variant.ok_or(Rejection::NoSuchVariant)?;
        if variant.prices == prices {
            return Ok(None);
        }
        variant.prices.clone_from(&prices);
        self.content.check_size()?;
        let Content { title, tax_class, .. } = self.content.clone();
        let listed_in = self.listed.iter().copied().collect();
        let event = PriceChanged { product: self.id, title, listed_in, tax_class, sku: sku.clone(), prices };
        let event = (self.status == Status::Published).then_some(ProductEvent::Priced(event));
        Ok(Some(self.changed(event)))
    }

    /// Archives the product. Returns `None` if it is already archived.
    pub(crate) fn archive(mut self) -> Option<Change> {
        let before = std::mem::replace(&mut self.status, Status::Archived);
        let skus = self.content.variants.iter().map(|variant| variant.sku.clone()).collect();
        let event = match before {
            Status::Archived => return None,
            Status::Draft => None,
            Status::Published => Some(ProductEvent::Archived(ProductArchived { product: self.id, skus })),
        };
        let unlisted = std::mem::take(&mut self.listed);
        Some(Change { unlisted, ..self.changed(event) })
    }

    fn edit(mut self, status: Status, content: Content, listed: BTreeSet<CategoryId>) -> Result<Change, Rejection> {
        content.check()?;
        let skus: BTreeSet<Sku> = content.variants.iter().map(|variant| variant.sku.clone()).collect();
        let claimed = &skus - &self.skus;
        self.skus.extend(claimed.iter().cloned());
        if self.skus.len() > MOST_SKUS {
            return Err(Rejection::TooManySkus { most: MOST_SKUS });
        }
        let unlisted = &self.listed - &listed;
        let old = std::mem::replace(&mut self.content, content);
        let from = std::mem::replace(&mut self.status, status);
        self.listed = listed;
        let event = match (from, status) {
            (Status::Draft, Status::Draft) => None,
            (Status::Draft, Status::Published) => {
                Some(ProductEvent::Published(ProductPublished { product: self.stated() }))
            }
            (Status::Published, Status::Published) => {
                let removed = old.variants.into_iter().map(|variant| variant.sku);
                let removed = removed.filter(|sku| !skus.contains(sku)).collect();
                Some(ProductEvent::Changed(ProductChanged { product: self.stated(), removed }))
            }
            (from, to) => return Err(Rejection::Status { from, to }),
        };
        Ok(Change { claimed, unlisted, ..self.changed(event) })
    }

    fn changed(self, event: Option<ProductEvent>) -> Change {
        Change { product: self, event, claimed: BTreeSet::new(), unlisted: BTreeSet::new() }
    }

    /// The product, as in its events.
    fn stated(&self) -> stated::Product {
        let Content { title, description, categories, images, attributes, tax_class, variants } = self.content.clone();
        let listed_in = self.listed.iter().copied().collect();
        let id = self.id;
        stated::Product { id, title, description, images, attributes, categories, listed_in, tax_class, variants }
    }
}

impl Content {
    fn check(&self) -> Result<(), Rejection> {
        let mut seen = BTreeSet::new();
        for (at, variant) in self.variants.iter().enumerate() {
            if !seen.insert(&variant.sku) {
                return Err(Rejection::RepeatedSku { at });
            }
            let wrong = |(price, why)| Rejection::Price { variant: Some(at), at: price, why };
            price::check(&variant.prices).map_err(wrong)?;
        }
        self.check_size()
    }

    fn check_size(&self) -> Result<(), Rejection> {
        let bytes = serde_json::to_vec(self).map_or(usize::MAX, |json| json.len());
        if bytes > LARGEST { Err(Rejection::TooLarge { bytes, most: LARGEST }) } else { Ok(()) }
    }
}

/// The categories whose lists contain a product of the given categories.
fn listed(wanted: &[CategoryId], known: &[Category]) -> Result<BTreeSet<CategoryId>, Rejection> {
    let mut listed = BTreeSet::new();
    for (at, id) in wanted.iter().enumerate() {
        let category = known.iter().find(|category| category.id == *id).ok_or(Rejection::UnknownCategory { at })?;
        listed.extend(category.branch());
    }
    Ok(listed)
}

#[cfg(test)]
mod tests {
    use contracts::{Currency, events::catalog::Price};
    use uuid::Uuid;

    use super::*;

    fn id(number: u128) -> CategoryId {
        Uuid::from_u128(number).into()
    }

    fn category(number: u128, path: &[u128]) -> Category {
        Category {
            id: id(number),
            name: "Lamps".to_owned(),
            path: path.iter().map(|one| id(*one)).collect(),
            version: Version::default(),
        }
    }

    fn variant(sku: &str) -> Variant {
        let price = Price { amount: 100, currency: Currency::Eur, valid_from: None, valid_to: None };
        Variant { sku: sku.parse().unwrap(), options: BTreeMap::new(), prices: vec![price] }
    }

    fn content(skus: &[&str]) -> Content {
        Content {
            title: "Lamp".to_owned(),
            variants: skus.iter().map(|sku| variant(sku)).collect(),
            ..Content::default()
        }
    }

    fn create(status: Status, content: Content, categories: &[Category]) -> Result<Change, Rejection> {
        Product::create(Uuid::nil().into(), status, content, categories)
    }

    fn on_sale(skus: &[&str]) -> Product {
        create(Status::Published, content(skus), &[]).unwrap().product
    }

    fn skus(claimed: &BTreeSet<Sku>) -> Vec<&str> {
        claimed.iter().map(Sku::as_str).collect()
    }

    #[test]
    fn what_is_published_is_told_whole_and_claims_its_skus() {
        let change = create(Status::Published, content(&["A", "B"]), &[]).unwrap();
        assert_eq!(skus(&change.claimed), ["A", "B"]);
        let Some(ProductEvent::Published(published)) = change.event else { panic!("{:?}", change.event) };
        assert_eq!(published.product.variants.len(), 2);
    }

    #[test]
    fn nobody_hears_of_a_draft_until_it_is_published() {
        let draft = create(Status::Draft, content(&["A"]), &[]).unwrap();
        assert_eq!(draft.event, None);
        let edited = draft.product.set_prices(&"A".parse().unwrap(), Vec::new()).unwrap().unwrap();
        assert_eq!(edited.event, None);
        let published = edited.product.update(Status::Published, content(&["A"]), &[]).unwrap().unwrap();
        assert!(matches!(published.event, Some(ProductEvent::Published(_))));
        assert_eq!(published.claimed.len(), 0);
    }

    #[test]
    fn a_product_goes_no_step_back() {
        let refused = |from, to| Err(Rejection::Status { from, to });
        assert_eq!(on_sale(&[]).update(Status::Draft, content(&[]), &[]), refused(Status::Published, Status::Draft));
        assert_eq!(
            on_sale(&[]).update(Status::Archived, content(&[]), &[]),
            refused(Status::Published, Status::Archived)
        );
        assert_eq!(
            create(Status::Archived, content(&[]), &[]),
            Err(Rejection::Status { from: Status::Draft, to: Status::Archived })
        );
        let archived = on_sale(&["A"]).archive().unwrap();
        assert!(matches!(&archived.event, Some(ProductEvent::Archived(event)) if event.skus.len() == 1));
        assert_eq!(archived.product.clone().archive(), None);
        assert_eq!(archived.product.clone().set_prices(&"A".parse().unwrap(), Vec::new()), Err(Rejection::Archived));
        assert_eq!(archived.product.update(Status::Published, content(&[]), &[]), Err(Rejection::Archived));
    }

    #[test]
    fn a_sku_stays_its_own_after_its_variant_is_gone() {
        let change = on_sale(&["A", "B"]).update(Status::Published, content(&["B", "C"]), &[]).unwrap().unwrap();
        assert_eq!(skus(&change.claimed), ["C"]);
        assert!(matches!(&change.event, Some(ProductEvent::Changed(event)) if event.removed == ["A".parse().unwrap()]));
        let back = change.product.update(Status::Published, content(&["A"]), &[]).unwrap().unwrap();
        assert_eq!(skus(&back.claimed), Vec::<&str>::new());
    }

    #[test]
    fn a_change_of_nothing_is_none() {
        assert_eq!(on_sale(&["A"]).update(Status::Published, content(&["A"]), &[]), Ok(None));
        assert_eq!(on_sale(&["A"]).set_prices(&"A".parse().unwrap(), variant("A").prices), Ok(None));
    }

    #[test]
    fn it_is_listed_under_its_categories_and_all_above() {
        let in_categories =
            |ids: &[u128]| Content { categories: ids.iter().map(|one| id(*one)).collect(), ..content(&[]) };
        let known = [category(3, &[1, 2]), category(4, &[1])];
        let product = create(Status::Published, in_categories(&[3]), &known).unwrap().product;
        assert_eq!(product.listed, [1, 2, 3].map(id).into());
        let moved = product.update(Status::Published, in_categories(&[4]), &known).unwrap().unwrap();
        assert_eq!((moved.product.listed.clone(), moved.unlisted), ([1, 4].map(id).into(), [2, 3].map(id).into()));
        assert_eq!(moved.product.archive().unwrap().unlisted, [1, 4].map(id).into());
        let unknown = create(Status::Published, in_categories(&[3, 5]), &known);
        assert_eq!(unknown, Err(Rejection::UnknownCategory { at: 1 }));
    }

    #[test]
    fn wrong_variants_are_told_by_their_place() {
        let refused = |content| create(Status::Published, content, &[]).unwrap_err();
        assert_eq!(refused(content(&["A", "B", "A"])), Rejection::RepeatedSku { at: 2 });
        let mut twice = content(&["A", "B"]);
        twice.variants[1].prices.push(variant("B").prices[0].clone());
        let why = price::Rejection::Overlaps { other: 0 };
        assert_eq!(refused(twice), Rejection::Price { variant: Some(1), at: 1, why });
        let missing = on_sale(&["A"]).set_prices(&"B".parse().unwrap(), Vec::new());
        assert_eq!(missing, Err(Rejection::NoSuchVariant));
    }

    #[test]
    fn a_product_has_its_bounds() {
        let large = Content { description: "x".repeat(LARGEST), ..content(&[]) };
        assert!(matches!(create(Status::Draft, large, &[]), Err(Rejection::TooLarge { .. })));
        let mut product = on_sale(&[]);
        for at in 0..MOST_SKUS {
            product = product.update(Status::Published, content(&[&format!("A{at}")]), &[]).unwrap().unwrap().product;
        }
        let more = product.update(Status::Published, content(&["B"]), &[]);
        assert_eq!(more, Err(Rejection::TooManySkus { most: MOST_SKUS }));
    }
}
