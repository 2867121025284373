//! An import of products, as the catalog answers it, and the part of its page that updates itself.

use askama::Template;
use contracts::{ImportId, ProductId};
use jiff::Timestamp;
use lambda::{ApiError, ApiRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Storefront, poll::Poll, shell::Shell, signed::Signed};

/// How far an import is, with the rows that it refused or warns of: as many as fit into one answer.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownImport")]
pub(crate) struct Import {
    pub(crate) id: ImportId,
    pub(crate) status: ImportStatus,
    /// The number of products in the file, as are those that follow.
    pub(crate) rows: u64,
    pub(crate) imported: u64,
    pub(crate) failed: u64,
    pub(crate) pending: u64,
    #[schemars(with = "String")]
    pub(crate) started_at: Timestamp,
    #[schemars(with = "Option<String>")]
    pub(crate) finished_at: Option<Timestamp>,
    /// What of the file as a whole is not imported.
    pub(crate) warnings: Vec<String>,
    /// The refused rows.
    pub(crate) problems: Vec<RefusedRow>,
    /// The rows that were imported with warnings.
    pub(crate) row_warnings: Vec<WarnedRow>,
    /// The row after which there are more. `null` if there are no more so far.
    pub(crate) next_after: Option<u64>,
}

/// The status of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "ShownImportStatus")]
pub(crate) enum ImportStatus {
    Running,
    Done,
}

/// A row that was refused.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "ShownRefusedRow")]
pub(crate) struct RefusedRow {
    pub(crate) row: u64,
    pub(crate) reason: String,
}

/// A row that was imported with warnings.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ShownWarnedRow")]
pub(crate) struct WarnedRow {
    pub(crate) row: u64,
    pub(crate) product_id: ProductId,
    pub(crate) warnings: Vec<String>,
}

/// How far an import is. The fragment and the page are made from the same macro.
#[derive(Debug, Template)]
#[template(path = "desk_import_live.html")]
pub(crate) struct ImportLive {
    shell: Shell,
    import: Import,
    /// How it gets itself anew. `None` if the import is done.
    pub(crate) poll: Option<Poll>,
    /// Whether the page shows a running import that is done, so that all of it must be fetched.
    is_changed: bool,
}

impl ImportLive {
    pub(crate) fn of(import: &Import, shell: &Shell) -> Self {
        let is_running = import.status == ImportStatus::Running;
        let poll = is_running.then(|| Poll::after(None, &fragment(import.id)));
        Self { shell: shell.clone(), import: import.clone(), poll, is_changed: false }
    }

    /// For a page that shows a running import, and waited for some seconds.
    pub(crate) fn since_running(self, waited: Option<u32>) -> Self {
        let poll = self.poll.map(|_| Poll::after(waited, &fragment(self.import.id)));
        Self { is_changed: poll.is_none(), poll, ..self }
    }
}

fn fragment(import: ImportId) -> String {
    format!("/fragments/imports/{import}/live")
}

impl Import {
    /// How far it is, in a text.
    pub(crate) fn progress(&self, shell: &Shell) -> String {
        shell.texts.filled("import-progress", &[("done", &self.processed()), ("rows", &self.rows)])
    }

    /// The products that were processed.
    pub(crate) fn processed(&self) -> u64 {
        self.imported.saturating_add(self.failed)
    }

    /// How long it took, in seconds. At least one.
    pub(crate) fn seconds(&self) -> u64 {
        let end = self.finished_at.unwrap_or(self.started_at);
        u64::try_from(end.duration_since(self.started_at).as_secs()).unwrap_or_default().max(1)
    }
}

/// The refused rows as a file for a spreadsheet.
pub(crate) fn csv(rows: &[RefusedRow]) -> String {
    let row = |refused: &RefusedRow| {
        // A spreadsheet would calculate what begins like a formula.
        let guard = if refused.reason.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        format!("{},\"{guard}{}\"\r\n", refused.row, refused.reason.replace('"', "\"\""))
    };
    format!("row,reason\r\n{}", rows.iter().map(row).collect::<String>())
}

impl Storefront {
    /// An import, with its rows after one.
    pub(crate) async fn import(&self, signed: &Signed, id: ImportId, after: Option<u64>) -> Result<Import, ApiError> {
        let after = after.map(|after| format!("?after={after}")).unwrap_or_default();
        self.catalog.send(signed.with_token(ApiRequest::get(format!("/v1/imports/{id}{after}")))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_cell_and_no_formula() {
        let row = |row, reason: &str| RefusedRow { row, reason: reason.to_owned() };
        let rows = [row(2, "the price \"free\", it is none"), row(9, "=SUM(A1)")];
        assert_eq!(csv(&rows), "row,reason\r\n2,\"the price \"\"free\"\", it is none\"\r\n9,\"'=SUM(A1)\"\r\n");
    }
}
