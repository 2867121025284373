//! Create or change products from the rows of one chunk of an import.

use contracts::{CategoryId, ProductId};
use dynamo::{Ids, RequestContext};
use futures::{StreamExt, TryStreamExt, stream};
use lambda::{Function, Message, Problem};

use crate::{
    Catalog,
    import::{Chunk, Mode, Task},
    input::CreateProduct,
    known::Known,
    rows::{ReadRow, Work},
};

/// The number of rows that are processed at once. The index lists all products in one partition, which limits the
/// writes.
const ROWS_AT_ONCE: usize = 4;
/// 2^128 divided by the golden ratio. It turns ids of the same millisecond into unrelated seeds.
const SPREAD: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

pub fn function() -> Function {
    Function::messages("import-chunk", handle)
}

/// Every step can be repeated: a row always becomes the same product.
async fn handle(catalog: Catalog, message: Message<Task>) -> Result<(), Problem> {
    let chunk = catalog.store.open_chunk(&message.body).await?.ok_or(Problem::AlreadyDone)?;
    let rows: Vec<_> = chunk.rows().map_err(Problem::internal)?.into_iter().map(ReadRow::of).collect();
    let good = || rows.iter().filter_map(ReadRow::input);
    let named: Vec<CategoryId> = good().flat_map(|input| input.category_ids.iter().copied()).collect();
    let skus = match chunk.mode {
        Mode::Create => Vec::new(),
        Mode::Upsert => good().flat_map(CreateProduct::skus).cloned().collect(),
    };
    let (categories, owners) = catalog.store.categories_and_owners(&named, &skus).await?;
    let known = &Known::read(&catalog.store, owners).await?;
    let work = &Work { store: &catalog.store, categories: &categories, known };
    let tasks: Vec<_> = rows
        .into_iter()
        .map(|row| {
            let context = context(&chunk, row.id, &message.context);
            async move { work.import(row, chunk.mode, &context).await }
        })
        .collect();
    let outcomes = stream::iter(tasks).buffered(ROWS_AT_ONCE).try_collect().await?;
    let result = chunk.done(outcomes, message.context.now);
    catalog.store.table().commit(&message.context).put_record(&result).run().await?;
    Ok(())
}

/// The context of a row. It does not mark the message as consumed; the commit of the chunk's result does.
fn context(chunk: &Chunk, id: ProductId, message: &RequestContext) -> RequestContext {
    RequestContext {
        now: message.now,
        principal: chunk.by.to_string(),
        causation: chunk.import.to_string(),
        correlation: chunk.correlation.clone(),
        trace: message.trace.clone(),
        ids: Ids::new(message.now, id.uuid().as_u128().wrapping_mul(SPREAD)),
        message: None,
        idempotency_key: None,
    }
}
