//! Get the progress of an import, its refused rows and its warnings.

use contracts::{ImportId, Role};
use garde::Validate;
use lambda::{Call, Found, Function, NOT_FOUND, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Catalog, view::ImportView};

/// The import to get.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetImport {
    #[garde(skip)]
    import_id: ImportId,
    /// Lists the rows with problems or warnings after this row. Send the `nextAfter` of the previous reply. Defaults to
    /// the first row. A reply lists at most 1,000 rows.
    #[garde(skip)]
    after: Option<u32>,
}

pub fn function() -> Function {
    Function::http("get-import", handle)
        .about(
            "Returns the numbers of imported and refused rows so far, and the reason for each refused row, at \
             most 1,000 in a reply. An import can be read for 30 days.",
        )
        .roles(&[Role::Merchant, Role::Support])
        .problems(&[NOT_FOUND])
}

async fn handle(catalog: Catalog, call: Call<GetImport>) -> Result<Found<ImportView>, Problem> {
    let import = catalog.store.import(call.input.import_id).await?;
    let (import, results) = import.ok_or_else(|| Problem::not_found("import"))?;
    Ok(Found::new(ImportView::of(&import, &results, call.input.after.unwrap_or_default())))
}
