//! CSV with one variant a row, in columns with our names.

use std::collections::BTreeMap;

use csv::StringRecord;
use serde_json::{Map, Value, json};

use super::{
    Line, Rejection, Sheet, assembly, cell,
    column::Column,
    exports,
    lines::Lines,
    records::{self, Record, SEPARATORS},
};
use contracts::Currency;

/// How texts that would otherwise be split are kept together.
const QUOTE_THEM: &str = "Put a text with a separator or a line end between quotation marks";

/// Reads the rows of a file: an export of another shop, or one in our columns. Rows without any text are left out.
/// `currency` is that of the prices of an export.
pub(super) fn read(text: &str, currency: Option<Currency>) -> Result<Sheet, Rejection> {
    // API Gateway replaces what it cannot decode. Others may have done so before.
    if let Some(end) = text.find(char::REPLACEMENT_CHARACTER) {
        return Err(Rejection::Encoding { line: Lines::new(text.as_bytes()).of(end as u64) });
    }
    let (separator, text) = records::declared(text).map_or((None, text), |(separator, text)| (Some(separator), text));
    let separators = separator.as_ref().map_or(&SEPARATORS[..], std::slice::from_ref);
    if let Some(export) = exports::recognise(text, separators) {
        return export.read(text, currency);
    }
    let header = separator.map_or_else(|| Header::guess(text), |separator| Header::read(text, separator));
    header.check()?;
    let rows = header.rows(text);
    let decimals = header.decimals(&rows);
    let lines = rows.into_iter().map(|(number, cells)| match cells {
        Ok(cells) => header.line(number, &cells, &decimals),
        Err(reason) => Line::refused(number, reason),
    });
    Ok(Sheet { lines: lines.collect(), warnings: Vec::new() })
}

/// The first line with text, read with one separator.
struct Header {
    separator: u8,
    names: StringRecord,
    /// The known columns. They are the columns of the file if none is unknown.
    columns: Vec<Column>,
    unknown: Vec<String>,
}

/// The first row of each column that has decimals.
type Decimals = BTreeMap<usize, u32>;

impl Header {
    /// The header with the separator that makes the most known columns.
    fn guess(text: &str) -> Self {
        let [usual, others @ ..] = SEPARATORS;
        others.into_iter().map(|separator| Self::read(text, separator)).fold(Self::read(text, usual), |best, other| {
            if other.columns.len() > best.columns.len() { other } else { best }
        })
    }

    fn read(text: &str, separator: u8) -> Self {
        let names = records::header(text, separator);
        let (mut columns, mut unknown) = (Vec::new(), Vec::new());
        for name in &names {
            match Column::named(name) {
                Some(column) => columns.push(column),
                None => unknown.push(name.to_owned()),
            }
        }
        Self { separator, names, columns, unknown }
    }

    fn check(&self) -> Result<(), Rejection> {
        if !self.unknown.is_empty() {
            return Err(Rejection::UnknownColumns(self.unknown.clone()));
        }
        for (at, column) in self.columns.iter().enumerate() {
            if *column != Column::Nameless && self.columns[..at].contains(column) {
                return Err(Rejection::RepeatedColumn(self.names[at].to_owned()));
            }
        }
        Ok(())
    }

    /// The rows after the header with their lines, and why a row does not fit the header.
    fn rows(&self, text: &str) -> Vec<Record> {
        let rows = records::rows(text, self.separator).into_iter();
        let fitting = |cells: StringRecord| self.fit(&cells).map(|()| cells);
        rows.map(|(number, cells)| (number, cells.and_then(fitting))).collect()
    }

    /// Checks that each cell has a column, and each column with a name a cell.
    fn fit(&self, record: &StringRecord) -> Result<(), String> {
        let (cells, columns) = (record.len(), self.columns.len());
        let named = self.columns.iter().rposition(|column| *column != Column::Nameless).map_or(0, |last| last + 1);
        if cells < named || record.iter().skip(columns).any(|cell| !cell.is_empty()) {
            return Err(format!("has {cells} cells, and the header has {columns} columns. {QUOTE_THEM}"));
        }
        let mut nameless = (1..).zip(record).zip(&self.columns).filter(|(_, column)| **column == Column::Nameless);
        nameless.find(|((_, cell), _)| !cell.is_empty()).map_or(Ok(()), |((at, cell), _)| {
            Err(format!("has {} in column {at}, which has no name. {QUOTE_THEM}", cell::quote(cell)))
        })
    }

    fn decimals(&self, rows: &[Record]) -> Decimals {
        let mut decimals = Decimals::new();
        for at in 0..self.columns.len() {
            let has_decimals = |cells: &StringRecord| cells.get(at).is_some_and(cell::is_decimal);
            let row = rows.iter().find(|(_, cells)| cells.as_ref().is_ok_and(has_decimals));
            decimals.extend(row.map(|(number, _)| (at, *number)));
        }
        decimals
    }

    /// A row, with warnings. Without a price, a product is a draft, unless the row names another status.
    fn line(&self, number: u32, record: &StringRecord, decimals: &Decimals) -> Line {
        let mut line = Line::new(number, self.product(record, decimals));
        if let Ok(product) = &mut line.content {
            if product["variants"][0]["prices"].as_array().is_some_and(Vec::is_empty) {
                if product.get("status").is_none() {
                    product["status"] = "draft".into();
                }
                line.warnings.push(assembly::NO_PRICE.to_owned());
            }
            if product.get("images").is_none() {
                line.warnings.push(assembly::NO_IMAGE.to_owned());
            }
        }
        line
    }

    /// Converts a row into a product in the format of `POST /v1/products`. An empty cell counts as absent.
    fn product(&self, record: &StringRecord, decimals: &Decimals) -> Result<Value, String> {
        let (mut product, mut variant, mut prices) = (Map::new(), Map::new(), Vec::new());
        let (mut options, mut attributes, mut reasons) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
        for (at, (column, cell)) in
            self.columns.iter().zip(record).enumerate().filter(|(_, (_, cell))| !cell.is_empty())
        {
            match column {
                Column::Nameless => {}
                Column::Text(field) => drop(product.insert((*field).to_owned(), cell.into())),
                Column::CategoryIds => drop(product.insert("categoryIds".to_owned(), cell::words(cell).into())),
                Column::Images => match cell::images(cell) {
                    Ok(images) => drop(product.insert("images".to_owned(), images.into())),
                    Err(reason) => reasons.push(reason),
                },
                Column::Sku => drop(variant.insert("sku".to_owned(), cell.into())),
                Column::Price(currency) => match (cell::price(cell, *currency), decimals.get(&at)) {
                    (Ok(_), Some(row)) => reasons.push(format!(
                        "{}. Row {row} has decimals in this column, so this row is not imported either",
                        cell::wanted(*currency)
                    )),
                    (Ok(amount), None) => prices.push(json!({"currency": currency, "amount": amount})),
                    (Err(reason), _) => reasons.push(reason),
                },
                Column::Option(name) => drop(options.insert(name, cell)),
                Column::Attribute(name) => drop(attributes.insert(name, cell)),
            }
        }
        if !reasons.is_empty() {
            return Err(reasons.join("; "));
        }
        variant.insert("options".to_owned(), json!(options));
        variant.insert("prices".to_owned(), prices.into());
        product.insert("attributes".to_owned(), json!(attributes));
        product.insert("variants".to_owned(), json!([variant]));
        Ok(product.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Format, *};

    type Rows = Vec<(u32, Result<Value, String>)>;

    fn rows(text: &str) -> Rows {
        let sheet = Format::Csv.read(text.as_bytes(), None, None).unwrap();
        sheet.lines.into_iter().map(|line| (line.number, line.content)).collect()
    }

    fn refused(text: &str) -> Rejection {
        Format::Csv.read(text.as_bytes(), None, None).err().unwrap()
    }

    fn reason(text: &str) -> String {
        let rows = rows(text);
        rows.into_iter().find_map(|(_, content)| content.err()).unwrap()
    }

    fn numbers(rows: &Rows) -> Vec<u32> {
        rows.iter().map(|(number, _)| *number).collect()
    }

    fn unknown<const N: usize>(names: [&str; N]) -> Rejection {
        Rejection::UnknownColumns(names.map(str::to_owned).to_vec())
    }

    fn lamp() -> Value {
        json!({
            "title": "Lamp", "description": "Größe, 1", "attributes": {},
            "variants": [{"sku": "L-1", "options": {}, "prices": [{"currency": "EUR", "amount": 100}]}],
        })
    }

    #[test]
    fn a_row_is_a_product_with_one_variant() {
        let text = "title,sku,price.EUR,price.USD,option.colour,attribute.material,categoryIds,images\n\
                    Lamp,LAMP-1,4999,,red,steel,a b,\n\
                    \"Two\nlines\",LAMP-2,,1,,,,\"https://a.example/1.jpg, /2.jpg\"";
        let rows = rows(text);
        let lamp = json!({
            "title": "Lamp", "attributes": {"material": "steel"}, "categoryIds": ["a", "b"],
            "variants": [{"sku": "LAMP-1", "options": {"colour": "red"}, "prices": [{"currency": "EUR", "amount": 4999}]}],
        });
        assert_eq!(rows[0], (2, Ok(lamp)));
        let second = rows[1].1.as_ref().unwrap();
        assert_eq!((rows[1].0, &second["title"]), (3, &json!("Two\nlines")));
        assert_eq!(second["images"], json!(["https://a.example/1.jpg", "/2.jpg"]));
        assert_eq!(second["variants"][0]["prices"], json!([{"currency": "USD", "amount": 1}]));
    }

    #[test]
    fn lines_are_counted_whatever_ends_them() {
        let rows = rows("title,sku\rLamp,A\r\rStool,B\n\n\r\nDesk,\"C\r\n\"\r\nbad\n");
        assert_eq!(numbers(&rows), [2, 4, 7, 9]);
    }

    #[test]
    fn a_file_is_the_same_with_any_separator_and_any_line_end() {
        for separator in [",", ";", "\t", "|"] {
            for end in ["\n", "\r\n", "\r"] {
                let quoted = format!("\u{feff}\"SEP={separator}\"{end}");
                for begin in ["", "\u{feff}", &format!("sep={separator}{end}"), &quoted] {
                    for last in ["", end] {
                        let header = ["title", "description", "sku", "price.EUR"].join(separator);
                        let row = ["Lamp", "\"Größe, 1\"", "L-1", "100"].join(separator);
                        let text = format!("{begin}{header}{end}{row}{last}");
                        let number = if begin.len() > 3 { 3 } else { 2 };
                        assert_eq!(rows(&text), [(number, Ok(lamp()))], "{text:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_declared_separator_counts() {
        let rows = rows("sep=;\ntitle;option.a,option.b\nLamp;x,y\n");
        assert_eq!(rows[0].1.as_ref().unwrap()["variants"][0]["options"], json!({"a,option.b": "x,y"}));
        assert_eq!(refused("sep=,\ntitle;sku\nLamp;L\n"), unknown(["title;sku"]));
        assert_eq!(refused("sep=^\ntitle^sku\nLamp^L\n"), unknown(["sep=^"]));
        assert_eq!(refused("cost,\nsku\nL\n"), unknown(["cost"]));
    }

    #[test]
    fn a_comma_is_the_separator_in_case_of_doubt() {
        let rows = rows("option.a,option.b;option.c\nx,y\n");
        assert_eq!(rows[0].1.as_ref().unwrap()["variants"][0]["options"], json!({"a": "x", "b;option.c": "y"}));
    }

    #[test]
    fn the_separator_is_the_one_that_makes_known_columns() {
        let rows = rows("title,option.a;b;c;d\nLamp,x;y\n");
        assert_eq!(rows[0].1.as_ref().unwrap()["variants"][0]["options"], json!({"a;b;c;d": "x;y"}));
    }

    #[test]
    fn spaces_around_a_cell_are_left_out() {
        assert_eq!(
            rows("title , description, sku,price.EUR\n Lamp ,\" Größe, 1\",L-1 ,\u{a0}100\n"),
            [(2, Ok(lamp()))]
        );
    }

    #[test]
    fn the_case_of_a_header_does_not_matter() {
        assert_eq!(rows("Title,Description,SKU,Price.EUR\nLamp,\"Größe, 1\",L-1,100\n"), [(2, Ok(lamp()))]);
    }

    #[test]
    fn columns_without_a_name_and_rows_without_text_are_left_out() {
        let text = ",,,,\ntitle,description,sku,,price.EUR,,\nLamp,\"Größe, 1\",L-1,,100\n,,,,,,\nLamp,\"Größe, 1\",L-1,,100,,,,\n,\n";
        assert_eq!(rows(text), [(3, Ok(lamp())), (5, Ok(lamp()))]);
        let reason = reason("title,sku,price.EUR,\nLamp,L,19,99\n");
        assert!(reason.starts_with("has \"99\" in column 4, which has no name."), "{reason}");
    }

    #[test]
    fn a_row_has_a_cell_for_each_column_with_a_name() {
        for row in ["Lamp,L", "Lamp", "Lamp,L,19,99", "Lamp,first line\nsecond line,L,100"] {
            let reason = reason(&format!("title,sku,price.EUR\n{row}\n"));
            assert!(reason.contains("cells, and the header has 3 columns. Put a text"), "{row}: {reason}");
        }
    }

    #[test]
    fn a_bad_row_does_not_affect_the_others() {
        let rows = rows("title,sku\nLamp,L,surplus\nChair,C\n");
        assert_eq!(numbers(&rows), [2, 3]);
        assert!(rows[0].1.is_err() && rows[1].1.is_ok());
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_is_noticed() {
        for end in ["", "\n", "\r\n", "\r", "\n\n"] {
            let rows = rows(&format!("title,sku,description\nStool,S,good\nLamp,L,\"bright\nDesk,D,flat{end}"));
            assert_eq!((numbers(&rows), rows[0].1.is_ok()), (vec![2, 3], true));
            assert!(rows[1].1.as_ref().is_err_and(|reason| reason.contains("not closed")), "{end:?}: {rows:?}");
            let closed = super::tests::rows(&format!("title,sku,description\nRack 19\",R,\"a \"\"b\"\"\"{end}"));
            assert_eq!(closed[0].1.as_ref().unwrap()["description"], "a \"b\"", "{end:?}");
        }
    }

    #[test]
    fn all_unknown_columns_are_named() {
        assert_eq!(refused("title,Stock,sku,colour\nLamp,1,L,red\n"), unknown(["Stock", "colour"]));
        assert_eq!(refused("title;stock;sku\nLamp;1;L\n"), unknown(["stock"]));
        assert_eq!(refused("title,price.XXX\nLamp,1\n"), unknown(["price.XXX"]));
    }

    #[test]
    fn a_column_occurs_once() {
        let repeated = |name: &str| Rejection::RepeatedColumn(name.to_owned());
        assert_eq!(refused("title,sku,Title\nLamp,L,Chair\n"), repeated("Title"));
        assert_eq!(refused("price.EUR,price.eur\n1,2\n"), repeated("price.eur"));
        assert_eq!(refused("option.a,option.a\n1,2\n"), repeated("option.a"));
        assert!(rows("option.a,option.A\n1,2\n")[0].1.is_ok(), "names of options keep their case");
    }

    #[test]
    fn a_text_that_was_damaged_is_refused() {
        assert_eq!(refused("title,sku\nGr\u{fffd}\u{fffd}e,L\n"), Rejection::Encoding { line: 2 });
    }

    #[test]
    fn all_wrong_cells_of_a_row_are_named() {
        let reason = reason("title,price.EUR,price.USD,images\nLamp,19.99,x,back.jpg\n");
        for part in ["price.EUR must be", "price.USD must be", "images has \"back.jpg\""] {
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn a_price_with_decimals_casts_doubt_on_its_column() {
        // A spreadsheet writes 20.00 as 20.
        let text = "title,sku,price.EUR,price.USD,attribute.weight\n\
                    Lamp,A,20,20,1.5\nStool,B,19.99,20,1.5\nDesk,C,,20,1.5\nChair,D,many,20,1.5\n";
        let rows = rows(text);
        assert_eq!(rows.iter().map(|(_, content)| content.is_ok()).collect::<Vec<_>>(), [false, false, true, false]);
        let reason = rows[0].1.as_ref().unwrap_err();
        assert!(reason.starts_with("price.EUR must be") && reason.contains("Row 3 has decimals"), "{reason}");
        assert!(super::tests::rows("price.EUR\n20\nmany\n")[0].1.is_ok());
    }
}
