//! The stock in a file of products. Stock belongs to another service, so an import offers it as adjustments to send
//! there.

use contracts::ImportId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The maximum size of the adjustments in one record, in bytes.
const RECORD_BYTES: usize = 256 * 1024;
/// The reason of each adjustment. It corrects the count; `received` would mean that a supplier delivered the units.
const REASON: &str = "import";

/// Units to add to the stock of a SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Adjustment {
    /// The row of the file.
    pub(crate) row: u32,
    pub(crate) sku: String,
    pub(crate) delta: i64,
}

/// Some adjustments of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Adjustments {
    pub(crate) import: ImportId,
    /// The number of the record, from 1.
    pub(crate) number: u32,
    pub(crate) kept_until: Timestamp,
    /// [`Adjustment`]s as JSON. One text is read and written faster than thousands of attributes.
    entries: String,
}

impl Adjustments {
    /// The records of the adjustments of an import.
    pub(crate) fn of(
        import: ImportId,
        adjustments: &[Adjustment],
        kept_until: Timestamp,
    ) -> Result<Vec<Self>, serde_json::Error> {
        let mut runs: Vec<Vec<String>> = Vec::new();
        let mut bytes = 0;
        for adjustment in adjustments {
            let entry = serde_json::to_string(adjustment)?;
            bytes += entry.len();
            match runs.last_mut() {
                Some(run) if bytes <= RECORD_BYTES => run.push(entry),
                _ => {
                    bytes = entry.len();
                    runs.push(vec![entry]);
                }
            }
        }
        let records = (1..).zip(runs).map(|(number, run)| Self {
            import,
            number,
            kept_until,
            entries: format!("[{}]", run.join(",")),
        });
        Ok(records.collect())
    }
}

/// The adjustments as CSV, with the fields of an adjustment of stock. Those of rows that were refused are left out.
pub(crate) fn csv(records: &[Adjustments], is_refused: impl Fn(u32) -> bool) -> Result<String, serde_json::Error> {
    let mut text = "sku,delta,reason\n".to_owned();
    for record in records {
        let entries: Vec<Adjustment> = serde_json::from_str(&record.entries)?;
        for Adjustment { sku, delta, .. } in entries.into_iter().filter(|entry| !is_refused(entry.row)) {
            // A SKU has no character that CSV needs to quote.
            text.extend([&sku, ",", &delta.to_string(), ",", REASON, "\n"]);
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn records(count: u32) -> Vec<Adjustments> {
        let adjustment = |row| Adjustment { row, sku: format!("SKU-{row}"), delta: i64::from(row) };
        let all: Vec<_> = (1..=count).map(adjustment).collect();
        Adjustments::of(Uuid::nil().into(), &all, Timestamp::UNIX_EPOCH).unwrap()
    }

    #[test]
    fn adjustments_are_csv_without_those_of_refused_rows() {
        let text = csv(&records(3), |row| row == 2).unwrap();
        assert_eq!(text, "sku,delta,reason\nSKU-1,1,import\nSKU-3,3,import\n");
        assert_eq!(records(0), []);
    }

    #[test]
    fn many_adjustments_are_several_records() {
        let records = records(20_000);
        assert!(records.len() > 1 && records.iter().all(|record| record.entries.len() < 300 * 1024));
        assert_eq!(
            records.iter().map(|record| record.number).collect::<Vec<_>>(),
            (1..=u32::try_from(records.len()).unwrap()).collect::<Vec<_>>()
        );
        let text = csv(&records, |_| false).unwrap();
        assert_eq!((text.lines().count(), text.lines().last()), (20_001, Some("SKU-20000,20000,import")));
    }
}
