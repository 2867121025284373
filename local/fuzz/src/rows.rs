//! A file to import: whatever its rows are, each becomes a product's input or is refused with a reason.

use catalog::{input::CreateProduct, sheet::Format};
use contracts::Currency;
use lambda::Input;

/// Reads a file in each format.
pub fn rows(bytes: &[u8]) {
    let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).count();
    let charset = Some("windows-1252"); // it has a character for each byte, so that any bytes are read
    for (format, charset) in [(Format::JsonLines, None), (Format::Csv, None), (Format::Csv, charset)] {
        let Ok(sheet) = format.read(bytes, charset, Some(Currency::Eur)) else { continue };
        let rows = sheet.lines;
        let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{format:?} numbers its rows {numbers:?}");
        assert!(numbers.last().is_none_or(|last| *last as usize <= lines), "{format:?}: {numbers:?} of {lines}");
        for row in rows {
            let refused = row.content.and_then(|product| match CreateProduct::from_json(product) {
                Ok(_) => Ok(()),
                Err(problem) => Err(problem.to_string()),
            });
            assert!(refused.is_ok() || refused.is_err_and(|reason| !reason.is_empty()), "{format:?}");
        }
    }
}
