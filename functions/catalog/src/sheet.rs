//! Files of products: JSON lines, CSV with one variant a row, or an export of another shop.

mod amount;
mod assembly;
mod boolean;
mod categories;
mod cell;
mod column;
mod columns;
mod encoding;
mod exports;
mod guess;
mod html;
mod lines;
mod names;
mod records;
mod shopify;
mod table;
mod tax;
mod woocommerce;

pub use categories::{Named, NamedCategories};
pub(crate) use cell::quote;
use contracts::Currency;
use lambda::Problem;
use serde_json::Value;

/// The maximum number of rows of a file.
pub(crate) const MOST_ROWS: usize = 20_000;
/// The maximum size of a row, in bytes.
const LONGEST_ROW: usize = 48 * 1024;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Each line is a product, in the format of `POST /v1/products`.
    JsonLines,
    /// A header, then rows. Each row is a product with one variant, or a part of a product in an export of another shop.
    Csv,
}

/// A file that was read.
pub struct Sheet {
    /// Its products, in the order of their lines.
    pub lines: Vec<Line>,
    /// What of the file as a whole is not imported.
    pub warnings: Vec<String>,
}

/// A product of a file, and the line that it begins on.
pub struct Line {
    pub number: u32,
    /// A product as JSON, unchecked, or why the row cannot be read.
    pub content: Result<Value, String>,
    /// What of the product is not imported, or is changed.
    pub warnings: Vec<String>,
    /// The units in stock by SKU.
    pub stock: Vec<(String, i64)>,
    /// The categories that the file names.
    pub categories: NamedCategories,
}

impl Line {
    fn new(number: u32, content: Result<Value, String>) -> Self {
        Self { number, content, warnings: Vec::new(), stock: Vec::new(), categories: Vec::new() }
    }

    fn refused(number: u32, reason: String) -> Self {
        Self::new(number, Err(reason))
    }
}

/// The reason why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The file has no rows.
    Empty,
    /// The file has too many rows.
    TooManyRows,
    /// The file is a workbook of a spreadsheet program.
    Workbook,
    /// The file is not text in a known encoding. The first such line.
    Encoding { line: u32 },
    /// Columns have unknown names.
    UnknownColumns(Vec<String>),
    /// Two columns have the same meaning.
    RepeatedColumn(String),
    /// The file is an export of this shop system, which names no currency, and the request names none either.
    NoCurrency { of: &'static str },
}

impl Format {
    /// The format of a media type. JSON is accepted as JSON lines, because a single product is one line.
    pub fn of(media_type: &str) -> Option<Self> {
        match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/x-ndjson" | "application/jsonl" | "application/json" => Some(Self::JsonLines),
            // API Gateway passes on these two as bytes, and so does not damage other encodings than UTF-8. Browsers on
            // Windows send the last for a file of CSV.
            "text/csv" | "application/csv" | "application/vnd.ms-excel" => Some(Self::Csv),
            _ => None,
        }
    }

    /// Reads the rows of a file. An invalid row does not affect the others. `charset` is the encoding that the sender
    /// named. It counts only if the file is not Unicode; without it, the encodings of Excel are told apart. `currency` is that
    /// of prices whose column names none.
    pub fn read(self, bytes: &[u8], charset: Option<&str>, currency: Option<Currency>) -> Result<Sheet, Rejection> {
        // JSON is Unicode.
        let encoding::Decoded { text, guessed } = encoding::decode(bytes, charset, self == Self::Csv)?;
        let mut sheet = match self {
            Self::JsonLines => {
                let lines = json_lines(text.as_bytes()).take(MOST_ROWS + 1).collect();
                Sheet { lines, warnings: Vec::new() }
            }
            Self::Csv => table::read(&text, currency)?,
        };
        if let Some(encoding) = guessed {
            sheet.warnings.insert(
                0,
                format!(
                    "The file is not UTF-8 and was read as {encoding}. If its letters are wrong, save it as UTF-8 and import \
                     it again with mode=upsert"
                ),
            );
        }
        match sheet.lines.len() {
            0 => Err(Rejection::Empty),
            1..=MOST_ROWS => Ok(sheet),
            _ => Err(Rejection::TooManyRows),
        }
    }

    /// Why the product of a row is refused. For CSV it names columns in place of JSON pointers.
    pub(crate) fn reason(self, problem: &Problem, product: &Value) -> String {
        match (self, problem.errors()) {
            (Self::JsonLines, _) | (Self::Csv, []) => problem.to_string(),
            (Self::Csv, errors) => {
                let reasons =
                    errors.iter().map(|error| format!("{}: {}", column::at(&error.pointer, product), error.detail));
                reasons.collect::<Vec<_>>().join("; ")
            }
        }
    }
}

/// The parameter `charset` of a media type.
pub(crate) fn charset(media_type: &str) -> Option<&str> {
    let mut parameters = media_type.split(';').filter_map(|parameter| parameter.trim().split_once('='));
    parameters.find(|(name, _)| name.eq_ignore_ascii_case("charset")).map(|(_, value)| value.trim_matches('"'))
}

fn json_lines(bytes: &[u8]) -> impl Iterator<Item = Line> {
    let lines = (1..).zip(bytes.split(|byte| *byte == b'\n')).filter(|(_, line)| !line.trim_ascii().is_empty());
    lines.map(|(number, line)| {
        let content = if line.len() > LONGEST_ROW {
            Err(too_long())
        } else {
            lambda::json::read(line).map_err(|problem| problem.to_string())
        };
        Line::new(number, content)
    })
}

fn too_long() -> String {
    format!("is longer than {LONGEST_ROW} bytes")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(format: Format, text: &str) -> Vec<(u32, Result<Value, String>)> {
        format
            .read(text.as_bytes(), None, None)
            .unwrap()
            .lines
            .into_iter()
            .map(|line| (line.number, line.content))
            .collect()
    }

    #[test]
    fn a_line_of_json_is_a_row() {
        let rows = read(Format::JsonLines, "{\"title\": \"Lamp\"}\r\n\n{not json\n{}");
        let numbers: Vec<u32> = rows.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [1, 3, 4]);
        assert_eq!(rows[0].1, Ok(json!({"title": "Lamp"})));
        assert!(rows[1].1.as_ref().unwrap_err().starts_with("malformed-json"), "{:?}", rows[1]);
    }

    #[test]
    fn what_a_row_says_twice_is_not_read() {
        let rows = read(Format::JsonLines, r#"{"title": "Lamp", "title": "Chair"}"#);
        assert!(rows[0].1.as_ref().unwrap_err().contains("/title is given more than once"), "{:?}", rows[0]);
    }

    #[test]
    fn json_lines_are_read_in_any_unicode_encoding() {
        let text = "\u{feff}{\"title\": \"Größe\"}\n";
        let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &utf_16] {
            let rows = Format::JsonLines.read(bytes, None, None).unwrap().lines;
            assert_eq!(rows[0].content, Ok(json!({"title": "Größe"})));
        }
    }

    #[test]
    fn a_media_type_is_the_same_in_whatever_case() {
        assert_eq!(Format::of("Text/CSV; charset=utf-8"), Some(Format::Csv));
        assert_eq!(Format::of("application/csv"), Some(Format::Csv));
        assert_eq!(Format::of("application/vnd.ms-excel"), Some(Format::Csv));
        assert_eq!(Format::of("APPLICATION/X-NDJSON"), Some(Format::JsonLines));
        assert_eq!(Format::of("text/plain"), None);
    }

    #[test]
    fn a_media_type_may_name_a_charset() {
        assert_eq!(charset("text/csv; header=present; Charset=\"Windows-1252\""), Some("Windows-1252"));
        assert_eq!(charset("text/csv;charset=utf-8"), Some("utf-8"));
        assert_eq!(charset("text/csv; header=present"), None);
    }

    #[test]
    fn a_file_without_rows_or_with_too_many_is_refused() {
        let refused = |format: Format, text: &str| format.read(text.as_bytes(), None, None).err();
        assert_eq!(refused(Format::JsonLines, " \n"), Some(Rejection::Empty));
        assert_eq!(refused(Format::Csv, ""), Some(Rejection::Empty));
        assert_eq!(refused(Format::Csv, "title,sku\n"), Some(Rejection::Empty));
        for (format, header, row) in [(Format::JsonLines, "", "{}\n"), (Format::Csv, "title\n", "x\n")] {
            assert_eq!(read(format, &(header.to_owned() + &row.repeat(MOST_ROWS))).len(), MOST_ROWS);
            let more = header.to_owned() + &row.repeat(MOST_ROWS + 1);
            assert_eq!(refused(format, &more), Some(Rejection::TooManyRows));
        }
    }

    #[test]
    fn a_row_has_a_maximum_length() {
        let long = format!("{{\"title\": \"{}\"}}", "x".repeat(LONGEST_ROW));
        assert_eq!(read(Format::JsonLines, &long)[0].1, Err(too_long()));
        assert_eq!(read(Format::Csv, &format!("title\n{long}"))[0].1, Err(too_long()));
    }

    #[test]
    fn the_reason_for_a_row_of_csv_names_columns() {
        let problem = Problem::invalid("/variants/0/prices/0/amount", "is too large");
        let product = json!({"variants": [{"prices": [{"currency": "GBP"}]}]});
        assert_eq!(Format::Csv.reason(&problem, &product), "price.GBP: is too large");
        assert!(Format::JsonLines.reason(&problem, &product).contains("/variants/0/prices/0/amount is too large"));
        let other = Problem::not_found("product");
        assert_eq!(Format::Csv.reason(&other, &product), other.to_string());
    }
}
