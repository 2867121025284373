//! An import: a file of products, split into chunks that are processed one by one.
//!
//! The result of each chunk is stored in a record of its own, so chunks that are processed at the same time do not
//! conflict. The number of pending chunks is counted when it is needed.

use contracts::{ImportId, ProductId, UserId};
use dynamo::Version;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The maximum number of rows of a chunk. A chunk is processed in seconds.
const CHUNK_ROWS: usize = 100;
/// The maximum size of a chunk's rows as JSON, in bytes. Ten chunks are written in one transaction of at most 4 MB.
const CHUNK_BYTES: usize = 256 * 1024;
/// The time for which an import and its results are kept.
const KEPT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The delay after which chunks without a result are sent again. It doubles each time.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);
/// The maximum number of times that the delay is doubled: it is then about a day and a half.
const MOST_DOUBLINGS: u32 = 9;

/// One row of an import's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The line of the file on which it begins, from 1.
    pub(crate) number: u32,
    /// The id of its product, which is the same for every attempt.
    pub(crate) id: ProductId,
    pub(crate) content: RowContent,
    /// What of the row is not imported, or is changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<String>,
}

/// What happens to a row whose SKU exists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "ImportMode")]
pub(crate) enum Mode {
    /// The row is refused.
    #[default]
    Create,
    /// The row changes the product that has the SKU. Fields that the row does not have, other variants, and prices in
    /// other currencies do not change.
    Upsert,
}

/// The content of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RowContent {
    /// A product, in the format of `POST /v1/products`.
    Product(Value),
    /// The reason why the row is not a product.
    Wrong(String),
}

/// The maximum length of a reason and of a warning. A row can have many errors, so longer reasons are cut off.
const LONGEST_REASON: usize = 500;
/// The end of a text that is cut off.
const CUT: &str = "…";
/// The maximum length of all warnings of a row.
const LONGEST_WARNINGS: usize = 1500;

impl RowContent {
    /// The result of reading a row.
    pub(crate) fn of(read: Result<Value, String>) -> Self {
        read.map_or_else(|reason| Self::Wrong(cut(reason)), Self::Product)
    }
}

/// Some rows of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Chunk {
    pub(crate) import: ImportId,
    /// The number of the chunk, from 1.
    pub(crate) number: u32,
    /// The user who started the import.
    pub(crate) by: UserId,
    /// The request that started the import.
    pub(crate) correlation: String,
    pub(crate) kept_until: Timestamp,
    #[serde(default)]
    pub(crate) mode: Mode,
    /// Its [`Row`]s as JSON. One text is read and written faster than a thousand attributes.
    rows: String,
}

impl Chunk {
    pub(crate) fn rows(&self) -> Result<Vec<Row>, serde_json::Error> {
        serde_json::from_str(&self.rows)
    }

    /// The result of the chunk. `outcomes` has, for each row, its warnings or why it was refused.
    pub(crate) fn done(&self, outcomes: Vec<Result<RowWarnings, Failure>>, now: Timestamp) -> ChunkResult {
        let (mut imported, mut failed, mut warned) = (0, Vec::new(), Vec::new());
        for outcome in outcomes {
            match outcome {
                Ok(row) => {
                    imported += 1;
                    warned.extend((!row.warnings.is_empty()).then_some(row));
                }
                Err(failure) => failed.push(failure),
            }
        }
        let (import, number, kept_until) = (self.import, self.number, self.kept_until);
        ChunkResult { import, number, imported, failed, warned, finished_at: now, kept_until }
    }
}

/// The warnings of a row that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RowWarnings {
    pub(crate) row: u32,
    pub(crate) product: ProductId,
    pub(crate) warnings: Vec<String>,
}

/// The warnings of a row, cut off if they are long. The last says how many are left out.
pub(crate) fn in_short(warnings: Vec<String>) -> Vec<String> {
    let (count, mut left) = (warnings.len(), LONGEST_WARNINGS);
    let fits = |warning: &String| {
        let fits = warning.len() <= left;
        left = left.saturating_sub(warning.len());
        fits
    };
    let mut short: Vec<_> = warnings.into_iter().map(cut).take_while(fits).collect();
    let left_out = count - short.len();
    short.extend((left_out > 0).then(|| format!("warnings that are not shown: {left_out}")));
    short
}

/// A row that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) row: u32,
    pub(crate) reason: String,
}

impl Failure {
    pub(crate) fn new(row: u32, reason: String) -> Self {
        Self { row, reason: cut(reason) }
    }
}

fn cut(mut reason: String) -> String {
    if reason.len() > LONGEST_REASON {
        reason.truncate(reason.floor_char_boundary(LONGEST_REASON - CUT.len()));
        reason.push_str(CUT);
    }
    reason
}

/// The result of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChunkResult {
    pub(crate) import: ImportId,
    pub(crate) number: u32,
    pub(crate) imported: u32,
    pub(crate) failed: Vec<Failure>,
    #[serde(default)]
    pub(crate) warned: Vec<RowWarnings>,
    pub(crate) finished_at: Timestamp,
    pub(crate) kept_until: Timestamp,
}

/// The message that starts the processing of a chunk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Task {
    pub(crate) import: ImportId,
    pub(crate) chunk: u32,
}

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Import {
    pub(crate) id: ImportId,
    /// The number of rows in the file.
    pub(crate) rows: u32,
    pub(crate) chunks: u32,
    /// What of the file as a whole is not imported.
    #[serde(default)]
    pub(crate) warnings: Vec<String>,
    /// The number of records with the stock of its SKUs.
    #[serde(default)]
    pub(crate) adjustments: u32,
    pub(crate) started_at: Timestamp,
    pub(crate) kept_until: Timestamp,
    /// The time at which chunks without a result are sent again. `None` when all chunks are done.
    pub(crate) resume_at: Option<Timestamp>,
    resumed: u32,
    pub(crate) version: Version,
}

impl Import {
    /// Creates an import and its chunks.
    pub(crate) fn begin(
        id: ImportId,
        by: UserId,
        correlation: &str,
        mode: Mode,
        rows: &[Row],
        now: Timestamp,
    ) -> Result<(Self, Vec<Chunk>), serde_json::Error> {
        let kept_until = now + KEPT;
        let texts = rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>()?;
        let chunks: Vec<_> = (1..)
            .zip(pack(&texts))
            .map(|(number, rows)| Chunk {
                import: id,
                number,
                by,
                correlation: correlation.to_owned(),
                kept_until,
                mode,
                rows: format!("[{}]", rows.join(",")),
            })
            .collect();
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let import = Self {
            id,
            rows: count(rows.len()),
            chunks: count(chunks.len()),
            warnings: Vec::new(),
            adjustments: 0,
            started_at: now,
            kept_until,
            resume_at: Some(now + PATIENCE),
            resumed: 0,
            version: Version::default(),
        };
        Ok((import, chunks))
    }

    /// Whether every row was imported or refused.
    pub(crate) fn is_done(&self, results: &[ChunkResult]) -> bool {
        self.tasks(results).is_empty()
    }

    /// The messages for all chunks without a result.
    pub(crate) fn tasks(&self, results: &[ChunkResult]) -> Vec<Task> {
        let missing = (1..=self.chunks).filter(|number| results.iter().all(|result| result.number != *number));
        missing.map(|chunk| Task { import: self.id, chunk }).collect()
    }

    /// Returns the messages for the chunks without a result. Each time doubles the delay until the next time. Returns
    /// `None` if the import is not overdue.
    pub(crate) fn resume(mut self, results: &[ChunkResult], now: Timestamp) -> Option<(Self, Vec<Task>)> {
        self.resume_at.filter(|at| *at < now)?;
        let tasks = self.tasks(results);
        self.resumed += 1;
        let patience = PATIENCE * 2_i32.pow(self.resumed.min(MOST_DOUBLINGS));
        self.resume_at = (!tasks.is_empty()).then(|| now + patience);
        Some((self, tasks))
    }
}

/// Splits texts into runs of at most `CHUNK_ROWS` texts and `CHUNK_BYTES` bytes.
fn pack(texts: &[String]) -> Vec<&[String]> {
    let (mut runs, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, text) in texts.iter().enumerate() {
        if at - start == CHUNK_ROWS || (at > start && bytes + text.len() > CHUNK_BYTES) {
            runs.push(&texts[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += text.len();
    }
    if start < texts.len() {
        runs.push(&texts[start..]);
    }
    runs
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn begun(rows: u32, bytes: usize) -> (Import, Vec<Chunk>) {
        let row = |number| Row {
            number,
            id: Uuid::nil().into(),
            content: RowContent::Wrong("x".repeat(bytes)),
            warnings: Vec::new(),
        };
        let rows: Vec<_> = (1..=rows).map(row).collect();
        Import::begin(Uuid::nil().into(), Uuid::nil().into(), "request", Mode::Create, &rows, NOW).unwrap()
    }

    fn numbers(tasks: &[Task]) -> Vec<u32> {
        tasks.iter().map(|task| task.chunk).collect()
    }

    #[test]
    fn chunks_hold_every_row_once_in_order() {
        for (rows, bytes, chunks) in [(1, 1, 1), (100, 1, 1), (101, 1, 2), (250, 1, 3), (10, 100_000, 5)] {
            let (import, made) = begun(rows, bytes);
            assert_eq!((import.rows, import.chunks as usize, made.len()), (rows, chunks, chunks), "{rows} of {bytes}");
            let seen: Vec<u32> = made.iter().flat_map(|chunk| chunk.rows().unwrap()).map(|row| row.number).collect();
            assert_eq!(seen, (1..=rows).collect::<Vec<_>>());
            assert!(made.iter().all(|chunk| chunk.rows.len() < 300 * 1024));
        }
    }

    #[test]
    fn a_result_counts_what_became_of_each_row() {
        let (_, chunks) = begun(3, 1);
        let failure = Failure { row: 2, reason: "no title".to_owned() };
        let row = |row, warnings: &[&str]| RowWarnings {
            row,
            product: Uuid::nil().into(),
            warnings: warnings.iter().map(|warning| (*warning).to_owned()).collect(),
        };
        let warned = row(3, &["has no image"]);
        let result = chunks[0].done(vec![Ok(row(1, &[])), Err(failure.clone()), Ok(warned.clone())], NOW);
        assert_eq!((result.imported, result.failed, result.warned), (2, vec![failure], vec![warned]));
    }

    #[test]
    fn the_warnings_of_a_row_have_a_maximum_length() {
        let warnings = in_short(vec!["ä".repeat(400); 10]);
        let cut = "ä".repeat(248) + "…";
        assert_eq!(warnings, [&cut, &cut, &cut, "warnings that are not shown: 7"]);
        let whole = vec!["x".repeat(LONGEST_REASON), "short".to_owned()];
        assert_eq!(in_short(whole.clone()), whole);
    }

    #[test]
    fn a_chunk_that_was_stored_before_modes_creates() {
        let (_, chunks) = begun(1, 1);
        let mut stored = serde_json::to_value(&chunks[0]).unwrap();
        stored.as_object_mut().unwrap().remove("mode");
        assert_eq!(serde_json::from_value::<Chunk>(stored).unwrap(), chunks[0]);
    }

    #[test]
    fn chunks_without_a_result_are_sent_again_after_growing_delays() {
        let (import, chunks) = begun(250, 1);
        assert_eq!(numbers(&import.tasks(&[])), [1, 2, 3]);
        let results = [chunks[1].done(Vec::new(), NOW)];
        let first = NOW + PATIENCE + SignedDuration::from_secs(1);
        let (import, tasks) = import.resume(&results, first).unwrap();
        assert_eq!((numbers(&tasks), import.resume_at), (vec![1, 3], Some(first + PATIENCE * 2)));
        let second = first + PATIENCE * 3;
        let (import, tasks) = import.resume(&results, second).unwrap();
        assert_eq!((numbers(&tasks), import.resume_at), (vec![1, 3], Some(second + PATIENCE * 4)));
        let results: Vec<_> = chunks.iter().map(|chunk| chunk.done(Vec::new(), NOW)).collect();
        let third = second + PATIENCE * 5;
        let (import, tasks) = import.resume(&results, third).unwrap();
        assert_eq!((tasks, import.resume_at), (Vec::new(), None));
        assert!(import.resume(&results, third + PATIENCE).is_none());
    }

    #[test]
    fn an_import_is_not_resumed_before_it_is_overdue() {
        let (import, _) = begun(1, 1);
        assert!(import.clone().resume(&[], NOW + PATIENCE).is_none());
        let overdue = NOW + PATIENCE + SignedDuration::from_millis(1);
        let (resumed, _) = import.resume(&[], overdue).unwrap();
        assert!(resumed.resume(&[], overdue).is_none());
    }
}
