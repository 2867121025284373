//! Files of products: JSON lines, or CSV with one variant a row.

use std::collections::{BTreeMap, HashSet};

use csv::{Reader, ReaderBuilder, StringRecord};
use serde_json::{Map, Value, json};

/// The maximum number of rows of a file.
pub(crate) const MOST_ROWS: usize = 20_000;
/// The maximum size of a row, in bytes.
const LONGEST_ROW: usize = 48 * 1024;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Each line is a product, in the format of `POST /v1/products`.
    JsonLines,
    /// A header, then rows. Each row is a product with one variant.
    Csv,
}

/// A row of a file, and the line that it begins on.
pub struct Line {
    pub number: u32,
    /// A product as JSON, unchecked, or why the row cannot be read.
    pub content: Result<Value, String>,
}

/// The reason why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The file has no rows.
    Empty,
    /// The file has too many rows.
    TooManyRows,
    /// A column has an unknown name.
    UnknownColumn(String),
    /// The header cannot be read.
    Header(String),
}

impl Format {
    /// The format of a media type. JSON is accepted as JSON lines, because a single product is one line.
    pub fn of(media_type: &str) -> Option<Self> {
        match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/x-ndjson" | "application/jsonl" | "application/json" => Some(Self::JsonLines),
            "text/csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// Reads the rows of a file. An invalid row does not affect the others.
    pub fn read(self, bytes: &[u8]) -> Result<Vec<Line>, Rejection> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let lines: Vec<Line> = match self {
            Self::JsonLines => json_lines(bytes).take(MOST_ROWS + 1).collect(),
            Self::Csv => csv_rows(bytes)?,
        };
        match lines.len() {
            0 => Err(Rejection::Empty),
            1..=MOST_ROWS => Ok(lines),
            _ => Err(Rejection::TooManyRows),
        }
    }
}

fn json_lines(bytes: &[u8]) -> impl Iterator<Item = Line> {
    let lines = (1..).zip(bytes.split(|byte| *byte == b'\n')).filter(|(_, line)| !line.trim_ascii().is_empty());
    lines.map(|(number, line)| {
        let content = if line.len() > LONGEST_ROW {
            Err(too_long())
        } else {
            lambda::json::read(line).map_err(|problem| problem.to_string())
        };
        Line { number, content }
    })
}

/// The meaning of a column.
enum Column {
    /// A field of the product.
    Text(&'static str),
    /// A field with several values, separated by spaces.
    List(&'static str),
    Sku,
    /// `price.EUR`: minor units.
    Price(String),
    /// `option.colour`
    Option(String),
    /// `attribute.material`
    Attribute(String),
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "title" => Self::Text("title"),
            "description" => Self::Text("description"),
            "status" => Self::Text("status"),
            "categoryIds" => Self::List("categoryIds"),
            "images" => Self::List("images"),
            "sku" => Self::Sku,
            _ => match name.split_once('.')? {
                ("price", currency) => Self::Price(currency.to_owned()),
                ("option", name) => Self::Option(name.to_owned()),
                ("attribute", name) => Self::Attribute(name.to_owned()),
                _ => return None,
            },
        })
    }
}

fn csv_rows(bytes: &[u8]) -> Result<Vec<Line>, Rejection> {
    let mut reader = ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes);
    let header = reader.headers().map_err(|error| Rejection::Header(error.to_string()))?.clone();
    let column = |name: &str| Column::named(name).ok_or_else(|| Rejection::UnknownColumn(name.to_owned()));
    let columns = header.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    let mut seen = HashSet::new();
    if let Some(twice) = header.iter().find(|name| !seen.insert(*name)) {
        return Err(Rejection::Header(format!("it has {twice} more than once")));
    }
    let (mut lines, mut places) = (Vec::new(), Lines { bytes, at: 0, line: 1 });
    while let Some(line) = csv_row(&mut reader, &columns, &mut places)
        && lines.len() <= MOST_ROWS
    {
        lines.push(line);
    }
    Ok(lines)
}

fn csv_row(reader: &mut Reader<&[u8]>, columns: &[Column], places: &mut Lines<'_>) -> Option<Line> {
    let number = places.of(reader.position().byte());
    let mut record = StringRecord::new();
    let content = match reader.read_record(&mut record) {
        Ok(false) => return None,
        Ok(true) if record.as_slice().len() > LONGEST_ROW => Err(too_long()),
        Ok(true) => Ok(product(columns, &record)),
        Err(error) => Err(match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("has {len} columns, and the header {expected_len}")
            }
            _ => format!("cannot be read: {error}"),
        }),
    };
    Some(Line { number, content })
}

/// Counts lines with any kind of line end. The CSV reader counts only line feeds, and does not count empty lines.
struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The line of the text at or after a position. Positions must be given in ascending order.
    fn of(&mut self, place: u64) -> u32 {
        while let Some(byte) = self.bytes.get(self.at)
            && ((self.at as u64) < place || matches!(byte, b'\r' | b'\n'))
        {
            let ends = match byte {
                b'\r' => true,
                b'\n' => !self.bytes[..self.at].ends_with(b"\r"),
                _ => false,
            };
            self.line += u32::from(ends);
            self.at += 1;
        }
        self.line
    }
}

/// Converts a row into a product in the format of `POST /v1/products`. An empty cell counts as absent.
fn product(columns: &[Column], record: &StringRecord) -> Value {
    let (mut product, mut variant, mut prices) = (Map::new(), Map::new(), Vec::new());
    let (mut options, mut attributes) = (BTreeMap::new(), BTreeMap::new());
    for (column, cell) in columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        match column {
            Column::Text(field) => drop(product.insert((*field).to_owned(), cell.into())),
            Column::List(field) => {
                product.insert((*field).to_owned(), cell.split_whitespace().collect::<Vec<_>>().into());
            }
            Column::Sku => drop(variant.insert("sku".to_owned(), cell.into())),
            Column::Price(currency) => {
                // A value that is not a number stays a text, and the validation refuses it.
                let amount = cell.parse::<i64>().map_or_else(|_| Value::from(cell), Value::from);
                prices.push(json!({"currency": currency, "amount": amount}));
            }
            Column::Option(name) => drop(options.insert(name, cell)),
            Column::Attribute(name) => drop(attributes.insert(name, cell)),
        }
    }
    variant.insert("options".to_owned(), json!(options));
    variant.insert("prices".to_owned(), prices.into());
    product.insert("attributes".to_owned(), json!(attributes));
    product.insert("variants".to_owned(), json!([variant]));
    product.into()
}

fn too_long() -> String {
    format!("is longer than {LONGEST_ROW} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Format, text: &str) -> Vec<(u32, Result<Value, String>)> {
        format.read(text.as_bytes()).unwrap().into_iter().map(|line| (line.number, line.content)).collect()
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        let rows = read(Format::Csv, "title,sku\rLamp,A\r\rStool,B\n\n\r\nDesk,\"C\r\n\"\r\nbad\n");
        let numbers: Vec<u32> = rows.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 4, 7, 9]);
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
        let header = Format::Csv.read(b"title,sku,title\nLamp,L,Chair\n").err();
        assert_eq!(header, Some(Rejection::Header("it has title more than once".to_owned())));
    }

    #[test]
    fn a_media_type_is_the_same_in_whatever_case() {
        assert_eq!(Format::of("Text/CSV; charset=utf-8"), Some(Format::Csv));
        assert_eq!(Format::of("APPLICATION/X-NDJSON"), Some(Format::JsonLines));
        assert_eq!(Format::of("text/plain"), None);
    }

    #[test]
    fn a_row_of_csv_is_a_product_with_one_variant() {
        let text = "title,sku,price.EUR,price.USD,option.colour,attribute.material,categoryIds,images\n\
                    Lamp,LAMP-1,4999,,red,steel,a b,\n\
                    \"Two\nlines\",LAMP-2,cheap,1,,,,";
        let rows = read(Format::Csv, text);
        let lamp = json!({
            "title": "Lamp", "attributes": {"material": "steel"}, "categoryIds": ["a", "b"],
            "variants": [{"sku": "LAMP-1", "options": {"colour": "red"}, "prices": [{"currency": "EUR", "amount": 4999}]}],
        });
        assert_eq!(rows[0], (2, Ok(lamp)));
        let (number, second) = (&rows[1].0, rows[1].1.as_ref().unwrap());
        assert_eq!((number, &second["title"]), (&3, &json!("Two\nlines")));
        assert_eq!(second["variants"][0]["prices"][0]["amount"], "cheap");
    }

    #[test]
    fn a_bad_row_of_csv_stands_in_nobodys_way() {
        let bytes = b"title,sku\nLamp,L,surplus\n\xff,M\nChair,C\n";
        let rows: Vec<_> = Format::Csv.read(bytes).unwrap();
        assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(rows.iter().map(|row| row.content.is_ok()).collect::<Vec<_>>(), [false, false, true]);
    }

    #[test]
    fn what_is_no_file_of_products_is_refused() {
        let refused = |format: Format, text: &str| format.read(text.as_bytes()).err();
        assert_eq!(refused(Format::JsonLines, " \n"), Some(Rejection::Empty));
        assert_eq!(refused(Format::Csv, "title,sku\n"), Some(Rejection::Empty));
        assert_eq!(refused(Format::Csv, "title,colour\nLamp,red"), Some(Rejection::UnknownColumn("colour".to_owned())));
        assert_eq!(refused(Format::JsonLines, &"{}\n".repeat(MOST_ROWS + 1)), Some(Rejection::TooManyRows));
        assert_eq!(
            refused(Format::Csv, &("title\n".to_owned() + &"x\n".repeat(MOST_ROWS + 1))),
            Some(Rejection::TooManyRows)
        );
    }

    #[test]
    fn a_row_has_its_bounds() {
        let long = format!("{{\"title\": \"{}\"}}", "x".repeat(LONGEST_ROW));
        assert_eq!(read(Format::JsonLines, &long)[0].1, Err(too_long()));
        assert_eq!(read(Format::Csv, &format!("title\n{long}"))[0].1, Err(too_long()));
    }
}
