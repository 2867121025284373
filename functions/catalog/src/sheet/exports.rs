//! Exports of other shop systems, recognised by their headers.

use contracts::Currency;

use super::{MOST_ROWS, Rejection, Sheet, columns::Columns, records, shopify, woocommerce};

/// The shop system of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    Shopify,
    WooCommerce,
}

/// An export, and how it is separated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Export {
    system: System,
    separator: u8,
}

/// Recognises an export with one of these separators.
pub(super) fn recognise(text: &str, separators: &[u8]) -> Option<Export> {
    separators.iter().find_map(|separator| {
        let names = records::header(text, *separator);
        let has =
            |wanted: &[&str]| names.iter().any(|name| wanted.iter().any(|wanted| name.eq_ignore_ascii_case(wanted)));
        let system = if has(&["handle", "url handle"]) && has(&["title"]) {
            System::Shopify
        } else if has(&["name"]) && has(&["regular price", "in stock?", "is featured?", "visibility in catalog"]) {
            System::WooCommerce
        } else {
            return None;
        };
        Some(Export { system, separator: *separator })
    })
}

impl Export {
    pub(super) fn read(self, text: &str, currency: Option<Currency>) -> Result<Sheet, Rejection> {
        let of = match self.system {
            System::Shopify => "Shopify",
            System::WooCommerce => "WooCommerce",
        };
        let currency = currency.ok_or(Rejection::NoCurrency { of })?;
        let names = records::header(text, self.separator);
        let rows = records::rows(text, self.separator);
        if rows.len() > MOST_ROWS {
            return Err(Rejection::TooManyRows);
        }
        let mut columns = Columns::new(&names);
        let lines = match self.system {
            System::Shopify => shopify::read(&mut columns, &rows, currency),
            System::WooCommerce => woocommerce::read(&mut columns, &rows, currency),
        };
        let mut warnings = columns.ignored(&rows);
        let units = lines.iter().flat_map(|line| &line.stock).count();
        if units > 0 {
            warnings.push(format!(
                "The stock of {units} SKUs is not imported. Download the adjustments of this import, and send them to \
                 POST /v1/stock/{{sku}}/adjustments"
            ));
        }
        Ok(Sheet { lines, warnings })
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Format, *};

    fn system(header: &str) -> Option<(System, char)> {
        let export = recognise(&format!("{header}\nx\n"), &records::SEPARATORS)?;
        Some((export.system, char::from(export.separator)))
    }

    #[test]
    fn an_export_is_recognised_by_its_header() {
        for (header, expected) in [
            ("Handle,Title,Body (HTML),Vendor,Variant Price", Some((System::Shopify, ','))),
            ("Title,URL handle,Description,Price", Some((System::Shopify, ','))),
            ("handle;title;variant price", Some((System::Shopify, ';'))),
            ("ID,Type,SKU,Name,Published,\"Is featured?\",\"Regular price\"", Some((System::WooCommerce, ','))),
            ("id\ttype\tname\tregular price", Some((System::WooCommerce, '\t'))),
            ("title,sku,price.EUR", None),
            ("name,price", None),
        ] {
            assert_eq!(system(header), expected, "{header}");
        }
    }

    #[test]
    fn an_export_names_no_currency_so_the_request_must() {
        for (header, of) in [("Handle,Title", "Shopify"), ("Name,Regular price", "WooCommerce")] {
            let refused = Format::Csv.read(format!("{header}\nx,1\n").as_bytes(), None, None).err();
            assert_eq!(refused, Some(Rejection::NoCurrency { of }));
        }
    }

    #[test]
    fn the_columns_that_are_not_read_are_named_once() {
        let text = "Handle,Title,Variant SKU,Variant Price,Image Src,Cost per item,Variant Grams,Variant Barcode\n\
                    a,A,A,1,https://a.example/1.jpg,5,,1\nb,B,B,1,https://a.example/1.jpg,,,2\n";
        let sheet = Format::Csv.read(text.as_bytes(), None, Some(Currency::Eur)).unwrap();
        assert_eq!(sheet.warnings, ["These columns are not imported: \"Cost per item\", \"Variant Barcode\""]);
        assert!(sheet.lines.iter().all(|line| line.warnings.is_empty()));
    }

    #[test]
    fn an_export_with_too_many_rows_is_refused_whole() {
        let text = "Handle,Title\n".to_owned() + &"a,A\n".repeat(MOST_ROWS + 1);
        assert_eq!(Format::Csv.read(text.as_bytes(), None, Some(Currency::Eur)).err(), Some(Rejection::TooManyRows));
    }
}
