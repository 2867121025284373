//! Download the stock of an import's file as adjustments.

use std::collections::HashSet;

use contracts::{ImportId, Role};
use garde::Validate;
use lambda::{Call, CsvFile, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, adjustment};

/// The import with the stock.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetImportAdjustments {
    #[garde(skip)]
    import_id: ImportId,
}

pub fn function() -> Function {
    Function::http("get-import-adjustments", handle)
        .about(
            "Returns the stock that the imported file states, as CSV with a row for each SKU. An import does not \
             change stock: send each row to `POST /v1/stock/{sku}/adjustments`. `delta` is the number in the \
             file. If the SKU has stock already, subtract its `onHand` first.",
        )
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND])
}

/// Stock belongs to another service. Each row of the file is the body of `POST /v1/stock/{sku}/adjustments`.
async fn handle(catalog: Catalog, call: Call<GetImportAdjustments>) -> Result<CsvFile, Problem> {
    let import = catalog.store.import(call.input.import_id).await?;
    let (import, results) = import.ok_or_else(|| Problem::not_found("import"))?;
    let refused: HashSet<u32> = results.iter().flat_map(|result| &result.failed).map(|failure| failure.row).collect();
    let records = catalog.store.adjustments(&import).await?;
    let text = adjustment::csv(&records, |row| refused.contains(&row)).map_err(Problem::internal)?;
    Ok(CsvFile::new(format!("{}.csv", import.id), text))
}
