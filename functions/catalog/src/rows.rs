//! Imports rows: creates their products, or changes them.

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

/// Reads the product of a row, or returns why it is not one.
pub(crate) fn read(content: &RowContent) -> Result<(CreateProduct, &Value), String> {
    match content {
        RowContent::Product(product) => {
            let input = CreateProduct::from_json(product.clone()).map_err(|problem| problem.to_string())?;
            Ok((input, product))
        }
        RowContent::Wrong(reason) => Err(reason.clone()),
    }
}

impl Work<'_> {
    /// Imports a row, or returns why it is refused.
    pub(crate) async fn import(
        &self,
        row: Row,
        mode: Mode,
        context: &RequestContext,
    ) -> Result<Result<RowWarnings, Failure>, Problem> {
        let outcome = match (read(&row.content), mode) {
            (Err(reason), _) => Err(reason),
            (Ok((input, _)), Mode::Create) => self.create(input, row.id, context).await?.map(|()| (row.id, None)),
            (Ok((_, product)), Mode::Upsert) => self.upsert(product, row.id, context).await?,
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

    /// Changes the product that has the SKUs of a row, or creates it. Returns the product, and what of the row has no
    /// effect.
    async fn upsert(
        &self,
        row: &Value,
        id: ProductId,
        context: &RequestContext,
    ) -> Result<Result<(ProductId, Option<&'static str>), String>, Problem> {
        let mut later = None;
        for _ in 0..ATTEMPTS {
            let input = CreateProduct::from_json(row.clone())?;
            let skus: Vec<Sku> = input.skus().cloned().collect();
            let product = match later.as_ref().unwrap_or(self.known).owner(&skus) {
                Ok(product) => product.cloned(),
                Err(reason) => return Ok(Err(reason)),
            };
            let outcome = match product {
                None => match self.create(input, id, context).await {
                    // Another import created it meanwhile.
                    Ok(Err(_)) if self.is_owned(&skus, id).await? => Err(Problem::Conflict),
                    outcome => outcome.map(|created| created.map(|()| (id, None))),
                },
                Some(product) => {
                    let merged = match upsert::merge(&product, row, input) {
                        Ok(merged) => merged,
                        Err(reason) => return Ok(Err(reason)),
                    };
                    let (owner, warning) = (product.id, merged.warning);
                    match product.update(merged.status, merged.content, self.categories).map_err(Problem::from) {
                        Err(problem) => Ok(Err(problem.to_string())),
                        Ok(None) => Ok(Ok((owner, warning))),
                        Ok(Some(change)) => {
                            let commit = save_change(self.store.table().commit(context), &change);
                            match commit.run().await {
                                Ok(_) => Ok(Ok((owner, warning))),
                                Err(Error::Taken { .. } | Error::Conflict) => Err(Problem::Conflict),
                                Err(error) => refused(error),
                            }
                        }
                    }
                }
            };
            match outcome {
                Err(Problem::Conflict) => later = Some(Known::read(self.store, self.store.owners(&skus).await?).await?),
                outcome => return outcome,
            }
        }
        Err(Problem::Conflict)
    }

    /// Whether another product has one of the SKUs by now.
    async fn is_owned(&self, skus: &[Sku], id: ProductId) -> Result<bool, Problem> {
        Ok(self.store.owners(skus).await?.into_values().any(|owner| owner != id))
    }
}

/// Why a product was not stored, if that is a reason to refuse its row.
fn refused<T>(error: Error) -> Result<Result<T, String>, Problem> {
    match not_stored(error) {
        problem @ Problem::Known(_) => Ok(Err(problem.to_string())),
        problem => Err(problem),
    }
}
