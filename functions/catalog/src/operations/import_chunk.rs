//! Create products from the rows of one chunk of an import.

use contracts::{CategoryId, ProductId};
use dynamo::{Error, Ids, RequestContext};
use futures::{StreamExt, TryStreamExt, stream};
use lambda::{Function, Input, Message, Problem};

use crate::{
    Catalog,
    category::Category,
    import::{Chunk, Failure, RowContent, Task},
    input::CreateProduct,
    problem::not_stored,
    store::{row_key, save_change},
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
    let rows = chunk.rows().map_err(Problem::internal)?.into_iter();
    let rows: Vec<_> = rows.map(|row| (row.number, row.id, read(row.content))).collect();
    let good = rows.iter().filter_map(|(.., input)| input.as_ref().ok());
    let named: Vec<CategoryId> = good.flat_map(|input| input.category_ids.iter().copied()).collect();
    let categories = catalog.store.categories(&named).await?;
    let work: Vec<_> = rows
        .into_iter()
        .map(|(row, id, input)| {
            let context = context(&chunk, id, &message.context);
            let (catalog, categories) = (&catalog, &categories);
            async move {
                let refused = match input {
                    Ok(input) => import(catalog, input, id, categories, &context).await?,
                    Err(reason) => Some(reason),
                };
                Ok::<_, Problem>(refused.map(|reason| Failure::new(row, reason)))
            }
        })
        .collect();
    let outcomes = stream::iter(work).buffered(ROWS_AT_ONCE).try_collect().await?;
    let result = chunk.done(outcomes, message.context.now);
    catalog.store.table().commit(&message.context).put_record(&result).run().await?;
    Ok(())
}

fn read(content: RowContent) -> Result<CreateProduct, String> {
    match content {
        RowContent::Product(product) => CreateProduct::from_json(product).map_err(|problem| problem.to_string()),
        RowContent::Wrong(reason) => Err(reason),
    }
}

/// Creates the product of a row, or returns why the row is refused.
async fn import(
    catalog: &Catalog,
    input: CreateProduct,
    id: ProductId,
    categories: &[Category],
    context: &RequestContext,
) -> Result<Option<String>, Problem> {
    let change = match input.create(id, categories).map_err(Problem::from) {
        Ok(change) => change,
        Err(problem) => return Ok(Some(problem.to_string())),
    };
    let commit = save_change(catalog.store.table().commit(context), &change);
    // A row without SKUs claims a key of its own.
    let commit = if change.claimed.is_empty() { commit.claim(&row_key(id), id) } else { commit };
    match commit.run().await {
        Ok(_) => Ok(None),
        // The row was imported by an earlier attempt, which did not finish its chunk.
        Err(Error::Taken { holder, .. }) if holder.read::<ProductId>().is_ok_and(|holder| holder == id) => Ok(None),
        Err(error) => match not_stored(error) {
            problem @ Problem::Known(_) => Ok(Some(problem.to_string())),
            problem => Err(problem),
        },
    }
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
