//! The records of a CSV file, as spreadsheets write it.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::{LONGEST_ROW, MOST_ROWS, lines::Lines, too_long};

/// The separators of columns, the most usual first.
pub(super) const SEPARATORS: [u8; 4] = *b",;\t|";
/// What is read after the text. The first ends the last row; the second is read only if a quotation mark is open.
const AFTER_THE_TEXT: &[u8] = b"\n\n";

/// A row: its line, and its cells or why they cannot be read.
pub(super) type Record = (u32, Result<StringRecord, String>);

/// The separator that the first line declares (`sep=;`), and the text after it.
pub(super) fn declared(text: &str) -> Option<(u8, &str)> {
    let line = text.split(['\r', '\n']).next()?;
    let (name, separator) = line.trim_matches('"').as_bytes().split_at_checked(4)?;
    let separator = SEPARATORS.into_iter().find(|known| separator == [*known])?;
    name.eq_ignore_ascii_case(b"sep=").then(|| (separator, &text[line.len()..]))
}

/// The first line with text, read with one separator.
pub(super) fn header(text: &str, separator: u8) -> StringRecord {
    let mut names = StringRecord::new();
    let mut reader = reader(separator, text.as_bytes());
    while next(&mut reader, &mut names) && is_blank(&names) {}
    names
}

/// The rows after the header. Rows without any text are left out.
pub(super) fn rows(text: &str, separator: u8) -> Vec<Record> {
    let mut reader = reader(separator, text.as_bytes().chain(AFTER_THE_TEXT));
    let (mut rows, mut places) = (Vec::new(), Lines::new(text.as_bytes()));
    let mut record = StringRecord::new();
    let end = text.len() as u64 + 1;
    let mut is_header = true;
    while rows.len() <= MOST_ROWS {
        let number = places.of(reader.position().byte());
        if !next(&mut reader, &mut record) {
            break;
        }
        if is_blank(&record) || std::mem::take(&mut is_header) {
            continue;
        }
        let cells = if reader.position().byte() > end {
            Err("has a quotation mark that is not closed: the rest of the file is not read".to_owned())
        } else if record.as_slice().len() > LONGEST_ROW {
            Err(too_long())
        } else {
            Ok(record.clone())
        };
        rows.push((number, cells));
    }
    rows
}

/// Reads the next record, if there is one. The only error would be one of the encoding, and the text is UTF-8.
fn next(reader: &mut csv::Reader<impl Read>, record: &mut StringRecord) -> bool {
    reader.read_record(record).is_ok_and(|is_record| is_record)
}

fn is_blank(record: &StringRecord) -> bool {
    record.iter().all(str::is_empty)
}

fn reader<R: Read>(separator: u8, source: R) -> csv::Reader<R> {
    let mut options = ReaderBuilder::new();
    options.delimiter(separator).has_headers(false).flexible(true).trim(Trim::All).from_reader(source)
}
