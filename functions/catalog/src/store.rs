//! The keys and queries of the service's table.

pub(crate) mod price_lists;

use std::collections::HashMap;

use contracts::{CategoryId, ImportId, ProductId, Sku};
use dynamo::{Commit, Entity, Error, Key, OverdueScan, Page, Paging, RequestContext, Table};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    adjustment::Adjustments,
    category::Category,
    import::{Chunk, ChunkResult, Import, Task},
    product::{Change, Product, Status},
};

/// The number of parts of an import in one transaction: at most 2.7 MB, because a part has at most 256 KiB and commas. A
/// transaction has at most 4 MB, and a record 400 KB.
const PARTS_AT_ONCE: usize = 10;

impl Entity for Product {
    fn key(&self) -> Key {
        product_key(self.id)
    }

    /// Published products are listed by age. Ids sort by age.
    fn list(&self) -> Option<(String, String)> {
        let on_sale = self.status == Status::Published;
        on_sale.then(|| ("products".to_owned(), self.id.to_string()))
    }
}

/// A copy of a product in the list of a category. It is written together with the product.
#[derive(Serialize, Deserialize)]
struct Listing {
    category: CategoryId,
    product: Product,
}

impl Entity for Listing {
    fn key(&self) -> Key {
        listing_key(self.category, self.product.id)
    }
}

impl Entity for Category {
    fn key(&self) -> Key {
        category_key(self.id)
    }

    /// Categories are listed branch by branch, each after its parent.
    fn list(&self) -> Option<(String, String)> {
        let branch: Vec<_> = self.branch().map(|id| id.to_string()).collect();
        Some(("categories".to_owned(), branch.join("/")))
    }
}

impl Entity for Import {
    fn key(&self) -> Key {
        import_key(self.id)
    }

    /// An unfinished import is found by the time of its next check.
    fn due(&self) -> Option<Timestamp> {
        self.resume_at
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.kept_until)
    }
}

impl Entity for Chunk {
    fn key(&self) -> Key {
        chunk_key(self.import, self.number)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.kept_until)
    }
}

impl Entity for Adjustments {
    fn key(&self) -> Key {
        adjustments_key(self.import, self.number)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.kept_until)
    }
}

/// A part of an import that is stored before the import.
enum Part<'a> {
    Chunk(&'a Chunk),
    Adjustments(&'a Adjustments),
}

impl Part<'_> {
    fn put<'c>(&self, commit: Commit<'c>) -> Commit<'c> {
        match self {
            Self::Chunk(chunk) => commit.put_record(*chunk),
            Self::Adjustments(adjustments) => commit.put_record(*adjustments),
        }
    }
}

/// The product that a SKU belongs to.
#[derive(Deserialize)]
struct Claim {
    pk: String,
    holder: ProductId,
}

impl Entity for ChunkResult {
    fn key(&self) -> Key {
        result_key(self.import, self.number)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.kept_until)
    }
}

pub(crate) fn product_key(id: ProductId) -> Key {
    Key::of("product", id)
}

pub(crate) fn sku_key(sku: &Sku) -> Key {
    Key::of("sku", sku)
}

/// The key that an imported row without SKUs claims.
pub(crate) fn row_key(product: ProductId) -> Key {
    Key::of("row", product)
}

pub(crate) fn category_key(id: CategoryId) -> Key {
    Key::of("category", id)
}

fn listing_key(category: CategoryId, product: ProductId) -> Key {
    category_key(category).child("product", product)
}

fn import_key(id: ImportId) -> Key {
    Key::of("import", id)
}

/// The rows of a chunk have their own partition, because they are most of the data of an import.
fn chunk_key(import: ImportId, number: u32) -> Key {
    Key::of("chunk", format_args!("{import}#{number:05}"))
}

fn adjustments_key(import: ImportId, number: u32) -> Key {
    Key::of("adjustments", format_args!("{import}#{number:05}"))
}

fn result_key(import: ImportId, number: u32) -> Key {
    import_key(import).child("result", format_args!("{number:05}"))
}

fn owners(claims: &[Claim]) -> HashMap<Sku, ProductId> {
    let sku = |claim: &Claim| claim.pk.strip_prefix("sku#").and_then(|sku| sku.parse().ok());
    claims.iter().filter_map(|claim| Some((sku(claim)?, claim.holder))).collect()
}

/// The table of the service.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    table: Table,
}

impl Store {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    pub(crate) async fn product(&self, id: ProductId) -> Result<Option<Product>, Error> {
        self.table.get(&product_key(id)).await
    }

    /// Reads a product and the given categories that exist, in one call.
    pub(crate) async fn product_and_categories(
        &self,
        id: ProductId,
        categories: &[CategoryId],
    ) -> Result<(Option<Product>, Vec<Category>), Error> {
        let keys: Vec<_> = categories.iter().map(|id| category_key(*id)).chain([product_key(id)]).collect();
        let mut rows = self.table.get_rows(&keys).await?;
        Ok((rows.take_one("product")?, rows.take("category")?))
    }

    /// The products that have or had these SKUs.
    pub(crate) async fn owners(&self, skus: &[Sku]) -> Result<HashMap<Sku, ProductId>, Error> {
        let claims: Vec<Claim> = self.table.get_many(&skus.iter().map(sku_key).collect::<Vec<_>>()).await?;
        Ok(owners(&claims))
    }

    /// The given categories that exist, and the products that have or had these SKUs, in one call.
    pub(crate) async fn categories_and_owners(
        &self,
        categories: &[CategoryId],
        skus: &[Sku],
    ) -> Result<(Vec<Category>, HashMap<Sku, ProductId>), Error> {
        let categories = categories.iter().map(|id| category_key(*id));
        let keys: Vec<_> = categories.chain(skus.iter().map(sku_key)).collect();
        let mut rows = self.table.get_rows(&keys).await?;
        Ok((rows.take("category")?, owners(&rows.take::<Claim>("sku")?)))
    }

    /// The given products that exist.
    pub(crate) async fn products_of(&self, ids: &[ProductId]) -> Result<Vec<Product>, Error> {
        self.table.get_many(&ids.iter().map(|id| product_key(*id)).collect::<Vec<_>>()).await
    }

    /// The published product that has a variant with this SKU.
    pub(crate) async fn product_with(&self, sku: &Sku) -> Result<Option<Product>, Error> {
        let store = Self::new(self.table.eventual());
        let owners: Vec<_> = store.owners(std::slice::from_ref(sku)).await?.into_values().collect();
        let product = store.products_of(&owners).await?.pop();
        let has_it = |product: &Product| product.content.variants.iter().any(|variant| variant.sku == *sku);
        Ok(product.filter(|product| product.status == Status::Published && has_it(product)))
    }

    /// Published products, newest first: all, or those of a category and of the categories below it.
    pub(crate) async fn products(&self, category: Option<CategoryId>, paging: &Paging) -> Result<Page<Product>, Error> {
        let Some(category) = category else {
            return self.table.eventual().list("products").newest_first().page(paging).await;
        };
        let listings = self.table.eventual().query(category_key(category).pk).prefix("product#").newest_first();
        Ok(listings.page(paging).await?.map(|listing: Listing| listing.product))
    }

    pub(crate) async fn category(&self, id: CategoryId) -> Result<Option<Category>, Error> {
        self.table.get(&category_key(id)).await
    }

    /// The given categories that exist.
    pub(crate) async fn categories(&self, ids: &[CategoryId]) -> Result<Vec<Category>, Error> {
        self.table.get_many(&ids.iter().map(|id| category_key(*id)).collect::<Vec<_>>()).await
    }

    /// All categories, each after its parent.
    pub(crate) async fn tree(&self, paging: &Paging) -> Result<Page<Category>, Error> {
        self.table.eventual().list("categories").page(paging).await
    }

    /// All categories, each after its parent. One that was just created can be missing.
    pub(crate) async fn all_categories(&self) -> Result<Vec<Category>, Error> {
        self.table.eventual().list("categories").all().await
    }

    /// Stores the parts of an import before the import is stored. If the import is never stored, they expire.
    pub(crate) async fn add_parts(
        &self,
        chunks: &[Chunk],
        adjustments: &[Adjustments],
        context: &RequestContext,
    ) -> Result<(), Error> {
        let chunks = chunks.iter().map(Part::Chunk);
        let parts: Vec<_> = chunks.chain(adjustments.iter().map(Part::Adjustments)).collect();
        for parts in parts.chunks(PARTS_AT_ONCE) {
            parts.iter().fold(self.table.commit(context), |commit, part| part.put(commit)).run().await?;
        }
        Ok(())
    }

    /// The adjustments of an import, in the order of the file.
    pub(crate) async fn adjustments(&self, import: &Import) -> Result<Vec<Adjustments>, Error> {
        let keys: Vec<_> = (1..=import.adjustments).map(|number| adjustments_key(import.id, number)).collect();
        let mut parts: Vec<Adjustments> = self.table.get_many(&keys).await?;
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }

    /// A chunk that has no result yet.
    pub(crate) async fn open_chunk(&self, task: &Task) -> Result<Option<Chunk>, Error> {
        let keys = [chunk_key(task.import, task.chunk), result_key(task.import, task.chunk)];
        let mut rows = self.table.get_rows(&keys).await?;
        let done: Option<ChunkResult> = rows.take_one("result")?;
        Ok(rows.take_one("chunk")?.filter(|_| done.is_none()))
    }

    /// An import with the results of its chunks so far, in order.
    pub(crate) async fn import(&self, id: ImportId) -> Result<Option<(Import, Vec<ChunkResult>)>, Error> {
        let mut rows = self.table.query(import_key(id).pk).rows().await?;
        let import = rows.take_one("import")?;
        let results = rows.take("result")?;
        Ok(import.map(|import| (import, results)))
    }

    /// Imports that are overdue.
    pub(crate) fn overdue_imports(&self, now: Timestamp) -> OverdueScan<Import> {
        self.table.due("import", now)
    }
}

/// Saves a product with everything that belongs to its change. These are at most 94 actions: the product, its event,
/// the record of the request or message, 40 SKUs, and the entries that are added to and removed from the lists of 5
/// categories of 5 levels each.
pub(crate) fn save_change<'a>(commit: Commit<'a>, change: &Change) -> Commit<'a> {
    let Change { product, event, claimed, unlisted } = change;
    let commit = event.iter().fold(commit.save(product), Commit::event);
    let product = &Product { version: commit.version(), ..product.clone() };
    let commit = claimed.iter().fold(commit, |commit, sku| commit.claim(&sku_key(sku), product.id));
    let commit = unlisted.iter().fold(commit, |commit, category| commit.delete(&listing_key(*category, product.id)));
    let listed = product.listed.iter().filter(|_| product.status == Status::Published);
    listed
        .fold(commit, |commit, category| commit.put_record(&Listing { category: *category, product: product.clone() }))
}
