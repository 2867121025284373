//! Keys and queries: the service's only knowledge of its table.

use contracts::{CategoryId, ImportId, ProductId, Sku};
use dynamo::{Cause, Commit, Due, Entity, Error, Key, Page, Paging, Table};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    category::Category,
    import::{Chunk, ChunkResult, Import, Task},
    product::{Change, Product, Stated, Status},
};

/// Chunks of one transaction: 2.5 MB at most.
const CHUNKS_AT_ONCE: usize = 10;

impl Entity for Product {
    fn key(&self) -> Key {
        product_key(self.id)
    }

    /// What is on sale is listed by age: ids sort by it.
    fn list(&self) -> Option<(String, String)> {
        let on_sale = self.status == Status::Published;
        on_sale.then(|| ("products".to_owned(), self.id.to_string()))
    }
}

/// A product as one category lists it: a copy, written with the product itself.
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

    /// Categories are listed branch by branch, each below the one that it is in.
    fn list(&self) -> Option<(String, String)> {
        let branch: Vec<_> = self.branch().map(|id| id.to_string()).collect();
        Some(("categories".to_owned(), branch.join("/")))
    }
}

impl Entity for Import {
    fn key(&self) -> Key {
        import_key(self.id)
    }

    /// What is not done is found by when to look at it.
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

impl Entity for ChunkResult {
    fn key(&self) -> Key {
        result_key(self.import, self.number)
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.kept_until)
    }
}

fn product_key(id: ProductId) -> Key {
    Key::of("product", id)
}

fn sku_key(sku: &Sku) -> Key {
    Key::of("sku", sku)
}

fn category_key(id: CategoryId) -> Key {
    Key::of("category", id)
}

fn listing_key(category: CategoryId, product: ProductId) -> Key {
    category_key(category).child("product", product)
}

fn import_key(id: ImportId) -> Key {
    Key::of("import", id)
}

/// A chunk's rows have a partition of their own: they are most of what an import writes.
fn chunk_key(import: ImportId, number: u32) -> Key {
    Key::of("chunk", format_args!("{import}#{number:05}"))
}

fn result_key(import: ImportId, number: u32) -> Key {
    import_key(import).child("result", format_args!("{number:05}"))
}

/// The service's table.
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

    /// A product, and those of some categories that there are, in one call.
    pub(crate) async fn product_and_categories(
        &self,
        id: ProductId,
        categories: &[CategoryId],
    ) -> Result<(Option<Product>, Vec<Category>), Error> {
        let keys: Vec<_> = categories.iter().map(|id| category_key(*id)).chain([product_key(id)]).collect();
        let mut rows = self.table.get_rows(&keys).await?;
        Ok((rows.take_one("product")?, rows.take("category")?))
    }

    /// Products on sale, newest first: all, or those of a category and of what is below it.
    pub(crate) async fn products(&self, category: Option<CategoryId>, paging: &Paging) -> Result<Page<Product>, Error> {
        let Some(category) = category else {
            return self.table.list("products").newest_first().page(paging).await;
        };
        let listings = self.table.query(category_key(category).pk).prefix("product#").newest_first();
        Ok(listings.page(paging).await?.map(|listing: Listing| listing.product))
    }

    pub(crate) async fn category(&self, id: CategoryId) -> Result<Option<Category>, Error> {
        self.table.get(&category_key(id)).await
    }

    /// Those of some categories that there are.
    pub(crate) async fn categories(&self, ids: &[CategoryId]) -> Result<Vec<Category>, Error> {
        self.table.get_many(&ids.iter().map(|id| category_key(*id)).collect::<Vec<_>>()).await
    }

    /// The whole tree, each category after the one that it is in.
    pub(crate) async fn tree(&self, paging: &Paging) -> Result<Page<Category>, Error> {
        self.table.list("categories").page(paging).await
    }

    /// Stores chunks that nobody knows of yet: an import that is never stored leaves them to lapse.
    pub(crate) async fn add_chunks(&self, chunks: &[Chunk], cause: &Cause) -> Result<(), Error> {
        for chunks in chunks.chunks(CHUNKS_AT_ONCE) {
            chunks.iter().fold(self.table.commit(cause), Commit::put_record).run().await?;
        }
        Ok(())
    }

    /// A chunk that is still to be worked off.
    pub(crate) async fn open_chunk(&self, task: &Task) -> Result<Option<Chunk>, Error> {
        let keys = [chunk_key(task.import, task.chunk), result_key(task.import, task.chunk)];
        let mut rows = self.table.get_rows(&keys).await?;
        let done: Option<ChunkResult> = rows.take_one("result")?;
        Ok(rows.take_one("chunk")?.filter(|_| done.is_none()))
    }

    /// An import with what came of its chunks so far, in their order.
    pub(crate) async fn import(&self, id: ImportId) -> Result<Option<(Import, Vec<ChunkResult>)>, Error> {
        let mut rows = self.table.query(import_key(id).pk).rows().await?;
        let import = rows.take_one("import")?;
        let results = rows.take("result")?;
        Ok(import.map(|import| (import, results)))
    }

    /// Imports that should have been done by now.
    pub(crate) fn overdue_imports(&self, now: Timestamp) -> Due<Import> {
        self.table.due("import", now)
    }
}

/// Saves a product with all that its change leads to. At most 94 actions: the product, its event, the request's or
/// message's record, 40 SKUs, and 5 categories of 5 levels each, entered and left.
pub(crate) fn save_change<'a>(commit: Commit<'a>, change: &Change) -> Commit<'a> {
    let Change { product, stated, claimed, unlisted } = change;
    let commit = commit.save(product);
    let commit = match stated {
        Stated::Published(event) => commit.event(event),
        Stated::Changed(event) => commit.event(event),
        Stated::Priced(event) => commit.event(event),
        Stated::Archived(event) => commit.event(event),
        Stated::Nothing => commit,
    };
    let commit = claimed.iter().fold(commit, |commit, sku| commit.claim(&sku_key(sku), product.id));
    let commit = unlisted.iter().fold(commit, |commit, category| commit.delete(&listing_key(*category, product.id)));
    let listed = product.listed.iter().filter(|_| product.status == Status::Published);
    listed
        .fold(commit, |commit, category| commit.put_record(&Listing { category: *category, product: product.clone() }))
}
