//! The keys and queries of the search index in the service's table.

use contracts::{ProductId, Sku};
use dynamo::{Entity, Error, Key, RequestContext, by_age};
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

fn entry_key(product: ProductId) -> Key {
    Key::of("doc", product)
}

fn stock_key(sku: &Sku) -> Key {
    Key::of("stock", sku)
}

fn synonyms_key() -> Key {
    Key::of("search", "synonyms")
}

/// The item by which a SKU belongs to a product.
#[derive(Deserialize)]
struct Claim {
    holder: ProductId,
}

impl Store {
    /// Brings the entry of a product up to date. Whatever changes at the same time reads its own change, and the entry
    /// is saved at the version that was read, so the last one to save has read everything.
    pub(crate) async fn index(&self, product: ProductId, context: &RequestContext) -> Result<(), Error> {
        let mut rows = self.table().get_rows(&[product_key(product), entry_key(product)]).await?;
        let before = rows.take_one::<Entry>("doc")?;
        let Some(product) = rows.take_one::<Product>("product")? else { return Ok(()) };
        if product.status == Status::Draft {
            return Ok(());
        }
        let categories = product.listed.iter().map(|id| category_key(*id));
        let stock = product.content.variants.iter().map(|variant| stock_key(&variant.sku));
        let keys: Vec<_> = categories.chain(stock).collect();
        let mut rows = self.table().get_rows(&keys).await?;
        let (categories, stock) = (rows.take("category")?, rows.take::<Stocked>("stock")?);
        if let Some(entry) = Entry::next(before, &product, &categories, &stock, context.now) {
            self.table().commit(context).save(&entry).run().await?;
        }
        Ok(())
    }

    /// The product that has a SKU.
    pub(crate) async fn product_of(&self, sku: &Sku) -> Result<Option<ProductId>, Error> {
        let claim: Option<Claim> = self.table().get(&sku_key(sku)).await?;
        Ok(claim.map(|claim| claim.holder))
    }

    pub(crate) async fn stocked(&self, sku: &Sku) -> Result<Option<Stocked>, Error> {
        self.table().get(&stock_key(sku)).await
    }

    /// The entries that were changed since a time, and some that were changed shortly before.
    pub(crate) async fn changed_since(&self, time: Timestamp) -> Result<Vec<Entry>, Error> {
        let table = self.table().eventual();
        let from = format!("{:013}", time.as_millisecond().max(0));
        let lists = (0..LISTS).map(|list| {
            let query = table.list(list_name(list)).from(&from);
            async move { query.all::<Entry>().await }
        });
        Ok(try_join_all(lists).await?.concat())
    }

    pub(crate) async fn synonyms(&self) -> Result<SynonymSet, Error> {
        Ok(self.table().get(&synonyms_key()).await?.unwrap_or_default())
    }
}
