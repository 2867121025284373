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
             change stock: send each row to `POST /v1/stock/{sku}/adjustments`, with its `sku` in the path, and \
             its `delta` and `reason` in the body. `delta` is the number in the file. If the SKU has stock already, \
             subtract its `onHand` first. Rows that were refused are left out, so the file exists only once every \
             row was imported or refused (before that: 409 `import-running`).",
        )
        .roles(&[Role::Merchant])
        .problems(&[NOT_FOUND, (409, "import-running")])
}

/// Stock belongs to another service. Each row of the file is a request of `POST /v1/stock/{sku}/adjustments`: `sku` is in
/// its path, `delta` and `reason` are its body.
async fn handle(catalog: Catalog, call: Call<GetImportAdjustments>) -> Result<CsvFile, Problem> {
    let import = catalog.store.import(call.input.import_id).await?;
    let (import, results) = import.ok_or_else(|| Problem::not_found("import"))?;
    // A row without a result may still be refused, for example because its SKU exists and has this stock already.
    if !import.is_done(&results) {
        return Err(Problem::new(409, "import-running", "The import is not finished")
            .detail("Some rows are still to be processed. Download the file when the import has the status done."));
    }
    let refused: HashSet<u32> = results.iter().flat_map(|result| &result.failed).map(|failure| failure.row).collect();
    let records = catalog.store.adjustments(&import).await?;
    let text = adjustment::csv(&records, |row| refused.contains(&row)).map_err(Problem::internal)?;
    Ok(CsvFile::new(format!("{}.csv", import.id), text))
}
