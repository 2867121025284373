//! The keys and queries of the search index in the service's table.

use std::collections::HashMap;

use contracts::{CategoryId, ProductId, Sku};
use dynamo::{Entity, Error, Key, Paging, Query, RequestContext, by_age};
use futures::future::try_join_all;
use jiff::Timestamp;
use serde::Deserialize;

use crate::{
    entry::{Entry, Stocked},
    product::{Product, Status},
    store::{Store, category_key, product_key, sku_key},
    synonyms::SynonymSet,
};

/// The lists that share the entries, so that one partition does not take the writes of all.
const LISTS: u128 = 4;
/// The number of products that are read at once. A product and its entry are two keys of the 100 in a call.
const READ_AT_ONCE: usize = 50;
/// The number of entries that are saved at once.
const SAVED_AT_ONCE: usize = 10;
/// The number of products of a category in a page.
const PAGE: u32 = 100;
/// How often the entry of a product is made that is changed each time meanwhile.
const ATTEMPTS: usize = 3;

impl Entity for Entry {
    fn key(&self) -> Key {
        entry_key(self.id)
    }

    /// Entries are listed by the time of their last change.
    fn list(&self) -> Option<(String, String)> {
        let list = self.id.uuid().as_u128() % LISTS;
        Some((list_name(list), by_age(self.changed_at, self.id)))
    }
}

impl Entity for Stocked {
    fn key(&self) -> Key {
        stock_key(&self.sku)
    }
}

impl Entity for SynonymSet {
    fn key(&self) -> Key {
        synonyms_key()
    }
}

fn list_name(list: u128) -> String {
    format!("search#{list}")
}

/// The place in a list of the first entry since a time.
fn since(time: Timestamp) -> String {
    format!("{:013}", time.as_millisecond().max(0))
}

fn entry_key(product: ProductId) -> Key {
    Key::of("doc", product)
}

fn stock_key(sku: &Sku) -> Key {
    Key::of("stock", sku)
}

pub(crate) fn synonyms_key() -> Key {
    Key::of("search", "synonyms")
}

/// The item by which a SKU belongs to a product.
#[derive(Deserialize)]
struct Claim {
    holder: ProductId,
}

/// The part of a product in the list of a category that tells which product it is. The category itself is the last item
/// of its partition.
#[derive(Deserialize)]
struct Listing {
    product: Option<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    id: ProductId,
}

impl Store {
    /// Brings the entry of a product up to date. A concurrent call for another change reads its own change, and the entry
    /// is saved at the version that was read, so the last one to save has read every change.
    pub(crate) async fn index(
        &self,
        product: ProductId,
        happened_at: Option<Timestamp>,
        context: &RequestContext,
    ) -> Result<(), Error> {
        for entry in self.changed_entries(&[product], happened_at, context.now).await? {
            self.table().commit(context).save(&entry).run().await?;
        }
        Ok(())
    }

    /// Brings the entries of products up to date for another reason than their events. If an event of a product saves its
    /// entry at the same time, that may have read older data, so the entry is made again.
    pub(crate) async fn index_all(&self, products: &[ProductId], context: &RequestContext) -> Result<(), Error> {
        for products in products.chunks(READ_AT_ONCE) {
            let entries = self.changed_entries(products, None, context.now).await?;
            for entries in entries.chunks(SAVED_AT_ONCE) {
                let saves: Vec<_> = entries.iter().map(|entry| self.save_again(entry, context)).collect();
                try_join_all(saves).await?;
            }
        }
        Ok(())
    }

    async fn save_again(&self, entry: &Entry, context: &RequestContext) -> Result<(), Error> {
        let mut saved = self.table().commit(context).save(entry).run().await.map(|_| ());
        for _ in 0..ATTEMPTS {
            if !matches!(saved, Err(Error::Conflict)) {
                break;
            }
            saved = self.index(entry.id, None, context).await;
        }
        saved
    }

    /// The entries of products as they are now, if they have changed.
    async fn changed_entries(
        &self,
        products: &[ProductId],
        happened_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Vec<Entry>, Error> {
        let keys: Vec<_> = products.iter().flat_map(|id| [product_key(*id), entry_key(*id)]).collect();
        let mut rows = self.table().get_rows(&keys).await?;
        let mut before: HashMap<_, _> = rows.take::<Entry>("doc")?.into_iter().map(|entry| (entry.id, entry)).collect();
        let mut products: Vec<Product> = rows.take("product")?;
        products.retain(|product| product.status != Status::Draft);
        let categories = products.iter().flat_map(|product| &product.listed).map(|id| category_key(*id));
        let variants = products.iter().flat_map(|product| &product.content.variants);
        let keys: Vec<_> = categories.chain(variants.map(|variant| stock_key(&variant.sku))).collect();
        let mut rows = self.table().get_rows(&keys).await?;
        let (categories, stock) = (rows.take("category")?, rows.take::<Stocked>("stock")?);
        let next = |product: &Product| {
            Entry::next(before.remove(&product.id), product, &categories, &stock, (happened_at, now))
        };
        Ok(products.iter().filter_map(next).collect())
    }

    /// Up to 100 of the products on sale of a category and of the categories below it, by age: those after a product.
    pub(crate) async fn products_of_category(
        &self,
        category: CategoryId,
        after: Option<ProductId>,
    ) -> Result<Vec<ProductId>, Error> {
        let page = &Paging { limit: Some(PAGE), cursor: None };
        // The next key after that of the product.
        let from = after.map_or_else(|| "product#".to_owned(), |after| format!("product#{after}\0"));
        let listings = self.table().query(category_key(category).pk).from(from).page::<Listing>(page).await?;
        Ok(listings.items.into_iter().filter_map(|listing| listing.product).map(|product| product.id).collect())
    }

    /// The product that has a SKU.
    pub(crate) async fn product_of(&self, sku: &Sku) -> Result<Option<ProductId>, Error> {
        let claim: Option<Claim> = self.table().get(&sku_key(sku)).await?;
        Ok(claim.map(|claim| claim.holder))
    }

    pub(crate) async fn stocked(&self, sku: &Sku) -> Result<Option<Stocked>, Error> {
        self.table().get(&stock_key(sku)).await
    }

    /// The entries that were changed since a time.
    pub(crate) async fn changed_since(&self, time: Timestamp) -> Result<Vec<Entry>, Error> {
        let lists = self.lists().map(|list| async move { list.from(since(time)).all::<Entry>().await });
        Ok(try_join_all(lists).await?.concat())
    }

    /// The number of entries that were changed since a time.
    pub(crate) async fn changes_since(&self, time: Timestamp) -> Result<usize, Error> {
        let lists = self.lists().map(|list| async move { list.from(since(time)).count().await });
        Ok(try_join_all(lists).await?.into_iter().sum())
    }

    /// The entry that was changed last.
    pub(crate) async fn last_changed(&self) -> Result<Option<Entry>, Error> {
        let one = &Paging { limit: Some(1), cursor: None };
        let lists = self.lists().map(|list| async move { list.newest_first().page::<Entry>(one).await });
        let newest = try_join_all(lists).await?.into_iter().flat_map(|page| page.items);
        Ok(newest.max_by_key(|entry| entry.changed_at))
    }

    fn lists(&self) -> impl Iterator<Item = Query> {
        let table = self.table().eventual();
        (0..LISTS).map(move |list| table.list(list_name(list)))
    }

    pub(crate) async fn synonyms(&self) -> Result<SynonymSet, Error> {
        Ok(self.table().get(&synonyms_key()).await?.unwrap_or_default())
    }
}
