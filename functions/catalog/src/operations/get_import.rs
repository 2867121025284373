//! Get how far an import is, with each bad row and its reason.

use contracts::{ImportId, Role};
use garde::Validate;
use jiff::Timestamp;
use lambda::{Call, Found, Function, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Catalog,
    import::{ChunkResult, Import},
};

/// Most bad rows of one answer.
const MOST_PROBLEMS: usize = 1000;

/// Which import.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetImport {
    #[garde(skip)]
    import_id: ImportId,
    /// Only bad rows after this one: an answer tells the first 1,000.
    #[garde(skip)]
    after: Option<u32>,
}

/// Whether there is something left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Progress {
    /// It is being worked off.
    Running,
    /// Every row is a product, or has its reason.
    Done,
}

/// A row that did not become a product.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RowProblem {
    /// The line of the file that it begins on, from 1.
    row: u32,
    /// What is wrong with it.
    reason: String,
}

/// How far an import is.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    id: ImportId,
    status: Progress,
    /// Rows of the file.
    rows: u32,
    /// Rows that are products now.
    imported: u32,
    /// Rows that are not, and why is known.
    failed: u32,
    /// Rows that are still to be looked at.
    pending: u32,
    started_at: Timestamp,
    /// When the last row was done.
    finished_at: Option<Timestamp>,
    /// Bad rows, in the order of the file.
    problems: Vec<RowProblem>,
    /// Where to go on: `?after=`. None when all bad rows known so far have been told.
    next_after: Option<u32>,
}

impl ImportView {
    pub(crate) fn of(import: &Import, results: &[ChunkResult], after: u32) -> Self {
        let done = import.tasks(results).is_empty();
        let imported = results.iter().map(|result| result.imported).sum();
        let failures = results.iter().flat_map(|result| &result.failed);
        let failed = u32::try_from(failures.clone().count()).unwrap_or(u32::MAX);
        let mut later = failures.filter(|failure| failure.row > after);
        let told = later.by_ref().take(MOST_PROBLEMS);
        let problems: Vec<_> =
            told.map(|failure| RowProblem { row: failure.row, reason: failure.reason.clone() }).collect();
        let next_after = later.next().and(problems.last()).map(|problem| problem.row);
        Self {
            id: import.id,
            status: if done { Progress::Done } else { Progress::Running },
            rows: import.rows,
            imported,
            failed,
            pending: import.rows.saturating_sub(imported + failed),
            started_at: import.started_at,
            finished_at: results.iter().map(|result| result.finished_at).max().filter(|_| done),
            problems,
            next_after,
        }
    }
}

/// This function.
pub fn function() -> Function {
    Function::http("get-import", handle)
}

async fn handle(catalog: Catalog, call: Call<GetImport>) -> Result<Found<ImportView>, Problem> {
    call.caller.require(&[Role::Merchant, Role::Support])?;
    let import = catalog.store.import(call.input.import_id).await?;
    let (import, results) = import.ok_or_else(|| Problem::not_found("import"))?;
    Ok(Found::new(ImportView::of(&import, &results, call.input.after.unwrap_or_default())))
}
