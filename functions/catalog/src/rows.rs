//! Imports rows: creates their products, or changes them.

use std::collections::HashMap;

use contracts::{ProductId, Sku};
use dynamo::{Error, RequestContext};
use lambda::{Input, Problem};
use serde_json::Value;

use crate::{
    category::Category,
    import::{Failure, Mode, Row, RowContent, RowWarnings},
    input::CreateProduct,
    known::Known,
    problem::not_stored,
    product::Product,
    store::{Store, row_key, save_change},
    upsert,
};

/// The number of times that a row is merged again because its product was changed meanwhile. After that, the whole
/// chunk is tried again.
const ATTEMPTS: usize = 10;

/// What all rows of a chunk need.
pub(crate) struct Work<'a> {
    pub(crate) store: &'a Store,
    /// The categories of all rows that exist.
    pub(crate) categories: &'a [Category],
    pub(crate) known: &'a Known,
}

/// A row whose product is read once, for everything that a chunk does with it.
pub(crate) struct ReadRow {
    number: u32,
    pub(crate) id: ProductId,
    warnings: Vec<String>,
    /// The product, and its JSON, or why the row is not one.
    product: Result<(CreateProduct, Value), String>,
}

impl ReadRow {
    pub(crate) fn of(Row { number, id, content, warnings }: Row) -> Self {
        let product = match content {
            RowContent::Product(product) => match CreateProduct::from_json(product.clone()) {
                Ok(input) => Ok((input, product)),
                Err(problem) => Err(problem.to_string()),
            },
            RowContent::Wrong(reason) => Err(reason),
        };
        Self { number, id, warnings, product }
    }

    /// The product, if the row is one.
    pub(crate) fn input(&self) -> Option<&CreateProduct> {
        self.product.as_ref().ok().map(|(input, _)| input)
    }
}

/// The product of a row, and what of the row has no effect, or why the row is refused.
type Upserted = Result<(ProductId, Option<&'static str>), String>;

impl Work<'_> {
    /// Imports a row, or returns why it is refused.
    pub(crate) async fn import(
        &self,
        row: ReadRow,
        mode: Mode,
        context: &RequestContext,
    ) -> Result<Result<RowWarnings, Failure>, Problem> {
        let outcome = match (row.product, mode) {
            (Err(reason), _) => Err(reason),
            (Ok((input, _)), Mode::Create) => self.create(input, row.id, context).await?.map(|()| (row.id, None)),
            (Ok((input, json)), Mode::Upsert) => self.upsert(input, &json, row.id, context).await?,
        };
        Ok(match outcome {
            Ok((product, warning)) => {
                // Those of the file were shortened when the row was stored.
                let warnings = warning.into_iter().map(str::to_owned).chain(row.warnings).collect();
                Ok(RowWarnings { row: row.number, product, warnings })
            }
            Err(reason) => Err(Failure::new(row.number, reason)),
        })
    }

    /// Creates the product of a row, or returns why the row is refused.
    async fn create(
        &self,
        input: CreateProduct,
        id: ProductId,
        context: &RequestContext,
    ) -> Result<Result<(), String>, Problem> {
        let change = match input.create(id, self.categories).map_err(Problem::from) {
            Ok(change) => change,
            Err(problem) => return Ok(Err(problem.to_string())),
        };
        let commit = save_change(self.store.table().commit(context), &change);
        // A row without SKUs claims a key of its own.
        let commit = if change.claimed.is_empty() { commit.claim(&row_key(id), id) } else { commit };
        match commit.run().await {
            Ok(_) => Ok(Ok(())),
            // The row was imported by an earlier attempt, which did not finish its chunk.
            Err(Error::Taken { holder, .. }) if holder.read::<ProductId>().is_ok_and(|holder| holder == id) => {
                Ok(Ok(()))
            }
            Err(error) => refused(error),
        }
    }

    /// Changes the product that has the SKUs of a row, or creates it. `row` is the JSON of `input`.
    async fn upsert(
        &self,
        input: CreateProduct,
        row: &Value,
        id: ProductId,
        context: &RequestContext,
    ) -> Result<Upserted, Problem> {
        let skus: Vec<Sku> = input.skus().cloned().collect();
        let (mut first, mut later) = (Some(input), None);
        for _ in 0..ATTEMPTS {
            let input = first.take().map_or_else(|| CreateProduct::from_json(row.clone()), Ok)?;
            let product = match later.as_ref().unwrap_or(self.known).owner(&skus) {
                Ok(product) => product,
                Err(reason) => return Ok(Err(reason)),
            };
            let owners = match product {
                None => match self.create(input, id, context).await {
                    Ok(Ok(())) => return Ok(Ok((id, None))),
                    Ok(Err(reason)) => match self.others(&skus, id).await? {
                        // Another import created it meanwhile.
                        Some(owners) => owners,
                        None => return Ok(Err(reason)),
                    },
                    Err(Problem::Conflict) => self.store.owners(&skus).await?,
                    Err(problem) => return Err(problem),
                },
                Some(product) => match self.change(product.clone(), row, input, context).await {
                    Err(Problem::Conflict) => self.store.owners(&skus).await?,
                    outcome => return outcome,
                },
            };
            later = Some(Known::read(self.store, owners).await?);
        }
        Err(Problem::Conflict)
    }

    /// Changes a product to what a row says. A conflict means that it was changed meanwhile.
    async fn change(
        &self,
        product: Product,
        row: &Value,
        input: CreateProduct,
        context: &RequestContext,
    ) -> Result<Upserted, Problem> {
        let merged = match upsert::merge(&product, row, input) {
            Ok(merged) => merged,
            Err(reason) => return Ok(Err(reason)),
        };
        let done = Ok((product.id, merged.warning));
        match product.update(merged.status, merged.content, self.categories).map_err(Problem::from) {
            Err(problem) => Ok(Err(problem.to_string())),
            Ok(None) => Ok(done),
            Ok(Some(change)) => match save_change(self.store.table().commit(context), &change).run().await {
                Ok(_) => Ok(done),
                Err(Error::Taken { .. } | Error::Conflict) => Err(Problem::Conflict),
                Err(error) => refused(error),
            },
        }
    }

    /// The owners of SKUs by now, if one of them is another product.
    async fn others(&self, skus: &[Sku], id: ProductId) -> Result<Option<HashMap<Sku, ProductId>>, Problem> {
        let owners = self.store.owners(skus).await?;
        Ok(owners.values().any(|owner| *owner != id).then_some(owners))
    }
}

/// Why a product was not stored, if that is a reason to refuse its row.
fn refused<T>(error: Error) -> Result<Result<T, String>, Problem> {
    match not_stored(error) {
        problem @ Problem::Known(_) => Ok(Err(problem.to_string())),
        problem => Err(problem),
    }
}
