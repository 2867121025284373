//! Get the rows that an import of products refused, as a file for a spreadsheet.

use contracts::{ImportId, Role};
use garde::Validate;
use lambda::{Function, Problem, StaticFile, Visit};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    Storefront,
    entry::not_signed_in,
    import::{Import, csv},
};

/// How often the catalog is asked for more rows: it gives at least a hundred, and a file has at most 20,000.
const MOST_CALLS: usize = 200;

#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase")]
pub struct GetImportErrors {
    #[garde(skip)]
    import_id: ImportId,
}

/// A file, and no page: it has no JSON of its own.
pub fn function() -> Function {
    Function::page("get-import-errors", get)
}

async fn get(storefront: Storefront, visit: Visit<GetImportErrors>) -> Result<StaticFile, Problem> {
    let signed = storefront.at_desk(Role::Merchant, &visit).await?.ok_or_else(not_signed_in)?;
    let (mut rows, mut after) = (Vec::new(), None);
    for _ in 0..MOST_CALLS {
        let Import { problems, next_after, .. } = storefront.import(&signed, visit.input.import_id, after).await?;
        rows.extend(problems);
        after = next_after;
        if after.is_none() {
            break;
        }
    }
    Ok(StaticFile::new("text/csv; charset=utf-8", csv(&rows)))
}
